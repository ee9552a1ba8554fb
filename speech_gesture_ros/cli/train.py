"""Make a model bundle from recorded speech: prepare, train, measure, write the card."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from speech_gesture_ros.core.assets import resolve

HELP = "make the model anew from recorded speech"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the training."""
    parser.add_argument("config", nargs="?", default="default",
                        help="name in config/training, or a YAML file (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs/default"), help="folder of the bundle (%(default)s)")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"), help="prepared tracks (%(default)s)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint beside the bundle")


def run(args: argparse.Namespace) -> int:
    """Train; the data folder is SPEECH_GESTURE_DATA, or ../shared/data."""
    from speech_gesture_ros.training.train import train

    logging.getLogger("speech_gesture_ros").setLevel(logging.INFO)  # an hour without a word would worry anyone
    folder = train(resolve(args.config, "config/training"), args.out, resume=args.resume, cache=args.cache)
    print(f"bundle: {folder}")
    return 0
