"""All that the 2019 paper hears, measured as the paper says but at 16 kHz: for networks that are trained anew.

    mfcc_00 .. mfcc_25                20 ms from the frame's time on, rectangular; the first one is the log energy
    energy, energy_slope,
    pitch, pitch_slope                as `kucherenko` has them
    spectrogram_00 .. spectrogram_63  as `kucherenko_spectrogram` has them

The MFCC are those of python_speech_features with its defaults (pre-emphasis 0.97, 26 triangles on the HTK mel scale,
FFT of 512, lifter 22), on samples of 16 bits. One thing differs: a noise of about one step of 16 bits is added to the
power, so that digital silence is a quiet room and not minus infinity. The published weights hear something else
(`kucherenko`): 11.6 ms at 44.1 kHz.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features import kucherenko, kucherenko_spectrogram
from speech_gesture_ros.features.mel import project_rows
from speech_gesture_ros.features.mfcc import mfcc_from_log_mel

Array = npt.NDArray[np.float64]

FEATURE_NAMES: tuple[str, ...] = (*kucherenko.FEATURE_NAMES, *kucherenko_spectrogram.FEATURE_NAMES)
MFCC_LENGTH = 320  # [samples] 20 ms
N_FFT = 512
N_BANDS = 26
LIFTER = 22
PRE_EMPHASIS = 0.97
FULL_SCALE = 32768.0
POWER_FLOOR = 1.0  # of a bin, in steps of 16 bits squared
_BEFORE = 512  # [samples] of the windows of `kucherenko` before a frame's time


def mfcc_rows(windows: npt.NDArray[np.floating]) -> Array:
    """(T, 1 + MFCC_LENGTH) samples in [-1, 1], the first one that before the frame, to (T, N_BANDS)."""
    samples = FULL_SCALE * np.asarray(windows, dtype=np.float64)
    spectrum = np.fft.rfft(samples[:, 1:] - PRE_EMPHASIS * samples[:, :-1], N_FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) / N_FFT + POWER_FLOOR
    cepstrum = mfcc_from_log_mel(np.log(project_rows(power, _filterbank())), N_BANDS)
    cepstrum *= 1 + LIFTER / 2 * np.sin(np.pi * np.arange(N_BANDS) / LIFTER)
    cepstrum[:, 0] = np.log(power.sum(axis=1))
    return cepstrum


@functools.cache
def _filterbank() -> Array:
    """(N_FFT // 2 + 1, N_BANDS) triangles between whole bins, equally spaced on the HTK mel scale, 0 to 8 kHz."""
    highest = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    hz = 700 * (10 ** (np.linspace(0, highest, N_BANDS + 2) / 2595) - 1)
    corners = np.floor((N_FFT + 1) * hz / SAMPLE_RATE)
    bins = np.arange(N_FFT // 2 + 1)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


class _MfccAndProsody(kucherenko.KucherenkoFeatureStage):
    """The prosody of `kucherenko` with the MFCC of this module."""

    def _mfcc(self, windows: Array) -> Array:
        return mfcc_rows(windows[:, _BEFORE - 1:_BEFORE + MFCC_LENGTH])


class AllFeaturesStage:
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, F) float32 at 100 Hz."""

    def __init__(self) -> None:
        self._stages = (_MfccAndProsody(), kucherenko_spectrogram.open_stage())

    @property
    def latency_s(self) -> float:
        """A frame is complete 25 ms after its time [s], in both of its stages."""
        return self._stages[0].latency_s

    def reset(self) -> None:
        """Forget everything."""
        for stage in self._stages:
            stage.reset()

    def push(self, chunk: AudioChunk) -> FeatureChunk:
        """Feed consecutive samples; non-finite ones count as 0. Returns the frames they complete."""
        return _side_by_side([stage.push(chunk) for stage in self._stages])

    def flush(self) -> FeatureChunk:
        """The frames that remain, as if silence followed: N // 160 altogether."""
        return _side_by_side([stage.flush() for stage in self._stages])


def open_stage() -> AllFeaturesStage:
    """As `features.sets` opens it."""
    return AllFeaturesStage()


def _side_by_side(parts: list[FeatureChunk]) -> FeatureChunk:
    return FeatureChunk(parts[0].start_index, np.concatenate([part.values for part in parts], axis=1))
