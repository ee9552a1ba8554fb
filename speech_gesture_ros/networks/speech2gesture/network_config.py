"""Sizes of the networks of Speech2Gesture; the defaults are those of the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.keypoints import NUM_KEYPOINTS

WINDOW_KEYPOINTS = 64  # keypoint frames of a window: 4.2 s from the first to the last at 15 Hz
WINDOW_FEATURES = 418  # feature frames of a window: 67,267 samples
NUM_MOVING = NUM_KEYPOINTS - 1  # the base does not move
NUM_DOWNS = 5  # of the UNet: 64 frames to 2
NUM_BANDS = 64  # of the feature set "log_mel64"
LOG_MEL_MIN, LOG_MEL_MAX = math.log(1e-6), 8.0  # digital silence; upper bound of the feature set
MAX_WIDTH, MAX_LAYERS = 2**16, 64
MIN_STD_M = 0.004  # smallest standard deviation of a keypoint in the normalisation


@dataclass(frozen=True)
class Speech2GestureConfig:
    """Sizes of generator and discriminator.

    Attributes:
        encoder_channels: Of the three blocks of 2-D convolutions.
        channels: Of all layers after them.
        decoder_layers: Convolutions after the UNet.
        discriminator_channels: Of its first layer; the next two have twice and four times as many.
    """

    encoder_channels: tuple[int, int, int] = (64, 128, 256)
    channels: int = 256
    decoder_layers: int = 4
    discriminator_channels: int = 64

    def __post_init__(self) -> None:
        for name, value in (("encoder_channels", min(self.encoder_channels)),
                            ("encoder_channels", max(self.encoder_channels)), ("channels", self.channels),
                            ("decoder_layers", self.decoder_layers),
                            ("discriminator_channels", self.discriminator_channels)):
            if not 1 <= value <= (MAX_LAYERS if name == "decoder_layers" else MAX_WIDTH):
                raise ConfigError(name, value, f"1 to {MAX_WIDTH}, layers 1 to {MAX_LAYERS}",
                                  "Correct the network's configuration.")
