"""Input of the face commands: speech that is animated now, or the file of a face that was animated before."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speech_gesture_ros.cli.argument_types import count_or_none, within
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError, InputError

if TYPE_CHECKING:
    from speech_gesture_ros.face.animation import FaceAnimation

LOOK_AHEADS = (0.0, 0.04, 0.08)


def add_speech_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a face that is made from speech."""
    from speech_gesture_ros.face.expressions import EXPRESSIONS
    from speech_gesture_ros.face.style import STYLES

    parser.add_argument("--phones", type=Path, help="timed phones in place of the model: lines name,start_s,end_s")
    parser.add_argument("--bundle", default="face", help="name in models, or a bundle folder (%(default)s)")
    parser.add_argument("--look-ahead", type=within(0.0, 0.08), default=0.04, choices=LOOK_AHEADS, metavar="S",
                        help="future speech that a frame may use: 0, 0.04 or 0.08 s (%(default)s)")
    parser.add_argument("--style", nargs="+", default=["usual"], metavar="NAME[=WEIGHT]",
                        help=f"blend of styles: {', '.join(STYLES)}")
    parser.add_argument("--expression", default="neutral", choices=sorted(EXPRESSIONS), help="(%(default)s)")
    parser.add_argument("--seed", type=count_or_none, default=0, help="of blinks, brows and gaze (%(default)s)")


def add_rate_option(parser: argparse.ArgumentParser) -> None:
    """Add the rate of the time codes in a file of Live Link."""
    parser.add_argument("--rate", type=within(1.0, 1000.0), default=60.0, metavar="HZ",
                        help="frames a second of time codes in a Live Link CSV (%(default)s)")


def add_input(parser: argparse.ArgumentParser, add_outputs: Callable[[], None]) -> None:
    """Add speech or the file of a face as input, then the outputs, then the options of both."""
    parser.add_argument("audio", type=Path, metavar="input",
                        help="speech: wav, flac, ogg or mp3; or the file of a face: .csv .json .npz")
    add_outputs()
    add_rate_option(parser)
    add_speech_options(parser)


def face_of_speech(args: argparse.Namespace) -> tuple[FaceAnimation, Any]:
    """Animate the speech `args.audio`.

    Returns:
        The face, and the sound (N,) mono at 16 kHz.
    """
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.face_channels import VISEME_COLUMNS
    from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
    from speech_gesture_ros.face.animation import face_animation
    from speech_gesture_ros.face.expressions import expression_shapes
    from speech_gesture_ros.face.face_files import read_phones
    from speech_gesture_ros.face.face_stage import FaceStage
    from speech_gesture_ros.face.style import blend_styles
    from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace, face_of_phones

    stage = FaceStage(blend_styles(weights_of(args.style, "--style")), seed=args.seed)
    stage.set_expression(expression_shapes(args.expression))
    speech = load_mono_16k(args.audio)
    if args.phones is not None:
        frames = face_of_phones(read_phones(args.phones), len(speech) * FACE_RATE // SAMPLE_RATE, stage)
    else:
        frames = SpeechToFace(resolve(args.bundle, "models"), args.look_ahead, stage).perform(speech)
    return face_animation(frames.shapes.values, frames.articulation.values[:, VISEME_COLUMNS]), speech


def face_of_input(args: argparse.Namespace) -> tuple[FaceAnimation, Any]:
    """Read the face file `args.audio`, or animate it if it is a sound.

    Returns:
        The face, and its sound (N,) mono at 16 kHz: that of `args.sound` for a file of a face, empty without one.
    """
    import numpy as np

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.face.face_readers import ENDINGS, read_face

    if args.audio.suffix.lower() in ENDINGS:
        sound = load_mono_16k(args.sound) if args.sound is not None else np.zeros(0, np.float32)
        return read_face(args.audio, args.rate), sound
    if args.sound is not None:
        raise InputError("--sound", str(args.sound), "given for the file of a face only", "Leave it out.")
    return face_of_speech(args)


def weights_of(pairs: list[str], option: str) -> dict[str, float]:
    """Return the weights of arguments NAME or NAME=WEIGHT; without one the weight is 1.

    Raises:
        ConfigError: If a weight is no number, or a name is there twice.
    """
    weights: dict[str, float] = {}
    for pair in pairs:
        name, is_weighted, weight = pair.rpartition("=")
        if not is_weighted:
            name, weight = pair, "1"
        if name in weights:
            raise ConfigError(option, name, "named once", "Give it one weight.")
        try:
            weights[name] = float(weight)
        except ValueError as error:
            raise ConfigError(option, pair, "NAME or NAME=WEIGHT", "Write a number after the '='.") from error
    return weights
