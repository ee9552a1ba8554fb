"""Formants by linear prediction, and the length of the vocal tract that they imply.

Formants are the poles of an all-pole model of the spectrum (Atal and Hanauer, JASA 50, 1971), of order 12 below
5.5 kHz, in loud voiced frames. A tube of length L that is closed at one end has F_k = (2 k - 1) c / (4 L). F1 and F2
move with the vowels, the third and fourth hardly do: L is estimated from their medians (Wakita, IEEE Trans. ASSP 25,
1977).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import linalg, signal

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.voice.voiced_frames import VoicedFrames, centred_windows

Array = npt.NDArray[np.float64]

CEILING_HZ, ORDER = 5500, 12
WINDOW_S = 0.03
PRE_EMPHASIS_HZ = 50.0
LOUD_DB = 20.0  # below the loudest frames, up to which frames are used
LOWEST_HZ, MAX_BANDWIDTH_HZ = 150.0, 500.0  # of poles that are formants
SOUND_SPEED = 350.0  # [m/s] in warm, moist air
USED = (3, 4)  # formants from which the length is estimated
MAX_FRAMES = 6000
_RATE = 2 * CEILING_HZ
_RIDGE = 1e-5  # of the autocorrelation, so that the equations can be solved for pure tones


def formant_medians(samples: npt.NDArray[np.floating], frames: VoicedFrames, numbers: Sequence[int] = USED) -> Array:
    """Return the medians of some formants [Hz]; NaN where too few frames have one.

    Args:
        samples: (N,) mono at 16 kHz.
        frames: Of these samples.
        numbers: Which formants, from 1 on.
    """
    found = _formants(samples, frames)
    columns = [[row[k - 1] for row in found if len(row) >= k] for k in numbers]
    return np.array([np.median(column) if len(column) >= max(10, len(found) // 4) else np.nan for column in columns])


def vocal_tract_length(medians_hz: Sequence[float] | Array, numbers: Sequence[int] = USED) -> float:
    """Return the length of a tube with some formants [cm]; NaN if one is."""
    lengths = [100.0 * SOUND_SPEED * (2 * k - 1) / (4.0 * hz) for k, hz in zip(numbers, medians_hz)]
    return float(np.mean(lengths))


def _formants(samples: npt.NDArray[np.floating], frames: VoicedFrames) -> list[Array]:
    """Return the formants of each loud voiced frame, increasing."""
    sound = signal.resample_poly(np.asarray(samples, dtype=np.float64), _RATE // 100, SAMPLE_RATE // 100)
    sound = signal.lfilter([1.0, -np.exp(-2 * np.pi * PRE_EMPHASIS_HZ / _RATE)], [1.0], sound)
    length = int(WINDOW_S * _RATE)
    windows = centred_windows(sound, length, _RATE)
    voiced = frames.voiced[frames.voiced < len(windows)]
    if not len(voiced):
        return []
    level = frames.level_db[voiced]
    loud = voiced[level > np.percentile(level, 95) - LOUD_DB]
    loud = loud[::max(1, -(-len(loud) // MAX_FRAMES))]
    rows = _autocorrelation(windows[loud] * np.hamming(length))
    return [_poles(row) for row in rows if row[0] > 0.0]


def _autocorrelation(windows: Array) -> Array:
    fft = 1 << int(np.ceil(np.log2(2 * windows.shape[1])))
    return np.asarray(np.fft.irfft(np.abs(np.fft.rfft(windows, fft, axis=1)) ** 2, axis=1)[:, :ORDER + 1])


def _poles(correlation: Array) -> Array:
    """Return the frequencies of the narrow poles of a frame."""
    ridged = np.concatenate([[correlation[0] * (1.0 + _RIDGE)], correlation[1:]])
    roots = np.roots(np.concatenate([[1.0], -linalg.solve_toeplitz(ridged[:-1], ridged[1:])]))
    roots = roots[roots.imag > 0.0]
    hz, bandwidth = np.angle(roots) * _RATE / (2 * np.pi), -np.log(np.abs(roots)) * _RATE / np.pi
    return np.sort(hz[(hz > LOWEST_HZ) & (hz < CEILING_HZ - 100.0) & (bandwidth < MAX_BANDWIDTH_HZ)])
