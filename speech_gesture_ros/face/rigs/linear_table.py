"""Channels of a rig as weighted sums of the blendshapes of ARKit, written as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES

Array = npt.NDArray[np.float64]

SIDES = ("Left", "Right")


@dataclass(frozen=True)
class LinearTable:
    """A rig whose channels are sums of blendshapes.

    Attributes:
        rows: Channel to blendshape to weight. The name of a pair without its side stands for the mean of both sides.
        low: Smallest value of a channel.
        high: Largest value.
    """

    rows: Mapping[str, Mapping[str, float]]
    low: float = 0.0
    high: float = 1.0

    @property
    def channels(self) -> tuple[str, ...]:
        """Names, in the order of the columns."""
        return tuple(self.rows)

    def values(self, shapes: npt.NDArray[np.floating]) -> Array:
        """Return the channels (T, C) of blendshapes (T, 52)."""
        matrix = np.stack([blendshape_weights(row) for row in self.rows.values()], axis=1)
        return np.clip(np.asarray(shapes, dtype=np.float64) @ matrix, self.low, self.high)


def blendshape_weights(row: Mapping[str, float]) -> Array:
    """Return the weights (52,) of a row that names blendshapes, or pairs of them without their side.

    Raises:
        ConfigError: If a name is none of the blendshapes.
    """
    out = np.zeros(len(BLENDSHAPES))
    for name, weight in row.items():
        for shape, share in blendshapes_named(name).items():
            out[BLENDSHAPE_INDEX[shape]] += weight * share
    return out


def blendshapes_named(name: str) -> dict[str, float]:
    """Return the blendshapes for which a name stands, and their shares: itself, or half of each side of a pair.

    Raises:
        ConfigError: If there is none.
    """
    if name in BLENDSHAPE_INDEX:
        return {name: 1.0}
    pair = {f"{name}{side}": 1.0 / len(SIDES) for side in SIDES}
    if not set(pair) <= set(BLENDSHAPE_INDEX):
        raise ConfigError("blendshape", name, "one of ARKit's 52, such as jawOpen, eyeBlinkLeft, or eyeBlink for the "
                          "mean of both sides", "Check the spelling.")
    return pair
