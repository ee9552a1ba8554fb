"""Meshes as combinations of other meshes: subdivision, smoothing, normals."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.avatar.linear_mesh import compact, selection, smoothing, subdivide, triangles, vertex_normals

CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
QUADS = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


def test_subdivision_of_a_cube_is_that_of_catmull_and_clark():
    rows, fine = subdivide(QUADS, 8)
    points = rows @ CUBE
    assert points.shape == (8 + 12 + 6, 3)
    assert fine.shape == (24, 4)
    corner = points[0]  # (F + 2 R + (n - 3) P) / n with n = 3
    assert np.allclose(corner, (np.full(3, 1 / 3) + 2 * np.full(3, 1 / 6)) / 3)
    assert np.allclose(points[-6:].mean(axis=0), 0.5)
    assert np.allclose(np.asarray(rows.sum(axis=1)).ravel(), 1.0)


def test_the_border_of_an_open_mesh_stays():
    plane = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [2, 0, 0], [2, 1, 0]], dtype=float)
    rows, fine = subdivide(np.array([[0, 1, 2, 3], [1, 4, 5, 2]]), 6)
    points = rows @ plane
    assert np.allclose(points[:6], plane)
    assert np.allclose(points[:, 2], 0.0)
    assert points.min() >= 0.0
    assert np.all(vertex_normals(points, triangles(fine))[:, 2] > 0.999)


def test_normals_of_a_cube_point_outwards():
    normals = vertex_normals(CUBE, triangles(QUADS))
    assert np.all(np.sum(normals * (CUBE - 0.5), axis=1) > 0.5)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0)


def test_smoothing_moves_free_vertices_to_their_neighbours():
    grid = np.array([[x, y, 0.0] for y in range(3) for x in range(3)])
    grid[4, 2] = 1.0
    quads = np.array([[0, 1, 4, 3], [1, 2, 5, 4], [3, 4, 7, 6], [4, 5, 8, 7]])
    free = np.arange(9) == 4
    once = smoothing(quads, 9, free, 1) @ grid
    assert once[4, 2] == pytest.approx(0.5)
    assert np.allclose(np.delete(once, 4, axis=0), np.delete(grid, 4, axis=0))
    assert (smoothing(quads, 9, free, 3) @ grid)[4, 2] == pytest.approx(0.125)


def test_selection_and_compaction_keep_the_surface():
    used, faces = compact(QUADS[[1]])
    assert np.allclose((selection(used, 8) @ CUBE)[faces], CUBE[QUADS[[1]]])
