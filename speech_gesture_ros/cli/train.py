"""Make a model bundle: prepare, train, measure, write the card.

The default model is made from recorded speech, other models and models of one's own from a prepared corpus. Several
graphics processors: torchrun --nproc-per-node 4 -m speech_gesture_ros train CONFIG --data PREPARED --out BUNDLE
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from speech_gesture_ros.core.assets import resolve

HELP = "train a model: the default one anew, or one on your own data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the training."""
    parser.add_argument("config", nargs="?", default="default",
                        help="name in config/training, or a YAML file (%(default)s)")
    parser.add_argument("--data", type=Path, help="prepared corpus (speech-gesture data prepare); the default model "
                        "needs none, it is made from $SPEECH_GESTURE_DATA")
    parser.add_argument("--out", type=Path, help="folder of the bundle (runs/NAME OF THE CONFIGURATION)")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"), help="prepared tracks (%(default)s)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint beside the bundle")


def run(args: argparse.Namespace) -> int:
    """Train."""
    from speech_gesture_ros.training.train import train

    logging.getLogger("speech_gesture_ros").setLevel(logging.INFO)  # an hour without a word would worry anyone
    config = resolve(args.config, "config/training")
    out = args.out or Path("runs") / config.stem
    folder = train(config, out, data=args.data, resume=args.resume, cache=args.cache)
    print(f"bundle: {folder}")
    return 0
