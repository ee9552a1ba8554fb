"""Make a model bundle: prepare, train, measure, write the card.

The default model is made from recorded speech, other models and models of one's own from a prepared corpus. Several
graphics processors: torchrun --nproc-per-node 4 -m speech_gesture_ros train CONFIG --data PREPARED --out BUNDLE
"""

from __future__ import annotations

import argparse
import logging
import os
from contextlib import nullcontext
from pathlib import Path

from speech_gesture_ros.cli.argument_types import output_folder
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.outputs import check_output_folder, locked_folder

HELP = "train a model: the default one, or one on your own data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the training."""
    parser.add_argument("config", nargs="?", default="default",
                        help="name in config/training, or a YAML file (%(default)s)")
    parser.add_argument("--data", type=Path, help="prepared corpus (speech-gesture data prepare); none for the default "
                        "model, which is made from $SPEECH_GESTURE_DATA")
    parser.add_argument("--out", type=output_folder, help="folder of the bundle (runs/NAME OF THE CONFIGURATION)")
    parser.add_argument("--cache", type=output_folder, default="runs/cache",
                        help="folder of cached features and tracks (%(default)s)")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint beside the bundle")


def run(args: argparse.Namespace) -> int:
    """Train, and print the folder of the bundle."""
    from speech_gesture_ros.training.train import train

    logging.getLogger("speech_gesture_ros").setLevel(logging.INFO)
    config = resolve(args.config, "config/training")
    out = args.out or Path("runs") / config.stem
    check_output_folder(out)
    is_first_process = os.environ.get("RANK", "0") == "0"  # torchrun starts several
    with locked_folder(out) if is_first_process else nullcontext():
        folder = train(config, out, data=args.data, resume=args.resume, cache=args.cache)
    print(f"bundle: {folder}")
    return 0
