"""`speech-gesture face edit` and `blend`: files of faces are changed and mixed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from speech_gesture_ros.cli.argument_types import count_or_none, output_file, within
from speech_gesture_ros.cli.face_input import add_rate_option, weights_of
from speech_gesture_ros.cli.output_files import add_output_files, output_files

if TYPE_CHECKING:
    from speech_gesture_ros.face.animation import FaceAnimation

FILES = (".csv", ".json", ".npz", ".livelink.csv")
SINES = (("shake", 0), ("nod", 1), ("tilt", 2))


def add_edit(parser: argparse.ArgumentParser) -> None:
    """Add the options of `edit`; the changes are made in their order."""
    parser.add_argument("face", type=Path, help="file of a face: .csv .json .npz, or a CSV of Live Link")
    add_output_files(parser, FILES)
    add_rate_option(parser)
    parser.add_argument("--stretch", type=within(0.25, 4.0), default=1.0, metavar="FACTOR", help="of the duration")
    parser.add_argument("--jaw", type=within(0.0, 2.0), default=1.0, metavar="GAIN", help="of the jaw's opening")
    parser.add_argument("--lips", type=within(0.0, 2.0), default=1.0, metavar="GAIN",
                        help="of rounding, spreading, protrusion and raising")
    parser.add_argument("--speed", type=within(0.25, 4.0), default=1.0, metavar="FACTOR",
                        help="of the speed at which jaw and lips follow")
    parser.add_argument("--smooth", type=within(0.5, 20.0), metavar="HZ",
                        help="cut-off of a zero-phase filter; closed lips stay closed")
    parser.add_argument("--mirror", action="store_true", help="exchange left and right")
    parser.add_argument("--no-blinks", action="store_true", help="open the eyes in all frames, before blinks are added")
    number = parser.add_mutually_exclusive_group()
    number.add_argument("--blinks", type=count_or_none, default=0, metavar="N", help="add so many blinks")
    number.add_argument("--blink-rate", type=within(0.0, 60.0), metavar="N", help="add so many blinks a minute")
    number.add_argument("--blink-at", type=within(0.0, 18000.0), nargs="+", metavar="S", help="add blinks at times")
    parser.add_argument("--blink-duration", type=within(0.1, 1.0), default=0.26, metavar="S",
                        help="of an added blink: closing, closed, opening (%(default)s)")
    parser.add_argument("--seed", type=count_or_none, default=0, help="of the places of added blinks (%(default)s)")
    parser.add_argument("--head", type=within(-60.0, 60.0), nargs=3, default=(0.0, 0.0, 0.0),
                        metavar=("YAW", "PITCH", "ROLL"), help="degrees to add: to its left, down, to its right")
    for name, _ in SINES:
        parser.add_argument(f"--{name}", type=within(-30.0, 30.0), nargs=2, metavar=("DEG", "HZ"),
                            help="add a sine of this amplitude and frequency to the head")
    parser.set_defaults(act=run_edit)


def run_edit(args: argparse.Namespace) -> int:
    """Change a face."""
    from speech_gesture_ros.face.blinks import blinks_at, draw_blinks, without_blinks
    from speech_gesture_ros.face.edits import mirrored, smoothed, stretched, with_style
    from speech_gesture_ros.face.face_readers import read_face
    from speech_gesture_ros.face.head_motion import HeadSine, with_head
    from speech_gesture_ros.face.style import FaceStyle

    files = output_files(args, FILES)
    face = read_face(args.face, args.rate)
    if args.stretch != 1.0:
        face = stretched(face, args.stretch)
    if (args.jaw, args.lips, args.speed) != (1.0, 1.0, 1.0):
        face = with_style(face, FaceStyle(args.jaw, args.lips, args.speed))
    if args.smooth is not None:
        face = smoothed(face, args.smooth)
    if args.mirror:
        face = mirrored(face)
    if args.no_blinks:
        face = without_blinks(face)
    number = args.blinks if args.blink_rate is None else round(args.blink_rate * face.duration_s / 60.0)
    starts = args.blink_at or draw_blinks(face, number, args.blink_duration, args.seed)
    face = blinks_at(face, starts, args.blink_duration)
    sines = [HeadSine(axis, *getattr(args, name)) for name, axis in SINES if getattr(args, name) is not None]
    return _write(with_head(face, args.head, sines), files)


def add_blend(parser: argparse.ArgumentParser) -> None:
    """Add the options of `blend`."""
    parser.add_argument("faces", nargs="+", metavar="FACE[=WEIGHT]", help="files of faces")
    parser.add_argument("--out", type=output_file, nargs="+", required=True, metavar="FILE",
                        help=f"files to write; the ending is one of {', '.join(FILES)}")
    parser.add_argument("--stretch", action="store_true", help="stretch all to the duration of the first")
    add_rate_option(parser)
    parser.set_defaults(act=run_blend, files=[])


def run_blend(args: argparse.Namespace) -> int:
    """Mix faces."""
    from speech_gesture_ros.face.blending import blend_animations
    from speech_gesture_ros.face.face_readers import read_face

    files = output_files(args, FILES)
    weights = weights_of(args.faces, "file of a face")
    faces = [read_face(Path(name), args.rate) for name in weights]
    return _write(blend_animations(faces, list(weights.values()), args.stretch), files)


def _write(face: FaceAnimation, files: list[tuple[Path, str]]) -> int:
    from speech_gesture_ros.face.face_files import write_face

    for path, _ in files:
        write_face(path, face)
        print(f"{path}: {len(face)} frames")
    return 0
