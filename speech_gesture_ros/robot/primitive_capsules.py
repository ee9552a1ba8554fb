"""Capsules of round primitives: a cylinder becomes a capsule of its length and radius, a disc a sphere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import Capsule, capsule_between
from speech_gesture_ros.robot.urdf_shapes import UrdfShape

Array = npt.NDArray[np.float64]


def round_capsules(shape: UrdfShape) -> list[Capsule]:
    """Return the capsule of a sphere, capsule or cylinder in its link's frame; none of one without a size."""
    if shape.kind == "sphere":
        return _along_axis(shape, [np.zeros(3)], np.zeros(3), shape.size[0])
    if shape.kind == "capsule":
        return _along_axis(shape, [np.zeros(3)], np.array([0, 0, shape.size[1] / 2]), shape.size[0])
    if shape.kind == "cylinder":
        radius, half = shape.size[0], shape.size[1] / 2
        if half <= radius:
            return _along_axis(shape, [np.zeros(3)], np.zeros(3), radius)
        return _along_axis(shape, [np.zeros(3)], np.array([0, 0, half - radius]), radius)
    raise ValueError(f"not a round shape: {shape.kind}")


def _along_axis(shape: UrdfShape, centres: list[Array], half_axis: Array, radius: float) -> list[Capsule]:
    rotation, origin = shape.origin[:3, :3], shape.origin[:3, 3]
    ends = [(rotation @ (c - half_axis) + origin, rotation @ (c + half_axis) + origin) for c in centres]
    return [capsule_between(shape.link, start, stop, radius) for start, stop in ends if radius > 1e-4]
