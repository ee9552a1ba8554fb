"""`speech-gesture face retarget`: the channels of another rig, from speech or the file of a face."""

from __future__ import annotations

import argparse

from speech_gesture_ros.cli.face_input import add_input, face_of_input
from speech_gesture_ros.cli.output_files import add_output_files, output_files

FILES = (".csv", ".json", ".npz")


def add_retarget(parser: argparse.ArgumentParser) -> None:
    """Add the options of `retarget`."""
    from speech_gesture_ros.face.rigs.named_rigs import NAMED_RIGS

    summaries = "; ".join(f"{name}: {rig.summary}" for name, rig in NAMED_RIGS.items())
    add_input(parser, lambda: add_output_files(parser, FILES))
    parser.add_argument("--rig", required=True, metavar="NAME|FILE.yaml",
                        help=f"{summaries}; or a file of a robot's joints, as in config/faces")
    parser.set_defaults(act=run_retarget, sound=None)


def run_retarget(args: argparse.Namespace) -> int:
    """Write the channels of a rig."""
    from speech_gesture_ros.face.channel_files import write_channels
    from speech_gesture_ros.face.rigs.named_rigs import named_rig

    files = output_files(args, FILES)
    rig = named_rig(args.rig)
    face, _ = face_of_input(args)
    values = rig.values(face)
    for path, _ in files:
        write_channels(path, rig.channels, values)
        print(f"{path}: {len(values)} frames of {len(rig.channels)} channels")
    return 0
