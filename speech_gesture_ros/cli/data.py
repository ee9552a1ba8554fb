"""Make paired speech and motion ready for training, and look at what is there."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "prepare recorded speech and motion for training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    show = actions.add_parser("show", help="what a prepared corpus holds")
    show.add_argument("prepared", type=Path, help="folder of a prepared corpus")
    show.set_defaults(act=run_show)
    choreograph = actions.add_parser("choreograph", help="recorded speech of the data folder, composed motion")
    choreograph.add_argument("--minutes", type=float, required=True, help="speech to use [min]")
    choreograph.add_argument("--speakers", type=int, help="only so many, those with the most speech (all)")
    choreograph.add_argument("--seed", type=int, default=0, help="draws speakers, splits, performances (%(default)s)")
    choreograph.add_argument("--out", type=Path, required=True, help="folder of the prepared corpus")
    choreograph.set_defaults(act=run_choreograph)


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return int(args.act(args))


def run_show(args: argparse.Namespace) -> int:
    """Print minutes, speakers and kinds of motion of each split."""
    from speech_gesture_ros.datasets.prepared import open_corpus
    from speech_gesture_ros.datasets.summary import summarise

    print(summarise(open_corpus(args.prepared)))
    return 0


def run_choreograph(args: argparse.Namespace) -> int:
    """Make the corpus; the data folder is SPEECH_GESTURE_DATA, or ../shared/data."""
    from speech_gesture_ros.datasets.summary import summarise
    from speech_gesture_ros.training.choreographed_corpus import make_choreographed_corpus
    from speech_gesture_ros.training.corpus import data_folder

    print(summarise(make_choreographed_corpus(data_folder(), args.out, minutes=args.minutes, seed=args.seed,
                                              speakers=args.speakers)))
    return 0
