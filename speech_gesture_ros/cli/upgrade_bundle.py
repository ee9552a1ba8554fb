"""Convert a model bundle of an older format to the format of this version."""

from __future__ import annotations

import argparse
from pathlib import Path

from speech_gesture_ros.cli.argument_types import output_folder
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.outputs import locked_folder

HELP = "convert a model bundle of an older format"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("bundle", type=Path, help="folder of the bundle")
    parser.add_argument("--out", type=output_folder,
                        help="folder of the result (default: replace the files of the bundle)")


def run(args: argparse.Namespace) -> int:
    """Convert the bundle."""
    from speech_gesture_ros.networks.bundle_files import FORMAT_VERSION
    from speech_gesture_ros.networks.bundle_upgrade import upgrade_bundle

    if not args.bundle.is_dir():
        raise InputError("bundle", str(args.bundle), "an existing folder", "Check the path.")
    with locked_folder(args.out or args.bundle):
        folder = upgrade_bundle(args.bundle, args.out)
    print(f"format {FORMAT_VERSION}: {folder}")
    return 0
