"""How big the networks of Speech2Gesture are; the defaults are the paper's."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.keypoints import NUM_KEYPOINTS

FRAMES = 64  # keypoint frames of a window: 4.2 s from the first to the last at 15 Hz
AUDIO_FRAMES = 418  # feature frames of a window: 67,267 samples
NUM_MOVING = NUM_KEYPOINTS - 1  # the base does not move
NUM_DOWNS = 5  # of the UNet: 64 frames to 2
NUM_BANDS = 64  # of the feature set "log_mel64"
SILENCE, LOUDEST = math.log(1e-6), 8.0  # its bounds
DEVIATION_FLOOR = 0.004  # [m] a keypoint that hardly moves is not blown up


@dataclass(frozen=True)
class Speech2GestureConfig:
    """Sizes of generator and discriminator.

    Attributes:
        encoder_channels: Of the three blocks of 2-D convolutions that hear.
        channels: Of everything after them.
        decoder_layers: Convolutions after the UNet.
        discriminator_channels: Of its first layer; the next two have twice and four times as many.
    """

    encoder_channels: tuple[int, int, int] = (64, 128, 256)
    channels: int = 256
    decoder_layers: int = 4
    discriminator_channels: int = 64

    def __post_init__(self) -> None:
        for name, value in (("encoder_channels", min(self.encoder_channels)), ("channels", self.channels),
                            ("decoder_layers", self.decoder_layers),
                            ("discriminator_channels", self.discriminator_channels)):
            if value < 1:
                raise ConfigError(name, value, "at least 1", "Correct the network's configuration.")
