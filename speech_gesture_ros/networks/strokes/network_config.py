"""Sizes of the networks of the stroke model: every number that shapes their weights, and no other."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.networks.network_sizes import check_dilations, check_widths
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
        check_widths(self, ("num_features", "channels", "decoder_hidden"), MAX_WIDTH)
        check_dilations(self.dilations)

    @property
    def frame_size(self) -> int:
        """Features of one pose frame."""
        return self.num_features * FEATURES_PER_POSE
