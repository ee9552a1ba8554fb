"""`speech-gesture face export`: a face in any format, also as an animation of a mesh in glTF."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from speech_gesture_ros.cli.face_edit import FILES
from speech_gesture_ros.cli.face_input import add_input, face_of_input
from speech_gesture_ros.cli.output_files import add_output_files, output_files
from speech_gesture_ros.core.errors import InputError

GLTF, FURHAT = (".glb", ".gltf"), ".furhat.json"
KINDS = (*FILES, *GLTF, FURHAT)


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    add_input(parser, lambda: add_output_files(parser, KINDS))
    parser.add_argument("--mesh", type=Path, metavar="FILE.glb", help="mesh with shapes of ARKit, for .glb and .gltf")
    parser.set_defaults(act=run_export, sound=None)


def run_export(args: argparse.Namespace) -> int:
    """Write the files."""
    from speech_gesture_ros.core.atomic_files import write_text
    from speech_gesture_ros.face.converters.furhat import furhat_gesture
    from speech_gesture_ros.face.face_files import write_face
    from speech_gesture_ros.rendering.gltf_animation import write_gltf_animation

    files = output_files(args, KINDS)
    if args.mesh is not None and not any(kind in GLTF for _, kind in files):
        raise InputError("--mesh", str(args.mesh), f"given with an output {' or '.join(GLTF)}", "Leave it out.")
    face, _ = face_of_input(args)
    for path, kind in files:
        if kind in GLTF:
            write_gltf_animation(path, face, args.mesh)
        elif kind == FURHAT:
            write_text(path, json.dumps(furhat_gesture(face.shapes)) + "\n")
        else:
            write_face(path, face)
        print(f"{path}: {len(face)} frames")
    return 0
