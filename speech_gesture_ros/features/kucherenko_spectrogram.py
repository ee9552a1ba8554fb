"""Spectrogram of the 2019 paper: 64 log-mel bands from 100 to 7500 Hz of a long window, at 100 Hz.

The paper uses 2048 samples at 22.05 kHz every 50 ms: 93 ms, which are 1486 samples at 16 kHz. Every fifth frame is its
20 Hz row. As in all feature sets, frame n ends with sample 160 n + 400, so its middle is 21 ms before its time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.features.mel import mel_filterbank, project_rows
from speech_gesture_ros.features.windowed_stage import WindowedStage

Array = npt.NDArray[np.float64]

N_BANDS = 64
MIN_HZ, MAX_HZ = 100.0, 7500.0
SPECTROGRAM_LENGTH = 1486  # [samples] 93 ms
N_FFT = 2048
LOG_FLOOR = 1e-10
FEATURE_NAMES: tuple[str, ...] = tuple(f"spectrogram_{band:02d}" for band in range(N_BANDS))

_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SPECTROGRAM_LENGTH) / SPECTROGRAM_LENGTH)
_FILTERBANK = mel_filterbank(N_BANDS, MIN_HZ, MAX_HZ, N_FFT)


def spectrogram_rows(windows: npt.NDArray[np.floating]) -> Array:
    """(T, SPECTROGRAM_LENGTH) windows to the (T, N_BANDS) natural logarithm of their mel power."""
    spectrum = np.fft.rfft(windows * _HANN, N_FFT, axis=1)
    return np.asarray(np.log(project_rows(spectrum.real**2 + spectrum.imag**2, _FILTERBANK) + LOG_FLOOR))


class SpectrogramStage(WindowedStage):
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, N_BANDS) float32 at 100 Hz."""

    def __init__(self) -> None:
        super().__init__(SPECTROGRAM_LENGTH, N_BANDS)

    def _rows(self, windows: Array) -> Array:
        return spectrogram_rows(windows)
