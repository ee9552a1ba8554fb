"""Features of the published weights exactly as their authors computed them, from a whole recording at 44.1 kHz.

Reference for the streaming set "kucherenko2019", and first step of ``speech-gesture import-published --check``. Prosody
is sampled every 5.56 ms, nine samples a frame of 50 ms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from speech_gesture_ros.features.boersma import (
    INTENSITY_HALF_S,
    WINDOW_S,
    PitchFrames,
    PitchPath,
    intensity_db,
    intensity_window,
    prosody_columns,
    with_global_peak,
)
from speech_gesture_ros.features.kucherenko_mfcc import (
    PUBLISHED_SAMPLE_RATE,
    frames_at_44k,
    log_bands,
    mfcc_from_log_bands,
)

Array = npt.NDArray[np.float64]

MFCC_STEP = 735  # [samples] 16.67 ms; every third frame is used
PROSODY_STEP_S = 5.555555555e-3
STEPS_PER_FRAME = 9


def published_features(samples: npt.NDArray[np.floating]) -> Array:
    """Compute features at 20 Hz.

    Args:
        samples: (N,) mono at 44.1 kHz in [-1, 1].

    Returns:
        (T, 30): 26 MFCC, energy, its slope [1/ms], pitch, its slope [1/ms].
    """
    mfcc = mfcc_from_log_bands(log_bands(frames_at_44k(samples, MFCC_STEP)))[::3]
    f0_hz, intensity = pitch_and_intensity(samples, PUBLISHED_SAMPLE_RATE)
    pitch, energy = prosody_columns(f0_hz, intensity)
    columns = [_mean_of_nine(column) for column in (energy, _slope(energy), pitch, _slope(pitch))]
    count = min(len(mfcc), len(columns[0]))
    return np.concatenate([mfcc[:count], np.stack(columns, axis=1)[:count]], axis=1)


def pitch_and_intensity(samples: npt.NDArray[np.floating], rate: int) -> tuple[Array, Array]:
    """Compute pitch [Hz], 0 if unvoiced, and intensity [dB], 0 where undefined, every `PROSODY_STEP_S` from 0 on.

    Args:
        samples: (N,) in [-1, 1].
        rate: [Hz].
    """
    sound = np.asarray(samples, dtype=np.float64)
    times = np.arange(0.0, len(sound) / rate - PROSODY_STEP_S, PROSODY_STEP_S)
    analysis = PitchFrames(rate)
    grid, frames = _centred_frames(sound, rate, WINDOW_S, analysis.length, PROSODY_STEP_S)
    candidates = analysis.candidates(frames)
    strength = with_global_peak(candidates, np.abs(sound - sound.mean()).max())
    f0_hz = PitchPath(PROSODY_STEP_S).best(candidates.f0_hz, strength)

    window = intensity_window(rate)
    levels_at, frames = _centred_frames(sound, rate, 2 * INTENSITY_HALF_S, len(window), PROSODY_STEP_S)
    levels = intensity_db(frames, window)
    intensity = np.asarray(CubicSpline(levels_at, levels)(times))
    half = PROSODY_STEP_S / 2
    outside = (times < levels_at[0] - half) | (times > levels_at[-1] + half)
    return _pitch_at(times, grid, f0_hz, half), np.asarray(np.where(outside, 0.0, intensity))


def _centred_frames(sound: Array, rate: int, span_s: float, length: int, step_s: float) -> tuple[Array, Array]:
    """Times of the frames that fit, centred in the recording, and their samples (T, length)."""
    duration = len(sound) / rate
    count = int((duration - span_s) / step_s) + 1
    times = (duration - (count - 1) * step_s) / 2 + np.arange(count) * step_s
    # The sample nearest to the frame's left edge; sample i lies at (i + 0.5) / rate.
    begins = np.round(times * rate - length / 2).astype(np.int64)
    padded = np.concatenate([np.zeros(length), sound, np.zeros(length)])
    return np.asarray(times), np.asarray(padded[begins[:, None] + length + np.arange(length)])


def _pitch_at(times: Array, grid: Array, f0_hz: Array, half: float) -> Array:
    """Interpolate linearly between voiced frames; next to an unvoiced frame take the nearest value."""
    position = (times - grid[0]) / (grid[1] - grid[0])
    left = np.clip(np.floor(position).astype(np.int64), 0, len(grid) - 1)
    right = np.minimum(left + 1, len(grid) - 1)
    share = position - left
    linear = (1 - share) * f0_hz[left] + share * f0_hz[right]
    nearest = np.where(share < 0.5, f0_hz[left], f0_hz[right])
    inside = (times >= grid[0] - half) & (times <= grid[-1] + half)
    return np.where(inside, np.where((f0_hz[left] > 0) & (f0_hz[right] > 0), linear, nearest), 0.0)


def _slope(values: Array) -> Array:
    """Change since the sample before [1/ms]; 0 at first."""
    return np.diff(values, prepend=values[:1]) / (1000 * PROSODY_STEP_S)


def _mean_of_nine(values: Array) -> Array:
    count = len(values) // STEPS_PER_FRAME
    return np.asarray(values[:count * STEPS_PER_FRAME].reshape(count, STEPS_PER_FRAME).mean(axis=1))
