"""Sizes of Speech2Face; `PAPER` has those of Oh et al. (CVPR 2019), the defaults are for a CPU."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.network_sizes import REMEDY, check_widths
from speech_gesture_ros.networks.speech2face.voice_spectrogram import MAX_S, MIN_S

NUM_CONVOLUTIONS = 9
MAX_CHANNELS, MAX_DENSE, MAX_AXES = 2048, 8192, 4096
PICTURE = 64  # width and height of the decoded face [pixels]


@dataclass(frozen=True)
class Speech2FaceConfig:
    """Sizes of the voice encoder and the face decoder.

    Attributes:
        seconds: Length of the voice that is used [s].
        channels: Of the nine convolutions of the voice encoder.
        first_stride: Of the first convolution, in time and frequency.
        magnitude: Give the network the magnitude beside real and imaginary part, so that it need not find it from
            their random phase; the paper does not, and has many more voices.
        dense: Width of the dense layer of the voice encoder.
        feature: Length of the face feature.
        decoder: Width of the first layer of the face decoder.

    Raises:
        ConfigError: If a size is out of bounds.
    """

    seconds: float = 3.0
    channels: tuple[int, ...] = (8, 8, 16, 16, 16, 32, 32, 32, 32)
    first_stride: int = 2
    magnitude: bool = True
    dense: int = 128
    feature: int = 32
    decoder: int = 64

    def __post_init__(self) -> None:
        if not MIN_S <= self.seconds <= MAX_S:
            raise ConfigError("seconds", self.seconds, f"{MIN_S:g} to {MAX_S:g} s", REMEDY)
        if len(self.channels) != NUM_CONVOLUTIONS:
            raise ConfigError("channels", self.channels, f"{NUM_CONVOLUTIONS} widths", REMEDY)
        for width in self.channels:
            if not 1 <= width <= MAX_CHANNELS:
                raise ConfigError("channels", self.channels, f"1 to {MAX_CHANNELS}", REMEDY)
        if self.first_stride not in (1, 2):
            raise ConfigError("first_stride", self.first_stride, "1 or 2", REMEDY)
        check_widths(self, ("dense", "feature", "decoder"), MAX_DENSE)


PAPER = Speech2FaceConfig(6.0, (64, 64, 128, 128, 128, 256, 512, 512, 512), 1, False, 4096, 4096, 4096)
