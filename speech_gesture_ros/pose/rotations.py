"""Directions and rotations for many frames: vectors (T, 3), matrices (T, 3, 3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def unit(vector: Array) -> Array:
    """Normalise vectors (..., 3) to length 1."""
    return np.asarray(vector / np.linalg.norm(vector, axis=-1, keepdims=True))


def orthogonal(vector: Array, axis: Array) -> Array:
    """Return the component of a vector (..., 3) perpendicular to a unit axis (..., 3)."""
    return np.asarray(vector - np.sum(vector * axis, axis=-1, keepdims=True) * axis)


def rotate(turn: Array, vector: Array) -> Array:
    """Rotate vectors (..., 3) by rotation vectors (..., 3) [rad] (Rodrigues' formula)."""
    angle = np.linalg.norm(turn, axis=-1, keepdims=True)
    axis = turn / np.maximum(angle, 1e-12)
    along = np.sum(axis * vector, axis=-1, keepdims=True) * axis
    return np.asarray(along + np.cos(angle) * (vector - along) + np.sin(angle) * np.cross(axis, vector))


def axis_rotation(axis: int, angle: Array) -> Array:
    """(T, 3, 3) rotations by angles (T,) [rad] about coordinate axis 0, 1 or 2."""
    turn = np.tile(np.eye(3), (len(angle), 1, 1))
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turn[:, a, a] = turn[:, b, b] = np.cos(angle)
    turn[:, b, a], turn[:, a, b] = np.sin(angle), -np.sin(angle)
    return turn


def shortest_arc(start: Array, stop: Array) -> Array:
    """(T, 3, 3) smallest rotations from directions (T, 3) to directions (T, 3)."""
    a, b = unit(start), unit(stop)
    cosine = np.sum(a * b, axis=-1)[:, None, None]
    v = np.cross(a, b)
    k = np.zeros((len(a), 3, 3))
    k[:, 0, 1], k[:, 0, 2], k[:, 1, 2] = -v[:, 2], v[:, 1], -v[:, 0]
    k -= np.swapaxes(k, -1, -2)
    arc = np.eye(3) + k + k @ k / np.maximum(1.0 + cosine, 1e-12)
    # Opposite directions: half a turn about any perpendicular axis.
    across = np.cross(a, np.eye(3)[np.argmin(np.abs(a), axis=-1)])
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    half_turn = 2 * across[:, :, None] * across[:, None, :] - np.eye(3)
    return np.where(cosine > -1.0 + 1e-9, arc, half_turn)


def common_rotation(rest: Array, bones: Array) -> Array:
    """(T, 3, 3) rotations that map offsets (C, 3) to bones (T, C, 3) with least squared error (Kabsch 1976)."""
    u, _, vt = np.linalg.svd(np.swapaxes(bones, -1, -2) @ rest)
    flip = np.linalg.det(u @ vt)
    u[..., -1] *= flip[:, None]
    return np.asarray(u @ vt)


def euler_zxy(turn: Array) -> Array:
    """Angles (T, 3) [rad] with turn = Rz(first) Rx(second) Ry(third), unwrapped in time."""
    x = np.arcsin(np.clip(turn[:, 2, 1], -1.0, 1.0))
    z = np.arctan2(-turn[:, 0, 1], turn[:, 1, 1])
    y = np.arctan2(-turn[:, 2, 0], turn[:, 2, 2])
    locked = np.abs(turn[:, 2, 1]) > 1.0 - 1e-12  # gimbal lock: only z + y or z - y is determined
    z = np.where(locked, np.arctan2(turn[:, 1, 0], turn[:, 0, 0]), z)
    y = np.where(locked, 0.0, y)
    return np.unwrap(np.stack([z, x, y], axis=-1), axis=0)
