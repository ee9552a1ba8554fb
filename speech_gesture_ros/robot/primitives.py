"""Triangles of primitive shapes: box, cylinder, capsule, sphere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.urdf_shapes import UrdfShape

Array = npt.NDArray[np.float64]
SIDES, STEPS = 24, 6  # of a round shape: around its axis, and from a pole to the equator of a sphere
BOX_FACES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def shape_triangles(shape: UrdfShape) -> Array:
    """Return (F, 3, 3) triangles of a primitive in its link's frame [m]; those of round shapes contain it."""
    across, along = shape.size[0], shape.size[-1] / 2
    if shape.kind == "box":
        triangles = box_triangles(np.array(shape.size))
    else:
        if shape.kind == "cylinder":
            profile = np.array([[0, -along], [across, -along], [across, along], [0, along]])
        else:
            profile = _capsule_profile(across, along if shape.kind == "capsule" else 0.0)
        triangles = _turned(profile)
    return np.asarray(triangles @ shape.origin[:3, :3].T + shape.origin[:3, 3])


def box_triangles(size: Array) -> Array:
    """Return the (12, 3, 3) triangles of a box of a size (3,) about the origin [m]."""
    corners = (np.indices((2, 2, 2)).reshape(3, 8).T - 0.5) * size  # the bits of 0 to 7 are z, y, x
    return np.asarray(corners[np.array([t for a, b, c, d in BOX_FACES for t in ((a, b, c), (a, c, d))])])


def capsule_triangles(start: Array, stop: Array, radius: float) -> Array:
    """Return the (F, 3, 3) triangles of a capsule between two points (3,) [m]."""
    way = stop - start
    length = float(np.linalg.norm(way))
    up = way / length if length > 0 else np.array([0.0, 0.0, 1.0])
    side = np.cross(up, np.eye(3)[int(np.argmin(np.abs(up)))])
    side /= np.linalg.norm(side)
    axes = np.stack([side, np.cross(up, side), up])
    return np.asarray(_turned(_capsule_profile(radius, length / 2)) @ axes + 0.5 * (start + stop))


def _capsule_profile(radius: float, half: float) -> Array:
    """Return the profile (K, 2) of a capsule of half a length, that of a sphere for 0 [m]."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 2 * STEPS + 1)
    arc = radius / np.cos(np.pi / (4 * STEPS)) * np.column_stack([np.cos(angles), np.sin(angles)])
    shift = np.array([0.0, half])
    return np.concatenate([arc[:STEPS + 1] - shift, arc[STEPS:] + shift])


def _turned(profile: Array) -> Array:
    """Return the triangles of a profile (K, 2), radius and height, turned about z."""
    angles = np.linspace(0, 2 * np.pi, SIDES + 1)
    outer, height = profile[:, :1] / np.cos(np.pi / SIDES), np.repeat(profile[:, 1:], SIDES + 1, axis=1)
    grid = np.stack([outer * np.cos(angles), outer * np.sin(angles), height], axis=-1)
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    return np.concatenate([np.stack([a, b, c], axis=-2), np.stack([a, c, d], axis=-2)]).reshape(-1, 3, 3)
