"""Running normalisation: maps a speaker's features to the mean and variance of the training data.

The published weights were trained on one actor with one microphone; with another voice the hands move to the head. The
mean and variance of each feature over the speaker's frames so far, with the training data as a prior worth `PRIOR_S`,
remove the influence of speaker and microphone from the features.

Only frames with sound count (intensity above 20 dB, -71 dBFS), so that silence changes nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURE_RATE

Array = npt.NDArray[np.float64]

PRIOR_S = 1.5  # weight of the training data's statistics, as a duration
MEMORY_S = 60.0
MIN_STD_RATIO = 0.2  # of the training data's standard deviation: bounds the gain for a monotonous voice
MAX_DEVIATION = 6.0  # [training standard deviations] where a normalised feature is clipped


class RunningNormalisation:
    """Streaming normalisation to the training statistics.

    Args:
        mean: (F,) of the training data.
        std: (F,) of the training data.
        energy: Column that is above 0 in frames with sound; None to count every frame.
    """

    def __init__(self, mean: npt.NDArray[np.floating], std: npt.NDArray[np.floating], energy: int | None) -> None:
        self._target_mean = np.asarray(mean, dtype=np.float64)
        self._target_std = np.asarray(std, dtype=np.float64)
        self._energy = energy
        self.reset()

    def reset(self) -> None:
        """Forget the speaker."""
        self._mean, self._square = np.zeros_like(self._target_mean), np.zeros_like(self._target_mean)
        self._num_frames = 0.0

    def apply(self, frames: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Normalise consecutive finite frames (T, F) at 100 Hz; each one first updates the statistics."""
        out = np.empty(frames.shape)
        usual, lowest = self._target_std**2, (MIN_STD_RATIO * self._target_std) ** 2
        for i, frame in enumerate(np.asarray(frames, dtype=np.float64)):
            if self._energy is None or frame[self._energy] > 0.0:
                self._update(frame)
            share = self._num_frames / (self._num_frames + PRIOR_S * FEATURE_RATE)
            mean = self._target_mean + share * (self._mean - self._target_mean)
            square = usual + share * (self._square - usual)
            out[i] = (frame - mean) / np.sqrt(np.maximum(square, lowest))
        clipped = np.minimum(np.maximum(out, -MAX_DEVIATION), MAX_DEVIATION)
        return (clipped * self._target_std + self._target_mean).astype(np.float32)

    def _update(self, frame: Array) -> None:
        """Update mean and variance: over all frames for `MEMORY_S`, exponentially weighted after that."""
        self._num_frames = min(self._num_frames + 1.0, MEMORY_S * FEATURE_RATE)
        difference = frame - self._mean
        self._mean = self._mean + difference / self._num_frames
        self._square = self._square + (difference * (frame - self._mean) - self._square) / self._num_frames
