"""Prosody: energy, periodicity and pitch of each frame.

Pitch is YIN (de Cheveigne and Kawahara, JASA 111, 2002), from the difference of a window and itself, shifted::

    d(lag)  = sum over 400 samples of (x[j] - x[j + lag])^2     = energy(0) + energy(lag) - 2 correlation(lag)
    d'(lag) = d(lag) / mean of d(1..lag)                        1 at lag 1, near 0 at multiples of the period

The period is the first dip of d' that is close to the deepest one: with a fixed threshold, as in the paper, multiples
of the period would be chosen if noise raises every dip above it. The depth of the dip is the periodicity.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.framing import WIN_LENGTH
from speech_gesture_ros.features.mel import MAX_HZ, N_FFT

Array = npt.NDArray[np.float64]

MIN_F0_HZ = 65.0
MAX_F0_HZ = 480.0
INTEGRATION = WIN_LENGTH  # [samples] over which a window is compared with itself, shifted
MAX_LAG = int(np.ceil(SAMPLE_RATE / MIN_F0_HZ)) + 1  # one more, for the parabola
MIN_LAG = int(SAMPLE_RATE / MAX_F0_HZ)
PITCH_LENGTH = INTEGRATION + MAX_LAG + (INTEGRATION + MAX_LAG) % 2  # [samples] window a pitch frame needs

DIP_TOLERANCE = 0.1  # depth that a dip may lack to the deepest one
SILENCE_DB = -100.0  # energy of digital silence
_LAGS = np.arange(1.0, MAX_LAG + 1)
_AROUND = np.array([[0], [1], [2]])  # the lags before, at and after a dip between MIN_LAG and MAX_LAG
_NOISE_POWER = 1e-10  # [1 per sample] -100 dBFS: weaker input counts as not periodic

MIN_ENERGY_HZ = 120.0  # a constant offset leaks up to 80 Hz through the Hann window
_bin_hz = np.fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE)
_IN_BAND = ((_bin_hz >= MIN_ENERGY_HZ) & (_bin_hz <= MAX_HZ)).astype(np.float64)
_POWER_TO_MEAN_SQUARE = 2.0 / (N_FFT * 0.375 * WIN_LENGTH)  # Parseval, half spectrum; mean square of the window 3/8


def energy_db_from_power(power: Array) -> Array:
    """Mean square between `MIN_ENERGY_HZ` and `MAX_HZ` [dB re full scale]: (T, N_FFT // 2 + 1) to (T,).

    A full-scale sine has -3 dB, digital silence `SILENCE_DB`. Offsets and frequencies below the voice do not count.
    """
    mean_square = (power[:, None, :] @ _IN_BAND)[:, 0] * _POWER_TO_MEAN_SQUARE
    return np.asarray(10 * np.log10(mean_square + 10 ** (SILENCE_DB / 10)))


def pitch(windows: npt.NDArray[np.floating]) -> tuple[Array, Array]:
    """Compute fundamental frequency and periodicity of each window.

    Args:
        windows: (T, PITCH_LENGTH) samples.

    Returns:
        (T,) F0 [Hz] in [`MIN_F0_HZ`, `MAX_F0_HZ`], the best estimate even without voice, and (T,) periodicity in
        [0, 1]: 1 for a steady tone, about 0.2 for noise, 0 for silence.
    """
    if not len(windows):
        return np.empty(0), np.empty(0)
    difference = _normalised_difference(windows)
    inner = difference[:, 1:-1]
    is_dip = (inner < difference[:, :-2]) & (inner <= difference[:, 2:])
    depth = np.where(is_dip, inner, np.inf)
    deepest = depth.min(axis=1, keepdims=True)
    dip = (depth <= deepest + DIP_TOLERANCE).argmax(axis=1)  # 0 where there is none: then all are inf

    before, at, after = difference[np.arange(len(dip)), dip + _AROUND]
    curvature = before - 2 * at + after
    shift = ((before - after) / (2 * np.where(curvature > 1e-12, curvature, np.inf))).clip(-0.5, 0.5)
    f0_hz = (SAMPLE_RATE / (MIN_LAG + dip + shift)).clip(MIN_F0_HZ, MAX_F0_HZ)
    return f0_hz, np.where(deepest[:, 0] < np.inf, (1.0 - at).clip(0.0, 1.0), 0.0)


def _normalised_difference(windows: npt.NDArray[np.floating]) -> Array:
    """Cumulative-mean-normalised difference d' for lags from MIN_LAG - 1 to MAX_LAG: (T, MAX_LAG - MIN_LAG + 2)."""
    samples = windows[:, -PITCH_LENGTH:]
    # For so few lags, products are faster than an FFT, for one row and for many.
    correlation = np.array([np.correlate(row[:INTEGRATION + MAX_LAG], row[:INTEGRATION]) for row in samples])
    raw = np.maximum(0.0, _pair_energy(samples) - 2 * correlation)[:, 1:] + _NOISE_POWER * INTEGRATION
    mean = raw.cumsum(axis=1) / _LAGS
    return np.asarray(raw[:, MIN_LAG - 2:] / mean[:, MIN_LAG - 2:])


def _pair_energy(samples: npt.NDArray[np.floating]) -> Array:
    """energy(0) + energy(lag) for lags from 0 to MAX_LAG: (T, PITCH_LENGTH) to (T, MAX_LAG + 1)."""
    squares = samples * samples
    steps = np.empty((len(squares), MAX_LAG + 1))  # for each lag: the sample that is added less the one that is dropped
    steps[:, 0] = squares[:, :INTEGRATION].sum(axis=1)
    steps[:, 1:] = squares[:, INTEGRATION:INTEGRATION + MAX_LAG] - squares[:, :MAX_LAG]
    return np.asarray(steps.cumsum(axis=1) + steps[:, :1])
