"""Shapes have the given places and sizes."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.rendering.shapes import capsule, frame_along


@pytest.mark.parametrize("direction", [(0, 0, 1), (1, 0, 0), (-3, 2, 0.5), (0, 0, 0)],
                         ids=["up", "along the hint", "oblique", "no direction"])
def test_a_frame_is_a_right_handed_rotation(direction: tuple[float, ...]) -> None:
    frame = frame_along(np.array(direction, dtype=float))
    assert np.allclose(frame.T @ frame, np.eye(3))
    assert np.linalg.det(frame) == pytest.approx(1.0)


def test_the_z_axis_of_a_frame_follows_the_direction() -> None:
    assert np.allclose(frame_along(np.array([0.0, -2.0, 0.0]))[:, 2], [0.0, -1.0, 0.0])


def test_a_capsule_ends_at_the_given_points() -> None:
    start, stop = np.array([0.1, 0.2, 0.3]), np.array([-0.4, 0.5, 0.0])
    ends = capsule(start, stop, 0.05, (1.0, 0.0, 0.0)).ends
    assert np.allclose(ends[0], start)
    assert np.allclose(ends[1], stop)


def test_a_capsule_of_length_0_is_a_sphere() -> None:
    point = np.ones(3)
    shape = capsule(point, point, 0.05, (1.0, 0.0, 0.0))
    assert shape.size[2] == 0.0
    assert np.all(np.isfinite(shape.rotation))
