"""Onsets of sound: sudden increases of spectral energy; the audio beats of the beat scores.

    power ─► 128 mel bands [dB] ─► rise over the frame before, mean over bands ─► local peaks above their surroundings

Recipe and constants are those of librosa's default onset detector (McFee et al., SciPy 2015), which the BEAT and EMAGE
evaluations use, at 16 kHz with a hop of 512 samples (32 ms); a test compares the results with librosa's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.mel import mel_filterbank

Floats = npt.NDArray[np.float64]
HOP = 512
N_FFT = 2048
N_BANDS = 128
TOP_DB = 80.0
DELTA = 0.07  # over the surroundings, of the strength scaled to [0, 1]
PEAK_S, MEAN_S, WAIT_S = 0.03, 0.10, 0.03
_BANDS = mel_filterbank(N_BANDS, 0.0, SAMPLE_RATE / 2, N_FFT)
_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)


def onset_strength(samples: npt.NDArray[np.floating]) -> Floats:
    """(N,) samples at 16 kHz to (1 + N // 512,) mean rise of the mel bands from frame to frame [dB]."""
    padded = np.pad(np.asarray(samples, dtype=np.float64), N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    power = np.concatenate([np.abs(np.fft.rfft(frames[i:i + 1024] * _HANN)) ** 2 @ _BANDS
                            for i in range(0, len(frames), 1024)])
    level = 10.0 * np.log10(np.maximum(power, 1e-10))
    level = np.maximum(level, level.max() - TOP_DB)
    rise = np.maximum(0.0, np.diff(level, axis=0)).mean(axis=1)
    # The rise belongs to the later frame, and a frame is centred: it is delayed by half a window.
    lead = 1 + N_FFT // (2 * HOP)
    return np.concatenate([np.zeros(lead), rise])[:len(frames)]


def onset_times(samples: npt.NDArray[np.floating]) -> Floats:
    """(N,) samples at 16 kHz to the (A,) onset times [s]; none in digital silence."""
    strength = onset_strength(samples)
    strength = strength - strength.min()
    if not strength.max() > 0.0:
        return np.zeros(0)
    return np.asarray(_peaks(strength / strength.max()) * HOP / SAMPLE_RATE)


def _peaks(course: Floats) -> npt.NDArray[np.int64]:
    """Frames that are the largest of their past `PEAK_S`, `DELTA` above the mean of +-`MEAN_S`, `WAIT_S` apart."""
    rate = SAMPLE_RATE / HOP
    before, around, wait = int(PEAK_S * rate), int(MEAN_S * rate), int(WAIT_S * rate)
    largest = ndimage.maximum_filter1d(course, before + 1, mode="constant", cval=course.min(), origin=before // 2)
    sums = np.cumsum(np.concatenate([[0.0], course]))
    index = np.arange(len(course))
    low, high = np.maximum(index - around, 0), np.minimum(index + around + 1, len(course))
    candidates = np.flatnonzero((course >= largest) & (course >= (sums[high] - sums[low]) / (high - low) + DELTA))
    kept: list[int] = []
    for frame in candidates:
        if not kept or frame > kept[-1] + wait:
            kept.append(int(frame))
    return np.array(kept, dtype=np.int64)
