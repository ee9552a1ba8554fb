"""The published weights of Kucherenko et al. (2019) as a model of this package, checked stage by stage.

The authors' files are read without TensorFlow or Keras. Nothing is downloaded: their repository must be there already.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speech_gesture_ros.core.errors import InputError

if TYPE_CHECKING:
    from speech_gesture_ros.networks.kucherenko.published import PublishedFiles

HELP = "published weights of Kucherenko et al. (2019) to a model"
CHECK_S = 20.0  # of speech that is enough for a check
TOLERANCE_CM = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the import."""
    parser.add_argument("source", type=Path, help="folder with the authors' models/: their demo repository, for one")
    parser.add_argument("--out", type=Path, help="bundle to write (models/published: then --model published finds it)")
    parser.add_argument("--check", nargs="?", const="", metavar="AUDIO",
                        help="compare each stage with a plain evaluation, on this recording or the shipped speech")


def run(args: argparse.Namespace) -> int:
    """Import, and check if asked to."""
    from speech_gesture_ros.core.assets import share_folder
    from speech_gesture_ros.networks.kucherenko.bundle import save_kucherenko
    from speech_gesture_ros.networks.kucherenko.published import read_published

    out = args.out or share_folder() / "models" / "published"
    files = read_published(args.source)
    bundle = make_bundle(files)
    try:
        save_kucherenko(bundle, out)
    except OSError as error:
        raise InputError("--out", str(out), "a folder that can be written", str(error)) from error
    print(f"{out}: {bundle.name}, {len(bundle.weights)} arrays, model card beside them")
    if args.check is None:
        return 0
    audio = Path(args.check) if args.check else share_folder() / "config" / "demo" / "speech.flac"
    return check(files, out, audio)


def make_bundle(files: PublishedFiles) -> Any:
    """The bundle of the authors' files: a `KucherenkoBundle`."""
    import numpy as np

    from speech_gesture_ros.features.kucherenko import FEATURE_NAMES, speech_statistics
    from speech_gesture_ros.networks.kucherenko.published import published_bundle
    from speech_gesture_ros.networks.kucherenko.published_card import CARD

    return published_bundle(files, silent_frame(files).astype(np.float32), FEATURE_NAMES,
                            speech_statistics("covariance"), CARD)


def silent_frame(files: PublishedFiles) -> Any:
    """(30,) what the authors pad with: the first MFCC of their recording of silence, and prosody of 0."""
    import numpy as np

    from speech_gesture_ros.features import kucherenko_mfcc as mfcc

    if files.silence_rate != mfcc.RATE:
        raise InputError("sample rate of silence.wav", files.silence_rate, f"{mfcc.RATE} Hz", "Copy the file again.")
    first = mfcc.mfcc_from_log_bands(mfcc.log_bands(mfcc.frames_at_44k(files.silence, mfcc.RATE)))[0]
    return np.concatenate([first, np.zeros(4)])


def check(files: PublishedFiles, folder: Path, audio: Path) -> int:
    """Print how far each stage of the bundle is from a plain evaluation; 1 if the poses are."""
    import numpy as np

    from speech_gesture_ros.features.kucherenko_offline import published_features
    from speech_gesture_ros.networks.kucherenko import reference
    from speech_gesture_ros.networks.kucherenko.bundle import load_kucherenko
    from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork

    wide, narrow = _load(audio)
    bundle = load_kucherenko(folder)
    features, silence = published_features(wide), silent_frame(files)
    context = reference.CONTEXT
    padded = np.concatenate([np.tile(silence, (context, 1)), features, np.tile(silence, (context, 1))])
    network = KucherenkoNetwork(bundle)
    gates = network.embed(padded.astype(np.float32))
    z = network.encode(gates[np.arange(2 * context + 1)[:, None] + np.arange(len(features))])
    expected_z = reference.evaluate_speech_encoder(files, features, silence)
    expected = reference.evaluate_decoder(files, expected_z)
    decoded = _distance(network.decode(expected_z.astype(np.float32)), reference.evaluate_decoder(files, expected_z))
    whole = _distance(reference.smooth(network.decode(z)), reference.smooth(expected))

    print(f"checked on {len(features)} frames of {audio.name}")
    for name, r in zip(("MFCC", "prosody"), _feature_agreement(features, narrow)):
        print(f"  {name:8} stream at 16 kHz against whole recording at 44.1 kHz: r {r:.2f} (median of the columns)")
    print(f"  SpeechE  largest difference {np.abs(z - expected_z).max():.1e}, z spans {np.ptp(expected_z):.1f}")
    print(f"  MotionD  mean distance of a joint {decoded:.1e} cm")
    print(f"  poses    mean distance of a joint {whole:.1e} cm, must be below {TOLERANCE_CM}")
    return int(not whole < TOLERANCE_CM)


def _load(audio: Path) -> tuple[Any, Any]:
    """A recording at 44.1 kHz and at 16 kHz, at most `CHECK_S` of it."""
    import numpy as np
    import soundfile

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.audio.resampler import Resampler
    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.features.kucherenko_mfcc import RATE

    narrow = load_mono_16k(audio)[:int(CHECK_S * SAMPLE_RATE)]
    sound, rate = soundfile.read(audio, dtype="float32", always_2d=True, frames=-1)
    resampler = Resampler(rate, RATE)
    mono = sound.mean(axis=1)[:int(CHECK_S * rate)]
    return np.concatenate([resampler.push(mono), resampler.flush()]), narrow


def _feature_agreement(features: Any, narrow: Any) -> tuple[float, float]:
    """Correlation of the streaming features with the exact ones, MFCC and prosody."""
    import numpy as np

    from speech_gesture_ros.core.chunks import AudioChunk
    from speech_gesture_ros.features.kucherenko import FEATURE_NAMES, open_stage
    from speech_gesture_ros.networks.kucherenko.frames import PHASES, make_frames

    stage = open_stage()
    rows = np.concatenate([stage.push(AudioChunk(0, narrow)).values, stage.flush().values])
    heard = make_frames(rows, FEATURE_NAMES, "published")[::PHASES][:len(features)]
    r = [np.corrcoef(heard[:, i], features[:len(heard), i])[0, 1] for i in range(features.shape[1])]
    return float(np.median(r[:-4])), float(np.median(r[-4:]))


def _distance(positions: Any, expected: Any) -> float:
    import numpy as np

    return float(np.linalg.norm(positions - expected, axis=-1).mean())
