"""Make paired speech and motion ready for training, and look at what is there."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "prepare recorded speech and motion for training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    prepare = actions.add_parser("prepare", help="recordings of speech and motion to a corpus for training")
    _add_source(prepare)
    prepare.add_argument("--out", type=Path, required=True, help="folder of the prepared corpus")
    prepare.add_argument("--mapping", help="which joint is which: a file, or a name in config/mappings")
    prepare.add_argument("--offset", type=float, default=0.0, help="lag of the motion behind the sound [s], taken out")
    prepare.add_argument("--longest", type=float, default=60.0, help="longest clip [s] (%(default)s)")
    prepare.add_argument("--shortest", type=float, default=4.0, help="shortest stretch to keep [s] (%(default)s)")
    prepare.add_argument("--video-rate", type=float, help="pictures a second of OpenPose frames (rate_hz.txt)")
    prepare.add_argument("--keep-frozen", action="store_true", help="motion that stands still is meant so")
    prepare.add_argument("--seed", type=int, default=0, help="draws the splits (%(default)s)")
    for split in ("validation", "test"):
        prepare.add_argument(f"--{split}", default=[], nargs="+", metavar="NAME",
                             help=f"speakers (or recordings) of the {split} split")
    prepare.add_argument("--own-split", action="store_true", help="not the split that the publishers made")
    prepare.add_argument("--workers", type=int, default=1, help="processes (%(default)s)")
    prepare.set_defaults(act=run_prepare)
    mapping = actions.add_parser("map", help="which joint is which in a source; --out writes a file to edit")
    _add_source(mapping)
    mapping.add_argument("--out", type=Path, help="mapping file to write")
    mapping.set_defaults(act=run_map)
    show = actions.add_parser("show", help="what a prepared corpus holds")
    show.add_argument("prepared", type=Path, help="folder of a prepared corpus")
    show.set_defaults(act=run_show)
    choreograph = actions.add_parser("choreograph", help="recorded speech of the data folder, composed motion")
    choreograph.add_argument("--minutes", type=float, required=True, help="speech to use [min]")
    choreograph.add_argument("--speakers", type=int, help="only so many, those with the most speech (all)")
    choreograph.add_argument("--seed", type=int, default=0, help="draws speakers, splits, performances (%(default)s)")
    choreograph.add_argument("--out", type=Path, required=True, help="folder of the prepared corpus")
    choreograph.set_defaults(act=run_choreograph)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, help="folder with sound and motion files")
    parser.add_argument("--layout", help="how the files lie (found out): takeuchi, talking_with_hands, zeroeggs, beat, "
                        "beat2, trinity, openpose, plain")
    parser.add_argument("--speaker-pattern", metavar="REGEX", help="its group is the speaker in a motion file's path")


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return int(args.act(args))


def run_prepare(args: argparse.Namespace) -> int:
    """Prepare, then print what there is."""
    from tqdm import tqdm

    from speech_gesture_ros.datasets.convert import ConvertOptions
    from speech_gesture_ros.datasets.prepare import PrepareOptions, prepare
    from speech_gesture_ros.datasets.summary import summarise

    convert = ConvertOptions(args.mapping, args.offset, args.longest, args.shortest, args.video_rate, args.keep_frozen)
    wished = tuple((name, split) for split in ("validation", "test") for name in getattr(args, split))
    options = PrepareOptions(convert, args.layout, args.speaker_pattern, args.seed, wished, not args.own_split,
                             args.workers)
    corpus = prepare(args.source, args.out, options,
                     lambda jobs, count: tqdm(jobs, total=count, desc="preparing", unit="recording"))
    print(summarise(corpus))
    print(f"split by {corpus.manifest['split_by']}\nwhat was dropped, and why: {args.out / 'report.md'}")
    return 0


def run_map(args: argparse.Namespace) -> int:
    """Print how the first recording's joints are understood; write it as a mapping file if asked to."""
    from speech_gesture_ros.datasets.inspection import inspect_source

    description, text = inspect_source(args.source, args.layout, args.speaker_pattern)
    print(description)
    if args.out is not None:
        args.out.write_text(text, encoding="utf-8")
        print(f"\nwritten to {args.out}: edit it, then prepare with --mapping {args.out}")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Print minutes, speakers and kinds of motion of each split."""
    from speech_gesture_ros.datasets.prepared import open_corpus
    from speech_gesture_ros.datasets.summary import summarise

    print(summarise(open_corpus(args.prepared)))
    return 0


def run_choreograph(args: argparse.Namespace) -> int:
    """Make the corpus; the data folder is SPEECH_GESTURE_DATA, or ../shared/data."""
    from speech_gesture_ros.datasets.speech_recordings import data_folder
    from speech_gesture_ros.datasets.summary import summarise
    from speech_gesture_ros.training.composition.composed_corpus import make_choreographed_corpus

    print(summarise(make_choreographed_corpus(data_folder(), args.out, minutes=args.minutes, seed=args.seed,
                                              speakers=args.speakers)))
    return 0
