"""Sizes of the networks of the stroke model: every number that shapes their weights, and no other."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_DILATION, MAX_LAYERS
from speech_gesture_ros.networks.strokes.channels import NUM_CHANNELS

MAX_WIDTH = 4096
NUM_CUES = 3  # outputs of the speech encoder: logits of voice and accent, level
STATE_SIZE = 2 * NUM_CHANNELS  # inputs of the motion decoder: state and velocity


@dataclass(frozen=True)
class StrokeNetworkConfig:
    """Sizes of the speech encoder and the motion decoder.

    Attributes:
        num_features: Columns of a feature frame.
        channels: Width of the causal convolutions that encode speech.
        dilations: Their dilations [pose frames]; kernels have three taps.
        decoder_hidden: Width of both hidden layers of the motion decoder.
    """

    num_features: int
    channels: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    decoder_hidden: int = 160

    def __post_init__(self) -> None:
        for name in ("num_features", "channels", "decoder_hidden"):
            if not 1 <= getattr(self, name) <= MAX_WIDTH:
                raise ConfigError(name, getattr(self, name), f"1 to {MAX_WIDTH}",
                                  "Correct the network's configuration.")
        if len(self.dilations) > MAX_LAYERS or not all(1 <= d <= MAX_DILATION for d in self.dilations):
            raise ConfigError("dilations", self.dilations, f"at most {MAX_LAYERS} from 1 to {MAX_DILATION}",
                              "Correct the network's configuration.")

    @property
    def frame_size(self) -> int:
        """Features of one pose frame."""
        return self.num_features * FEATURES_PER_POSE
