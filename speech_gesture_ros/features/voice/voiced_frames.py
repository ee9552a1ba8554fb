"""Frames of a recording every 10 ms, with their pitch (Boersma, 1993) and level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.boersma import PitchFrames, PitchPath, with_global_peak

Array = npt.NDArray[np.float64]

STEP = SAMPLE_RATE // 100
LEVEL_LENGTH = 480  # [samples] of the window of the level, 30 ms
SILENCE_DB = -100.0


@dataclass(frozen=True)
class VoicedFrames:
    """T frames, frame k centred at k / 100 s.

    Attributes:
        f0_hz: (T,) pitch, 0 where unvoiced.
        level_db: (T,) mean square under a Hann window [dB re full scale].
    """

    f0_hz: Array
    level_db: Array

    @property
    def voiced(self) -> npt.NDArray[np.intp]:
        """Frames with a pitch."""
        return np.flatnonzero(self.f0_hz > 0.0)


def voiced_frames(samples: npt.NDArray[np.floating]) -> VoicedFrames:
    """Return the frames of a recording (N,) mono at 16 kHz."""
    sound = np.asarray(samples, dtype=np.float64)
    pitch = PitchFrames(SAMPLE_RATE)
    candidates = pitch.candidates(centred_windows(sound, pitch.length))
    strength = with_global_peak(candidates, candidates.peak.max(initial=0.0))
    f0 = PitchPath(STEP / SAMPLE_RATE).best(candidates.f0_hz, strength)
    window = np.hanning(LEVEL_LENGTH)
    power = np.square(centred_windows(sound, LEVEL_LENGTH) * window).sum(axis=1) / np.square(window).sum()
    level = 10.0 * np.log10(power + 10.0 ** (SILENCE_DB / 10.0))
    return VoicedFrames(f0, level[:len(f0)])


def centred_windows(sound: Array, length: int, rate: float = SAMPLE_RATE) -> Array:
    """Return the windows (T, length) of a sound whose centres are 10 ms apart, from its first sample on."""
    padded = np.pad(sound, (length // 2, length - length // 2))
    starts = np.arange(int(len(sound) * 100 / rate)) * rate / 100
    return np.lib.stride_tricks.sliding_window_view(padded, length)[np.round(starts).astype(np.intp)]
