"""Prepare recorded speech and motion for training, and show what a source or a corpus contains."""

from __future__ import annotations

import argparse
from pathlib import Path

from speech_gesture_ros.cli.argument_types import (
    count,
    count_or_none,
    count_up_to,
    output_file,
    output_folder,
    positive,
    within,
)
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.outputs import locked_folder

HELP = "prepare recorded speech and motion for training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one sub-command for each action."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    prepare = actions.add_parser("prepare", help="recordings of speech and motion to a corpus for training")
    _add_source(prepare)
    prepare.add_argument("--out", type=output_folder, required=True, help="folder of the prepared corpus")
    prepare.add_argument("--mapping", help="mapping of the joints: a file, or a name in config/mappings")
    prepare.add_argument("--offset", type=within(-3600.0, 3600.0), default=0.0,
                         help="lag of the motion behind the sound, which is removed [s] (%(default)s)")
    prepare.add_argument("--longest", type=positive, default=60.0, help="longest clip [s] (%(default)s)")
    prepare.add_argument("--shortest", type=positive, default=4.0, help="shortest part that is kept [s] (%(default)s)")
    prepare.add_argument("--video-rate", type=positive, help="pictures per second of OpenPose frames (rate_hz.txt)")
    prepare.add_argument("--keep-frozen", action="store_true", help="keep motion that is exactly constant")
    prepare.add_argument("--seed", type=count_or_none, default=0, help="seed of the splits (%(default)s)")
    for split in ("validation", "test"):
        prepare.add_argument(f"--{split}", default=[], nargs="+", metavar="NAME",
                             help=f"speakers (or recordings) of the {split} split")
    prepare.add_argument("--own-split", action="store_true", help="ignore a published split")
    prepare.add_argument("--workers", type=count_up_to(1000), default=1, help="processes (%(default)s)")
    prepare.set_defaults(act=run_prepare)
    mapping = actions.add_parser("map", help="mapping of a source's joints; --out writes a file to edit")
    _add_source(mapping)
    mapping.add_argument("--out", type=output_file, help="mapping file to write")
    mapping.set_defaults(act=run_map)
    show = actions.add_parser("show", help="content of a prepared corpus")
    show.add_argument("prepared", type=Path, help="folder of a prepared corpus")
    show.set_defaults(act=run_show)
    compose = actions.add_parser("compose", help="corpus of recorded speech of the data folder with composed motion")
    compose.add_argument("--minutes", type=positive, required=True, help="speech to use [min]")
    compose.add_argument("--speakers", type=count, help="number of speakers, those with the most speech (all)")
    compose.add_argument("--seed", type=count_or_none, default=0,
                         help="seed of speakers, splits and gestures (%(default)s)")
    compose.add_argument("--out", type=output_folder, required=True, help="folder of the prepared corpus")
    compose.set_defaults(act=run_compose)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, help="folder with sound and motion files, or talk videos")
    parser.add_argument("--layout", help="layout of the files (detected): takeuchi, talking_with_hands, zeroeggs, "
                        "beat, beat2, trinity, openpose, plain, film")
    parser.add_argument("--speaker-pattern", metavar="REGEX", help="its group is the speaker in a motion file's path")


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return int(args.act(args))


def run_prepare(args: argparse.Namespace) -> int:
    """Prepare a corpus, and print its summary."""
    from speech_gesture_ros.datasets.convert import ConvertOptions
    from speech_gesture_ros.datasets.prepare import PrepareOptions, prepare
    from speech_gesture_ros.datasets.summary import summarise
    from speech_gesture_ros.training.engine.progress import progress_bar

    convert = ConvertOptions(args.mapping, args.offset, args.longest, args.shortest, args.video_rate, args.keep_frozen)
    requested = tuple((name, split) for split in ("validation", "test") for name in getattr(args, split))
    options = PrepareOptions(convert, args.layout, args.speaker_pattern, args.seed, requested, not args.own_split,
                             args.workers)
    with locked_folder(args.out):
        corpus = prepare(args.source, args.out, options,
                         lambda jobs, total: progress_bar(jobs, total=total, desc="preparing", unit="recording"))
    print(summarise(corpus))
    print(f"split by {corpus.manifest['split_by']}\ndropped parts with reasons: {args.out / 'report.md'}")
    return 0


def run_map(args: argparse.Namespace) -> int:
    """Print the mapping of the first recording's joints; with --out write it as a mapping file."""
    from speech_gesture_ros.datasets.inspection import inspect_source

    description, text = inspect_source(args.source, args.layout, args.speaker_pattern)
    print(description)
    if args.out is not None:
        write_text(args.out, text)
        print(f"\nwritten to {args.out}: edit it, then prepare with --mapping {args.out}")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Print minutes, speakers and kinds of motion of each split."""
    from speech_gesture_ros.datasets.prepared import open_corpus
    from speech_gesture_ros.datasets.summary import summarise

    print(summarise(open_corpus(args.prepared)))
    return 0


def run_compose(args: argparse.Namespace) -> int:
    """Make a corpus with composed motion from the data folder, $SPEECH_GESTURE_DATA or ../shared/data."""
    from speech_gesture_ros.datasets.speech_recordings import data_folder
    from speech_gesture_ros.datasets.summary import summarise
    from speech_gesture_ros.training.strokes.composed_corpus import make_composed_corpus

    with locked_folder(args.out):
        corpus = make_composed_corpus(data_folder(), args.out, minutes=args.minutes, seed=args.seed,
                                      speakers=args.speakers)
    print(summarise(corpus))
    return 0
