"""Simplified meshes stay within the distance that is stated."""

from __future__ import annotations

import numpy as np
import pytest
from triangles import hidden, tube

from speech_gesture_ros.robot.mesh_simplification import simplify


def test_few_triangles_stay_as_they_are() -> None:
    shape = tube(0.1, 0.4, 10)
    found, moved = simplify(shape, len(shape))
    assert found is shape
    assert moved == 0.0


@pytest.mark.parametrize("cells", [5, 20, 126])
def test_every_corner_stays_within_half_a_cell_diagonal(cells: int) -> None:
    shape = hidden(tube(0.1, 0.4, 60))
    found, moved = simplify(shape, 100, cells)
    cell = float(np.linalg.norm(np.ptp(shape.reshape(-1, 3), axis=0))) / cells
    assert moved == pytest.approx(cell * np.sqrt(3) / 2)
    assert len(found) <= len(shape)
    corners, places = np.unique(found.reshape(-1, 3), axis=0), shape.reshape(-1, 3)[::7]
    assert max(np.linalg.norm(corners - place, axis=1).min() for place in places) <= moved * (1 + 1e-9)
    for corner in corners[::5]:
        assert np.linalg.norm(shape.reshape(-1, 3) - corner, axis=1).min() <= moved * (1 + 1e-9)


def test_triangles_keep_their_corners_together() -> None:
    """Two plates far apart: no triangle joins them."""
    plate = np.array([[[0.0, 0.0, 0.0], [0.1, 0.0, 0.0], [0.0, 0.1, 0.0]]])
    found, _ = simplify(np.concatenate([plate, plate + 0.001, plate + np.array([0.0, 0.0, 1.0])]), 1, 50)
    assert len(found) == 2
    assert np.ptp(found[..., 2], axis=1).max() == 0.0
