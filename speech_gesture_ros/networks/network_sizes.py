"""Checks of the sizes that the networks for streams have in common, and their bounds."""

from __future__ import annotations

from collections.abc import Sequence

from speech_gesture_ros.core.errors import ConfigError

MAX_LAYERS, MAX_DILATION = 64, 1000  # of the causal convolutions [layers], [input frames]
REMEDY = "Correct the network's configuration."


def check_widths(config: object, names: Sequence[str], most: int) -> None:
    """Check attributes of a configuration that are widths.

    Raises:
        ConfigError: If one is not from 1 to `most`.
    """
    for name in names:
        if not 1 <= getattr(config, name) <= most:
            raise ConfigError(name, getattr(config, name), f"1 to {most}", REMEDY)


def check_dilations(dilations: Sequence[int]) -> None:
    """Check the dilations of causal convolutions.

    Raises:
        ConfigError: If there are too many, or one is out of bounds.
    """
    if len(dilations) > MAX_LAYERS or not all(1 <= d <= MAX_DILATION for d in dilations):
        raise ConfigError("dilations", dilations, f"at most {MAX_LAYERS} from 1 to {MAX_DILATION}", REMEDY)
