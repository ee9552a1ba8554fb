"""Predictors of articulation from sound: the model, and baselines that need no training.

Loudness only   the jaw follows the level of the sound, as in most simple lip sync; the lips never close on purpose.
Band energies   thresholds on four bands, after the idea of browser lip-sync tools: hiss is SS, much low and little
                else is a closed mouth (PP), the balance of the bands around the first two formants gives the vowel.

All give frames at 50 Hz. The baselines use only the past and a running peak, like the model with a look-ahead of 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import (
    ARTICULATOR_COLUMNS,
    ARTICULATOR_INDEX,
    NUM_ARTICULATION,
    PROSODY_COLUMNS,
    VISEME_INDEX,
)
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

Samples = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Predictor = Callable[[Samples], npt.NDArray[np.float32]]  # (N,) at 16 kHz to (T, NUM_ARTICULATION)

STEP = SAMPLE_RATE // FACE_RATE
RANGE_DB = 30.0  # below the running peak at which the mouth is closed
PEAK_FALL_DB = 0.06  # of the running peak in a frame: 3 dB a second
SILENCE_DB = -55.0
BANDS_HZ = ((80, 350), (350, 900), (900, 2600), (2600, 7600))
_FFT = 512


def model_predictor(folder: Path, look_ahead_s: float) -> Predictor:
    """Return the predictor of a bundle."""
    face = SpeechToFace(folder, look_ahead_s)
    return lambda samples: np.asarray(face.perform(samples).articulation.values)


def loudness_only(samples: Samples) -> npt.NDArray[np.float32]:
    """Predict by loudness alone."""
    jaw = _above_peak(_level_db(samples))
    visemes = np.select([jaw < 0.05, jaw < 0.35, jaw < 0.6], ["sil", "ih", "E"], "aa")
    return _assemble(visemes, jaw=jaw)


def band_energies(samples: Samples) -> npt.NDArray[np.float32]:
    """Predict by thresholds on band energies."""
    bands = _bands_db(samples)
    loud = _above_peak(_level_db(samples))
    low, first, second, high = bands.T
    hiss = (high > low + 3.0) & (high > first) & (loud > 0.05)
    murmur = (low > first + 14.0) & (low > second + 20.0) & (loud > 0.1)
    front, rounded = second > first - 4.0, (second < first - 16.0)
    visemes = np.select(
        [loud < 0.05, hiss, murmur, rounded & (first < low), rounded, front & (first < low - 4.0), front],
        ["sil", "SS", "PP", "ou", "oh", "ih", "E"], "aa")
    jaw = np.where(hiss | murmur, 0.1, loud * np.clip(0.55 + (first - low) / 25.0, 0.15, 1.0))
    rounding = np.where(rounded & ~murmur & ~hiss, 0.7, 0.0) * (loud > 0.05)
    return _assemble(visemes, jaw=jaw, rounding=rounding, close=murmur.astype(float), sibilant=hiss.astype(float))


def _assemble(visemes: npt.NDArray[np.str_], **articulators: Array) -> npt.NDArray[np.float32]:
    out = np.zeros((len(visemes), NUM_ARTICULATION), np.float32)
    out[np.arange(len(visemes)), [VISEME_INDEX[str(name)] for name in visemes]] = 1.0
    for name, values in articulators.items():
        out[:, ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX[name]] = np.clip(values, 0.0, 1.0)
    out[:, PROSODY_COLUMNS.start + 1] = 0.5
    return out


def _windows(samples: Samples) -> Array:
    """(T, 400) windows of 25 ms, of which frame k ends at (k + 1) / 50 s."""
    count = len(samples) // STEP
    padded = np.concatenate([np.zeros(400 - STEP), np.asarray(samples, dtype=np.float64)])
    return np.lib.stride_tricks.sliding_window_view(padded, 400)[::STEP][:count]


def _level_db(samples: Samples) -> Array:
    return np.asarray(10 * np.log10(np.square(_windows(samples)).mean(axis=1) + 1e-12))


def _above_peak(level_db: Array) -> Array:
    """(T,) level over the range below a running peak, 0 to 1."""
    peak, out = SILENCE_DB, np.empty(len(level_db))
    for k, level in enumerate(level_db.tolist()):
        peak = max(level, peak - PEAK_FALL_DB, SILENCE_DB + RANGE_DB)
        out[k] = min(max((level - peak + RANGE_DB) / RANGE_DB, 0.0), 1.0)
    return out


def _bands_db(samples: Samples) -> Array:
    power = np.abs(np.fft.rfft(_windows(samples) * np.hanning(400), _FFT, axis=1)) ** 2
    hz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    sums = [power[:, (hz >= low) & (hz < high)].sum(axis=1) for low, high in BANDS_HZ]
    return np.asarray(10 * np.log10(np.stack(sums, axis=1) + 1e-9))
