"""Input frames of a network at the pose rate: four consecutive feature frames each, for any chunking."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FEATURES_PER_POSE

Frames = npt.NDArray[np.float32]


class InputFrames:
    """FeatureChunk (T, F) at 100 Hz to frames (K, 4 F) at 25 Hz; feature frames that fill none wait.

    Args:
        silence: (F,) one feature frame of digital silence.
    """

    def __init__(self, silence: Frames) -> None:
        self._silence = silence
        self.reset()

    def reset(self) -> None:
        """Forget the feature frames that wait."""
        self._pending = np.empty((0, len(self._silence)), np.float32)

    def push(self, chunk: FeatureChunk) -> Frames:
        """Return the frames that the feature frames complete.

        Raises:
            ConfigError: If the feature frames have another number of columns than the silence.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        num_features = len(self._silence)
        if values.ndim != 2 or values.shape[1] != num_features:
            raise ConfigError("shape of the feature frames", values.shape, f"(T, {num_features})",
                              "Use the feature set that the model's capabilities name.")
        known = np.concatenate([self._pending, values])
        complete = len(known) // FEATURES_PER_POSE * FEATURES_PER_POSE
        self._pending = known[complete:].copy()
        return known[:complete].reshape(-1, FEATURES_PER_POSE * num_features)

    def silence(self, count: int) -> Frames:
        """Return (count, 4 F) frames of silence."""
        return np.tile(self._silence, (count, FEATURES_PER_POSE)).astype(np.float32)
