"""Sizes of the face network, and the look-aheads that it is trained for."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import ARTICULATORS, VISEMES
from speech_gesture_ros.core.rates import FACE_RATE, FEATURES_PER_FACE
from speech_gesture_ros.networks.network_sizes import check_dilations, check_widths

LOOK_AHEADS = (0, 2, 4)  # [face frames]: 0, 40 and 80 ms
NUM_OUTPUTS = len(VISEMES) + len(ARTICULATORS)
MAX_WIDTH = 1024


@dataclass(frozen=True)
class FaceNetworkConfig:
    """Sizes of the network.

    Attributes:
        num_features: Columns of a feature frame.
        channels: Width of the causal convolutions.
        dilations: Their dilations [face frames]; kernels have three taps.
    """

    num_features: int
    channels: int = 128
    dilations: tuple[int, ...] = (1, 1, 2, 4, 8, 16)

    def __post_init__(self) -> None:
        check_widths(self, ("num_features", "channels"), MAX_WIDTH)
        check_dilations(self.dilations)

    @property
    def frame_size(self) -> int:
        """Features of one face frame."""
        return self.num_features * FEATURES_PER_FACE


def look_ahead_frames(look_ahead_s: float) -> int:
    """Return a look-ahead in face frames.

    Raises:
        ConfigError: If it is none of `LOOK_AHEADS`.
    """
    frames = round(look_ahead_s * FACE_RATE) if 0.0 <= look_ahead_s <= 1.0 else -1
    if frames not in LOOK_AHEADS or abs(frames / FACE_RATE - look_ahead_s) > 1e-6:
        raise ConfigError("look_ahead_s of the face", look_ahead_s,
                          f"one of {', '.join(f'{n / FACE_RATE:g}' for n in LOOK_AHEADS)} s",
                          "0.04 is usual; 0 for the least latency.")
    return frames
