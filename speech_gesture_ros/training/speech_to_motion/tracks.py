"""Training tracks: one recording with its motion on the 25 Hz grid, and its cache file (.npz)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import ACCENT_THRESHOLD, Accents

FULL_PROMINENCE = 0.4  # from which an accent has full size
XYZ_STEP_M = 5e-5  # unit of int16 positions: resolves third differences, reaches 1.6 m


@dataclass(frozen=True)
class TrainingTrack:
    """One recording, ready for training. T pose frames, V versions of the sound, P motions.

    Attributes:
        speaker: Name of the speaker; "" in tracks without speech.
        features: (V, 4 T, F) float16, version 0 is the clean sound.
        joint_xyz: (P, T, J, 3) int16 in units of `XYZ_STEP_M`.
        code: (P, T) uint8.
        next_code: (P, T) uint8.
        phase: (P, T) float32.
        remaining: (P, T) float32 [s].
        variation: (P, T, V) float16.
        activity: (P, T) float16; 1 throughout in the first motion.
        accent: (T,) float16, size of the accent on that frame, 0 to 1, divided between neighbouring frames.
        speech: (T,) float16, 1 in speech.
        accent_times_s: (A,) [s].
    """

    speaker: str
    features: npt.NDArray[np.float16]
    joint_xyz: npt.NDArray[np.int16]
    code: npt.NDArray[np.uint8]
    next_code: npt.NDArray[np.uint8]
    phase: npt.NDArray[np.float32]
    remaining: npt.NDArray[np.float32]
    variation: npt.NDArray[np.float16]
    activity: npt.NDArray[np.float16]
    accent: npt.NDArray[np.float16]
    speech: npt.NDArray[np.float16]
    accent_times_s: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.accent)


def accent_track(accents: Accents) -> npt.NDArray[np.float16]:
    """Return (T,) the size of the accent on each frame; an accent between two frames is divided between them."""
    count = len(accents.speech)
    out = np.zeros(count + 1)
    for time_s, gain in zip(accents.times_s, accent_sizes(accents)):
        place = min(time_s * POSE_RATE, count - 1.0)
        left = int(place)
        out[left] = max(out[left], gain * (1 - (place - left)))
        out[left + 1] = max(out[left + 1], gain * (place - left))
    return out[:count].astype(np.float16)


def accent_sizes(accents: Accents) -> npt.NDArray[np.float64]:
    """Return (A,) the size of each accent: from 0 at the threshold to 1, and a little by loudness."""
    certain = np.clip((accents.prominence - ACCENT_THRESHOLD) / (FULL_PROMINENCE - ACCENT_THRESHOLD), 0.0, 1.0)
    frames = np.minimum(np.round(accents.times_s * POSE_RATE).astype(int), max(len(accents.level_db) - 1, 0))
    loudness = np.tanh(accents.level_db[frames] / 6.0)
    return np.asarray(np.clip(certain * (2 - certain) * (1.15 + 0.15 * loudness), 0.0, 1.0))
