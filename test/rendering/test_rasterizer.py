"""Triangles to pixels: which pixels, which triangle in front, which colour."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.rendering.rasterizer import rasterize

SIZE = 24


def drawn(points: np.ndarray, depth: np.ndarray, faces: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(SIZE, SIZE, C) picture, NaN where nothing is."""
    pixels, found = rasterize(points, depth, faces, values, SIZE, SIZE)
    out = np.full((SIZE * SIZE, values.shape[1]), np.nan)
    out[pixels] = found
    return out.reshape(SIZE, SIZE, -1)


def inside(corners: np.ndarray, margin: float) -> np.ndarray:
    """(SIZE, SIZE) which middles of pixels are inside all edges of a triangle by a margin [pixels]."""
    x, y = np.meshgrid(np.arange(SIZE) + 0.5, np.arange(SIZE) + 0.5)
    away = [((b[1] - a[1]) * (x - a[0]) - (b[0] - a[0]) * (y - a[1])) / np.linalg.norm(b - a)
            for a, b in zip(corners, np.roll(corners, -1, axis=0))]
    return np.all(np.array(away) > margin, axis=0)


def test_the_pixels_are_those_inside_the_triangle(rng):
    for _ in range(40):
        points = rng.uniform(-4, SIZE + 4, (3, 2))
        first, second = points[1] - points[0], points[2] - points[0]
        if first[0] * second[1] - first[1] * second[0] > 0:
            points = points[::-1].copy()
        found = np.isfinite(drawn(points, np.ones(3), np.array([[0, 1, 2]]), np.ones((3, 1)))[..., 0])
        assert np.all(found[inside(points, 1e-3)])
        assert not np.any(found[~inside(points, -1e-3)])


def test_triangles_that_face_away_are_not_drawn():
    points = np.array([[2.0, 2.0], [2.0, 20.0], [20.0, 2.0]])
    faces = np.array([[0, 1, 2]])
    shown = [np.isfinite(drawn(points, np.ones(3), order, np.ones((3, 1)))).any() for order in (faces, faces[:, ::-1])]
    assert shown == [True, False]


def test_values_are_interpolated_linearly():
    points = np.array([[0.0, 0.0], [0.0, 24.0], [24.0, 0.0]])
    values = np.stack([points[:, 0] + 2 * points[:, 1], 5.0 - points[:, 0]], axis=1)
    picture = drawn(points, np.ones(3), np.array([[0, 1, 2]]), values)
    assert picture[3, 5] == pytest.approx([5.5 + 2 * 3.5, 5.0 - 5.5], abs=1e-4)
    assert picture[10, 0] == pytest.approx([0.5 + 2 * 10.5, 4.5], abs=1e-4)


def test_the_nearer_triangle_is_in_front_pixel_by_pixel():
    points = np.array([[0.0, 0.0], [0.0, 48.0], [48.0, 0.0]] * 2)
    depth = np.array([1.0, 1.0, 3.0, 2.0, 2.0, 2.0])  # the first one recedes to the right and passes the second
    values = np.array([[0.0]] * 3 + [[1.0]] * 3)
    for faces in ([[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]):
        picture = drawn(points, depth, np.array(faces), values)
        assert np.all(picture[2, :23] == 0.0)  # at x = 24 both are at 2
        assert drawn(points - [24.0, 0.0], depth, np.array(faces), values)[2, 3] == 1.0


def test_neighbours_leave_no_gap(rng):
    grid = np.stack(np.meshgrid(np.linspace(-1, SIZE + 1, 9), np.linspace(-1, SIZE + 1, 9)), axis=-1)
    grid[1:-1, 1:-1] += rng.uniform(-0.8, 0.8, (7, 7, 2))
    k = np.arange(81).reshape(9, 9)
    a, b, c, d = (part.ravel() for part in (k[:-1, :-1], k[:-1, 1:], k[1:, 1:], k[1:, :-1]))
    faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
    assert np.isfinite(drawn(grid.reshape(-1, 2), np.ones(81), faces, np.ones((81, 1)))).all()


def test_nothing_to_draw_gives_no_pixel():
    pixels, values = rasterize(np.zeros((3, 2)), np.ones(3), np.array([[0, 1, 2]]), np.ones((3, 3)), SIZE, SIZE)
    assert pixels.shape == (0,)
    assert values.shape == (0, 3)
