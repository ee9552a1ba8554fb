"""Features of the 2019 model at 20 Hz: means of five frames of the feature set that the run-time pipeline computes.

mfcc          26    windows of 20 ms every 10 ms
prosody        4    energy, its slope, pitch, its slope
spectrogram   64    log-mel bands, 100 to 7500 Hz; the paper takes one frame where this is a mean of five
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros import features as feature_package
from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.bounded_arrays import SINGLE, read_arrays
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.sets import feature_names, make_feature_stage
from speech_gesture_ros.networks.kucherenko.frames import NUM_PHASES, make_frames
from speech_gesture_ros.training.engine.fingerprint import fingerprint

Floats = npt.NDArray[np.float32]

FEATURE_COMBINATIONS: dict[str, tuple[str, ...]] = {
    "mfcc": ("mfcc",),
    "prosody": ("prosody",),
    "spectrogram": ("spectrogram",),
    "mfcc+prosody": ("mfcc", "prosody"),
    "spectrogram+prosody": ("spectrogram", "prosody"),
    "mfcc+spectrogram": ("mfcc", "spectrogram"),
    "all": ("mfcc", "prosody", "spectrogram"),
}
FEATURE_SET = "kucherenko2019_16k"  # in `features.sets`
FRAME_RULE = "mean"  # how a frame is made of five, see `networks.kucherenko.network_config`
CHUNK_S = 30  # of sound that is processed at once


def columns(combination: str) -> tuple[str, ...]:
    """Return the columns of `FEATURE_SET` in a combination, in the set's order."""
    parts = FEATURE_COMBINATIONS[combination]
    return tuple(name for name in feature_names(FEATURE_SET) if kind(name) in parts)


def kind(name: str) -> str:
    """Return the part of the features that a column belongs to."""
    return next((part for part in ("mfcc", "spectrogram") if name.startswith(part)), "prosody")


def compute_features(samples: npt.NDArray[np.floating], combination: str, cache: Path | None = None) -> Floats:
    """Return the features of a recording.

    Args:
        samples: (N,) mono at 16 kHz in [-1, 1].
        combination: A key of `FEATURE_COMBINATIONS`.
        cache: Folder in which features are stored, because they take longer than a small training; None for none.

    Returns:
        (N // 800, F) at 20 Hz; frame k is made of run-time frames 5 k to 5 k + 4.
    """
    return compute_columns(samples, columns(combination), cache)


def compute_columns(samples: npt.NDArray[np.floating], names: tuple[str, ...], cache: Path | None = None) -> Floats:
    """Return columns of `FEATURE_SET` by name; see `compute_features`."""
    if cache is None:
        rows = _compute_all(samples)
    else:
        sound = hashlib.sha256(np.asarray(samples, dtype=np.float32).tobytes()).hexdigest()[:24]
        path = cache / f"{FEATURE_SET}-{fingerprint(FRAME_RULE, feature_package)}" / f"{sound}.npy"
        if not path.is_file():
            with atomic_write(path) as file:
                np.save(file, _compute_all(samples))
        rows = read_arrays(path, "cached features")[SINGLE]
    return rows[:, [feature_names(FEATURE_SET).index(name) for name in names]]


def _compute_all(samples: npt.NDArray[np.floating]) -> Floats:
    """Return (N // 800, all columns)."""
    stage = make_feature_stage(FEATURE_SET)
    length = CHUNK_S * SAMPLE_RATE
    parts = [stage.push(AudioChunk(i, samples[i:i + length])).values for i in range(0, len(samples), length)]
    rows = np.concatenate([*parts, stage.flush().values])
    return make_frames(rows, feature_names(FEATURE_SET), FRAME_RULE)[::NUM_PHASES]
