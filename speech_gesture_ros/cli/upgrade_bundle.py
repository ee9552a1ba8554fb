"""Convert a model bundle of an older format to the format of this version."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "convert a model bundle of an older format"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("bundle", type=Path, help="folder of the bundle")
    parser.add_argument("--out", type=Path, help="folder of the result (default: replace the files of the bundle)")


def run(args: argparse.Namespace) -> int:
    """Convert the bundle."""
    from speech_gesture_ros.networks.bundle_files import FORMAT_VERSION
    from speech_gesture_ros.networks.bundle_upgrade import upgrade_bundle

    print(f"format {FORMAT_VERSION}: {upgrade_bundle(args.bundle, args.out)}")
    return 0
