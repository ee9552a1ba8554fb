"""Sizes of the networks that draw a person."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.network_sizes import REMEDY, check_widths

MIN_SIZE, MAX_SIZE = 32, 512  # width and height of the pictures [pixels]
MAX_CHANNELS = 1024
PACKING = 2  # pixels of a side that the first layer takes together
NORM_GROUPS = 4  # of channels, in group normalisation


@dataclass(frozen=True)
class VideoNetworkConfig:
    """Sizes of generator and critic.

    Attributes:
        size: Width and height of the pictures [pixels], a multiple of 32.
        channels: Of the levels of the generator, the finest first; each level halves the resolution.
        critic_channels: Of the critic's first layer; the next two have twice and four times as many.

    Raises:
        ConfigError: If a size is out of bounds.
    """

    size: int = 256
    channels: tuple[int, ...] = (24, 48, 96, 128)
    critic_channels: int = 32

    def __post_init__(self) -> None:
        if not MIN_SIZE <= self.size <= MAX_SIZE or self.size % MIN_SIZE:
            raise ConfigError("size of the pictures", self.size,
                              f"{MIN_SIZE} to {MAX_SIZE} pixels, a multiple of {MIN_SIZE}", REMEDY)
        if not 2 <= len(self.channels) <= 4:
            raise ConfigError("levels of the generator", len(self.channels), "2 to 4", REMEDY)
        for width in self.channels:
            if not NORM_GROUPS <= width <= MAX_CHANNELS or width % NORM_GROUPS:
                raise ConfigError("channels", self.channels,
                                  f"multiples of {NORM_GROUPS} up to {MAX_CHANNELS}", REMEDY)
        check_widths(self, ("critic_channels",), MAX_CHANNELS // 4)

    @property
    def step(self) -> int:
        """Number that width and height of a picture or a piece of one must be multiples of [pixels]."""
        return PACKING << len(self.channels) - 1
