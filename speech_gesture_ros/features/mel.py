"""Log-mel spectrum, equal to librosa's, frame by frame.

librosa centres a 400-sample window in 512 samples; here the FFT pads behind the 400 samples. The power spectrum is the
same.

Every projection goes one row at a time, ``(T, 1, K) @ (K, M)``: one product over all rows would be a different BLAS
call for each T and would round differently, so that streaming would not equal offline bit for bit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.framing import WIN_LENGTH

Array = npt.NDArray[np.float64]

N_FFT = 512
N_MELS = 40
MIN_HZ = 60.0
MAX_HZ = 7600.0
LOG_FLOOR = 1e-14  # below the quantisation noise of 24-bit audio


def _mel_from_hz(hz: npt.ArrayLike) -> Array:
    """Slaney mel scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above."""
    values = np.asarray(hz, dtype=np.float64)
    above = 15.0 + 27.0 * np.log(np.maximum(values, 1.0) / 1000.0) / np.log(6.4)
    return np.where(values < 1000.0, values * 3 / 200, above)


def _hz_from_mel(mel: npt.ArrayLike) -> Array:
    values = np.asarray(mel, dtype=np.float64)
    return np.where(values < 15.0, values * 200 / 3, 1000.0 * np.exp((values - 15.0) * np.log(6.4) / 27.0))


def mel_filterbank(n_mels: int = N_MELS, min_hz: float = MIN_HZ, max_hz: float = MAX_HZ, n_fft: int = N_FFT) -> Array:
    """Triangles of equal area on the Slaney mel scale: (n_fft // 2 + 1, n_mels), as ``librosa.filters.mel(...).T``."""
    corners = _hz_from_mel(np.linspace(_mel_from_hz(min_hz), _mel_from_hz(max_hz), n_mels + 2))
    bins = np.fft.rfftfreq(n_fft, 1 / SAMPLE_RATE)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    area = 2.0 / (corners[2:] - corners[:-2])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)) * area)


_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WIN_LENGTH) / WIN_LENGTH)
_FILTERBANK = mel_filterbank()


def power_spectrum(windows: npt.NDArray[np.floating]) -> Array:
    """Power of the last `WIN_LENGTH` samples of each window under a Hann window: (T, L) to (T, N_FFT // 2 + 1)."""
    spectrum = np.fft.rfft(windows[:, -WIN_LENGTH:] * _HANN, N_FFT, axis=1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


def log_mel_from_power(power: Array) -> Array:
    """Natural logarithm of the mel bands: (T, N_FFT // 2 + 1) to (T, N_MELS)."""
    return np.asarray(np.log(project_rows(power, _FILTERBANK) + LOG_FLOOR))


def project_rows(rows: Array, matrix: Array) -> Array:
    """``rows @ matrix``, (T, K) @ (K, M), rounded the same for any number of rows."""
    return np.asarray((rows[:, None, :] @ matrix)[:, 0, :])
