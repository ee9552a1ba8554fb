"""Convert the published weights of Kucherenko et al. (2019) to a model of this package and check it stage by stage.

The authors' files are read without TensorFlow or Keras. Nothing is downloaded: a copy of their repository is needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speech_gesture_ros.cli.argument_types import output_folder
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.outputs import locked_folder

if TYPE_CHECKING:
    from speech_gesture_ros.networks.kucherenko.published import PublishedFiles

HELP = "convert the published weights of Kucherenko et al. (2019) to a model"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the import."""
    parser.add_argument("source", type=Path, help="folder with the authors' models/, such as their demo repository")
    parser.add_argument("--out", type=output_folder, help="folder of the bundle (models/published: --model published)")
    parser.add_argument("--check", nargs="?", const="", metavar="AUDIO",
                        help="compare each stage with a plain evaluation, on this recording (the demo speech)")


def run(args: argparse.Namespace) -> int:
    """Import, and check if requested."""
    from speech_gesture_ros.core.assets import share_folder
    from speech_gesture_ros.networks.kucherenko.bundle import load_bundle, save_bundle
    from speech_gesture_ros.networks.kucherenko.published import read_published

    out = args.out or share_folder() / "models" / "published"
    files = read_published(args.source)
    bundle = make_bundle(files)
    with locked_folder(out):
        save_bundle(bundle, out)
    print(f"{out}: {bundle.name}, {len(bundle.weights)} arrays, model card beside them")
    if args.check is None:
        return 0
    from speech_gesture_ros.evaluation.published_check import check_published

    audio = Path(args.check) if args.check else share_folder() / "config" / "demo" / "speech.flac"
    checked = check_published(files, load_bundle(out), audio)
    print("\n".join(checked.lines))
    return int(not checked.is_within_tolerance)


def make_bundle(files: PublishedFiles) -> Any:
    """Make the `KucherenkoBundle` of the authors' files."""
    import numpy as np

    from speech_gesture_ros.features.kucherenko import FEATURE_NAMES, speech_statistics
    from speech_gesture_ros.networks.kucherenko.published import published_bundle
    from speech_gesture_ros.networks.kucherenko.published_card import CARD

    return published_bundle(files, silent_frame(files).astype(np.float32), FEATURE_NAMES,
                            speech_statistics("covariance"), CARD)


def silent_frame(files: PublishedFiles) -> Any:
    """(30,) padding frame of the authors: the first MFCC of their recording of silence, and prosody of 0."""
    import numpy as np

    from speech_gesture_ros.features import kucherenko_mfcc as mfcc

    if files.silence_rate != mfcc.PUBLISHED_SAMPLE_RATE:
        raise InputError("sample rate of silence.wav", files.silence_rate, f"{mfcc.PUBLISHED_SAMPLE_RATE} Hz",
                         "Copy the file again.")
    first = mfcc.mfcc_from_log_bands(mfcc.log_bands(mfcc.frames_at_44k(files.silence, mfcc.PUBLISHED_SAMPLE_RATE)))[0]
    return np.concatenate([first, np.zeros(4)])
