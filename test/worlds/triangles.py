"""Triangles of simple shapes, from which tests make meshes."""

from __future__ import annotations

import numpy as np


def box(size: tuple[float, float, float]) -> np.ndarray:
    """(12, 3, 3) triangles of a box about the origin."""
    corners = (np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) - 0.5) * size
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return np.array([corners[list(t)] for a, b, c, d in faces for t in ((a, b, c), (a, c, d))])


def tube(radius: float, length: float, count: int = 40) -> np.ndarray:
    """(T, 3, 3) a tube along x."""
    angles, steps = np.linspace(0, 2 * np.pi, count + 1), np.linspace(-length / 2, length / 2, count + 1)
    grid = np.stack(np.broadcast_arrays(steps[:, None], radius * np.cos(angles), radius * np.sin(angles)), axis=-1)
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    return np.concatenate([np.stack([a, b, c], axis=-2), np.stack([a, c, d], axis=-2)]).reshape(-1, 3, 3)


def letter_t() -> np.ndarray:
    """A torso: wide shoulders on a narrow waist."""
    shoulders, waist = box((0.1, 0.5, 0.1)), box((0.1, 0.12, 0.5))
    return np.concatenate([shoulders + np.array([0, 0, 0.3]), waist])


def hidden(shape: np.ndarray) -> np.ndarray:
    """Rotate and shift triangles."""
    turn = np.linalg.qr(np.random.default_rng(7).normal(size=(3, 3)))[0]
    return shape @ turn.T + [0.3, -0.1, 0.2]
