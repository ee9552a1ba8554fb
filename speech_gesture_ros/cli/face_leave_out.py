"""Leave one voice of the face training out, and measure it."""

from __future__ import annotations

import argparse
from pathlib import Path

from speech_gesture_ros.cli.argument_types import count, output_folder
from speech_gesture_ros.core.assets import resolve


def add_leave_out(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("voices", nargs="*", metavar="VOICE", help="voices of flite (all of the configuration)")
    parser.add_argument("--config", default="face", help="name in config/training, or a YAML file (%(default)s)")
    parser.add_argument("--steps", type=count, default=1500, help="of each training (%(default)s)")
    parser.add_argument("--texts", type=count, default=12, help="texts of each voice (%(default)s)")
    parser.add_argument("--cache", type=output_folder, default=Path("runs/cache"),
                        help="folder of cached features and tracks (%(default)s)")
    parser.add_argument("--out", type=output_folder, help="folder of the table")
    parser.set_defaults(act=run_leave_out)


def run_leave_out(args: argparse.Namespace) -> int:
    """Train, measure and print the table."""
    from speech_gesture_ros.core.atomic_files import write_text
    from speech_gesture_ros.training.face.leave_out import leave_voices_out, left_out_table
    from speech_gesture_ros.training.face.run_config import load_face_config

    config = resolve(args.config, "config/training")
    voices = args.voices or load_face_config(config).speech.flite_voices
    table = left_out_table(leave_voices_out(config, voices, args.steps, args.texts, args.cache))
    print(table)
    if args.out is not None:
        write_text(args.out / "left_out.md", table)
    return 0
