"""Triangles of primitive shapes contain the shape, and are not much larger."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot.primitives import SIDES, STEPS, box_triangles, shape_triangles
from speech_gesture_ros.robot.urdf_shapes import UrdfShape

ORIGIN = np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, -1.0, 2.0], [0.0, 1.0, 0.0, 3.0], [0.0, 0.0, 0.0, 1.0]])
ACROSS = 1 / np.cos(np.pi / SIDES)  # factor by which a polygon is larger than the circle inside it
ROUND = 1 / np.cos(np.pi / (4 * STEPS))


def extent(kind: str, *size: float) -> np.ndarray:
    """(3,) size of the box around a shape at the origin."""
    corners = shape_triangles(UrdfShape("link", kind, size, np.eye(4))).reshape(-1, 3)
    np.testing.assert_allclose(corners.max(axis=0), -corners.min(axis=0), atol=1e-12)
    return np.asarray(np.ptp(corners, axis=0))


@pytest.mark.parametrize(("kind", "size", "expected"), [
    ("box", (0.1, 0.2, 0.3), (0.1, 0.2, 0.3)),
    ("cylinder", (0.1, 0.5), (0.2 * ACROSS, 0.2 * ACROSS, 0.5)),
    ("capsule", (0.1, 0.5), (0.2 * ACROSS * ROUND, 0.2 * ACROSS * ROUND, 0.5 + 0.2 * ROUND)),
    ("sphere", (0.1,), (0.2 * ACROSS * ROUND, 0.2 * ACROSS * ROUND, 0.2 * ROUND)),
])
def test_each_shape_has_its_size(kind: str, size: tuple[float, ...], expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(extent(kind, *size), expected, rtol=1e-9)


@pytest.mark.parametrize(("kind", "size"), [("box", (0.1, 0.2, 0.3)), ("cylinder", (0.1, 0.5)), ("capsule", (0.1, 0.5)),
                                            ("sphere", (0.1,))])
def test_the_surface_is_closed(kind: str, size: tuple[float, ...]) -> None:
    """The vector areas of a closed surface add up to zero."""
    a, b, c = np.moveaxis(shape_triangles(UrdfShape("link", kind, size, np.eye(4))), 1, 0)
    areas = np.cross(b - a, c - a) / 2
    np.testing.assert_allclose(areas.sum(axis=0), 0.0, atol=1e-12)
    volume = abs(float((a * np.cross(b, c)).sum())) / 6
    r, length = size[0], size[-1]
    exact = {"box": 0.006, "cylinder": np.pi * r**2 * length, "sphere": 4 / 3 * np.pi * r**3,
             "capsule": np.pi * r**2 * length + 4 / 3 * np.pi * r**3}[kind]
    assert exact * (1 - 1e-9) <= volume < 1.05 * exact


def test_a_shape_is_where_its_origin_is() -> None:
    corners = shape_triangles(UrdfShape("link", "cylinder", (0.1, 0.5), ORIGIN)).reshape(-1, 3)
    np.testing.assert_allclose((corners.min(axis=0) + corners.max(axis=0)) / 2, [1.0, 2.0, 3.0], atol=1e-12)
    assert np.ptp(corners[:, 1]) == pytest.approx(0.5)


def test_a_box_has_twelve_triangles_of_its_faces() -> None:
    triangles = box_triangles(np.array([0.1, 0.2, 0.3]))
    assert triangles.shape == (12, 3, 3)
    a, b, c = np.moveaxis(triangles, 1, 0)
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2 == pytest.approx(2 * (0.02 + 0.03 + 0.06))
