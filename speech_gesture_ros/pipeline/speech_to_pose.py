"""Speech to human poses: a model and its features as one stage.

AudioChunk ─► feature stage of the model ─► model ─► PoseChunk
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk, PoseChunk, concatenate
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.features.sets import make_feature_stage
from speech_gesture_ros.networks.model_registry import open_model


class SpeechToPose:
    """AudioChunk (N,) at 16 kHz to PoseChunk (K, J, 3) [m] at 25 Hz.

    Args:
        folder: The model's bundle.
        look_ahead_s: Future speech a pose may use [s].
        seed: Choice of gestures, where the model leaves one.
        device: "auto", "cpu", "cuda" or "cuda:<n>".

    Raises:
        BundleError: If the bundle cannot be used.
        ConfigError: If the look-ahead is out of the model's range or the device does not work.
    """

    def __init__(self, folder: Path, look_ahead_s: float = 0.4, seed: int = 0, device: str = "auto") -> None:
        self.model = open_model(folder, look_ahead_s=look_ahead_s, seed=seed, device=device)
        self.features = make_feature_stage(self.model.capabilities.feature_set)

    @property
    def skeleton(self) -> Skeleton:
        """Skeleton of the poses."""
        return self.model.skeleton

    @property
    def latency_s(self) -> float:
        """Algorithmic delay of features and model [s]."""
        return self.features.latency_s + self.model.latency_s

    def set_controls(self, controls: GestureControls) -> None:
        """Apply the controls that the model's capabilities name, from the next pose on."""
        self.model.set_controls(controls)

    def push(self, chunk: AudioChunk) -> PoseChunk:
        """Feed consecutive 16 kHz samples; return the poses they complete."""
        return self.model.push(self.features.push(chunk))

    def flush(self) -> PoseChunk:
        """Return the remaining poses, as if silence followed."""
        return concatenate([self.model.push(self.features.flush()), self.model.flush()])

    def reset(self) -> None:
        """Begin a new stream; the random draws of a model may go on."""
        self.features.reset()
        self.model.reset()

    def perform(self, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Generate the motion of a whole recording.

        Args:
            samples: (N,) mono at 16 kHz in [-1, 1].

        Returns:
            (N // 640, J, 3) [m] at 25 Hz.
        """
        self.reset()
        poses = [self.push(AudioChunk(0, np.asarray(samples, dtype=np.float32))), self.flush()]
        self.reset()
        return np.asarray(concatenate(poses).values, dtype=np.float32)
