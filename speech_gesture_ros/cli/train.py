"""Make the default model anew from recorded speech: `training.train` behind a command."""

from __future__ import annotations

import argparse

HELP = "make the model anew from recorded speech"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of the training itself, passed on."""
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="options of the training; --help lists them")


def run(args: argparse.Namespace) -> int:
    """Train."""
    from speech_gesture_ros.training import train

    return int(train.main(args.arguments) or 0)
