"""A speaker's features moved to the mean and variance that a model was trained on, learned while they speak.

The published weights were trained on one actor with one microphone: another voice drives the hands to the head. The
mean and variance of each feature over the speaker's frames so far, mixed with those of the training data as if these
had been heard for `PRIOR_S`, take what is the speaker's and the microphone's out of the features.

Only frames with sound count (intensity above 20 dB, -71 dBFS), so that silence changes nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURE_RATE

Array = npt.NDArray[np.float64]

PRIOR_S = 1.5  # of training data before the first frame
MEMORY_S = 60.0
MIN_STD_RATIO = 0.2  # of the training data's; bounds what a monotone can be blown up to
MAX_STD = 6.0  # [training standard deviations] beyond which a normalised feature is cut off


class RunningNormalisation:
    """Moves frames to the training statistics.

    Args:
        mean: (F,) of the training data.
        std: (F,) of the training data.
        energy: Column that is above 0 in frames with sound; None counts every frame.
    """

    def __init__(self, mean: npt.NDArray[np.floating], std: npt.NDArray[np.floating], energy: int | None) -> None:
        self._target_mean = np.asarray(mean, dtype=np.float64)
        self._target_std = np.asarray(std, dtype=np.float64)
        self._energy = energy
        self.reset()

    def reset(self) -> None:
        """Forget the speaker."""
        self._mean, self._square = np.zeros_like(self._target_mean), np.zeros_like(self._target_mean)
        self._heard = 0.0

    def apply(self, frames: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Learn from consecutive finite frames (T, F) at 100 Hz, each before it is moved; return them moved."""
        out = np.empty(frames.shape)
        usual, lowest = self._target_std**2, (MIN_STD_RATIO * self._target_std) ** 2
        for i, frame in enumerate(np.asarray(frames, dtype=np.float64)):
            if self._energy is None or frame[self._energy] > 0.0:
                self._learn(frame)
            share = self._heard / (self._heard + PRIOR_S * FEATURE_RATE)
            mean = self._target_mean + share * (self._mean - self._target_mean)
            square = usual + share * (self._square - usual)
            out[i] = (frame - mean) / np.sqrt(np.maximum(square, lowest))
        cut = np.minimum(np.maximum(out, -MAX_STD), MAX_STD)
        return (cut * self._target_std + self._target_mean).astype(np.float32)

    def _learn(self, frame: Array) -> None:
        """Mean and variance over all frames until `MEMORY_S` are full, then with that memory."""
        self._heard = min(self._heard + 1.0, MEMORY_S * FEATURE_RATE)
        apart = frame - self._mean
        self._mean = self._mean + apart / self._heard
        self._square = self._square + (apart * (frame - self._mean) - self._square) / self._heard
