"""Feature set "kucherenko2019_16k": all features of the 2019 paper, at 16 kHz, for networks trained by the user.

    mfcc_00 .. mfcc_25                20 ms from the frame's time on, rectangular; the first one is the log energy
    energy, energy_slope,
    pitch, pitch_slope                those of `kucherenko`
    spectrogram_00 .. spectrogram_63  those of `kucherenko_spectrogram`

The MFCC are those of python_speech_features with its defaults (pre-emphasis 0.97, 26 triangles on the HTK mel scale,
FFT of 512, lifter 22), on samples of 16 bits, with one difference: a noise of about one step of 16 bits is added to the
power, so that digital silence is like a quiet room and not minus infinity. The published weights use other MFCC
(`kucherenko`): of 11.6 ms at 44.1 kHz.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features import kucherenko, kucherenko_spectrogram
from speech_gesture_ros.features.kucherenko_mfcc import (
    FULL_SCALE,
    N_BANDS,
    N_FFT,
    PRE_EMPHASIS,
    filterbank,
    lifter_gains,
)
from speech_gesture_ros.features.mel import project_rows
from speech_gesture_ros.features.mfcc import mfcc_from_log_mel

Array = npt.NDArray[np.float64]

FEATURE_NAMES: tuple[str, ...] = (*kucherenko.FEATURE_NAMES, *kucherenko_spectrogram.FEATURE_NAMES)
MFCC_LENGTH = SAMPLE_RATE // 50  # [samples] 20 ms
POWER_FLOOR = 1.0  # of a bin, in steps of 16 bits squared


def mfcc_rows(windows: npt.NDArray[np.floating]) -> Array:
    """(T, 1 + MFCC_LENGTH) samples in [-1, 1], beginning with the one before the frame, to (T, N_BANDS)."""
    samples = FULL_SCALE * np.asarray(windows, dtype=np.float64)
    spectrum = np.fft.rfft(samples[:, 1:] - PRE_EMPHASIS * samples[:, :-1], N_FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) / N_FFT + POWER_FLOOR
    cepstrum = mfcc_from_log_mel(np.log(project_rows(power, filterbank(SAMPLE_RATE))), N_BANDS)
    cepstrum *= lifter_gains()
    cepstrum[:, 0] = np.log(power.sum(axis=1))
    return cepstrum


class _MfccAndProsody(kucherenko.KucherenkoFeatureStage):
    """Prosody of `kucherenko` with the MFCC of this module."""

    def _mfcc(self, windows: Array) -> Array:
        return mfcc_rows(windows[:, kucherenko.SAMPLES_BEFORE - 1:kucherenko.SAMPLES_BEFORE + MFCC_LENGTH])


class Kucherenko16kStage:
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, F) float32 at 100 Hz."""

    def __init__(self) -> None:
        self._stages = (_MfccAndProsody(), kucherenko_spectrogram.SpectrogramStage())

    @property
    def latency_s(self) -> float:
        """A frame is complete 25 ms after its time [s], in both of its stages."""
        return self._stages[0].latency_s

    def reset(self) -> None:
        """Return to the state of a new stage."""
        for stage in self._stages:
            stage.reset()

    def push(self, chunk: AudioChunk) -> FeatureChunk:
        """Feed consecutive samples; return the frames that they complete. Non-finite samples count as 0."""
        return _side_by_side([stage.push(chunk) for stage in self._stages])

    def flush(self) -> FeatureChunk:
        """Return the remaining frames, as if silence followed: N // 160 in all."""
        return _side_by_side([stage.flush() for stage in self._stages])


def open_stage() -> Kucherenko16kStage:
    """Make a stage for `features.sets`."""
    return Kucherenko16kStage()


def _side_by_side(parts: list[FeatureChunk]) -> FeatureChunk:
    return FeatureChunk(parts[0].start_index, np.concatenate([part.values for part in parts], axis=1))
