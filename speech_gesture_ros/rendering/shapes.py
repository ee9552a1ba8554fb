"""Rounded solids for drawing bodies, independent of the renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Shape:
    """A capsule, a cylinder, an ellipsoid or a box.

    Attributes:
        kind: "capsule" or "cylinder" (along its z axis), "ellipsoid" or "box".
        centre: (3,) [m].
        rotation: (3, 3) its axes as columns.
        size: (3,) ellipsoid and box: half axes; else radius, radius, half length without caps [m].
        colour: Red, green, blue in [0, 1].
    """

    kind: Literal["capsule", "cylinder", "ellipsoid", "box"]
    centre: Vector
    rotation: Vector
    size: tuple[float, float, float]
    colour: Colour

    @property
    def ends(self) -> tuple[Vector, Vector]:
        """Both ends of its z axis [m], each (3,)."""
        half = self.rotation[:, 2] * self.size[2]
        return self.centre - half, self.centre + half


def frame_along(direction: Vector, sideways: Vector | None = None) -> Vector:
    """(3, 3) right-handed frame with z along a direction and x as near to `sideways` as possible."""
    length = float(np.linalg.norm(direction))
    z = direction / length if length > 1e-9 else np.array([0.0, 0.0, 1.0])
    hint = np.array([1.0, 0.0, 0.0]) if sideways is None else sideways
    x = hint - z * (hint @ z)
    if np.linalg.norm(x) < 1e-6:  # parallel: use another direction
        hint = np.eye(3)[int(np.argmin(np.abs(z)))]
        x = hint - z * (hint @ z)
    x = x / np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], axis=1)


def capsule(start: Vector, stop: Vector, radius: float, colour: Colour) -> Shape:
    """Make a capsule between two points [m]."""
    half = float(np.linalg.norm(stop - start)) / 2
    return Shape("capsule", (start + stop) / 2, frame_along(stop - start), (radius, radius, half), colour)


def ellipsoid(centre: Vector, rotation: Vector, size: tuple[float, float, float], colour: Colour) -> Shape:
    """Make an ellipsoid with half axes [m] along the columns of `rotation`."""
    return Shape("ellipsoid", centre, rotation, size, colour)
