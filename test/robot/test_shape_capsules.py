"""Capsules of primitive shapes, number for number."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot.capsules import shape_capsules
from speech_gesture_ros.robot.urdf_shapes import UrdfShape

# x of the shape is y of its link, and its centre is at (1, 2, 3).
TURNED = np.array([[0.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 1.0, 3.0], [0.0, 0.0, 0.0, 1.0]])


def capsules(kind: str, *size: float) -> list[tuple[list[float], list[float], float]]:
    """Ends and radius of the capsules of a shape at the origin."""
    return [(np.round(c.start, 9).tolist(), np.round(c.stop, 9).tolist(), round(float(c.radius), 9))
            for c in shape_capsules(UrdfShape("link", kind, size, np.eye(4)))]


def along_z(half: float, radius: float, y: float = 0.0) -> tuple[list[float], list[float], float]:
    return [0.0, y, -half], [0.0, y, half], radius


def test_a_sphere_is_a_capsule_without_length() -> None:
    assert capsules("sphere", 0.1) == [([0.0] * 3, [0.0] * 3, 0.1)]


def test_a_capsule_stays_as_it_is() -> None:
    assert capsules("capsule", 0.1, 0.6) == [along_z(0.3, 0.1)]


@pytest.mark.parametrize(("length", "half"), [(0.6, 0.2), (0.3, 0.05), (0.2, 0.0), (0.1, 0.0)])
def test_a_cylinder_has_round_ends_and_a_disc_is_a_sphere(length: float, half: float) -> None:
    assert capsules("cylinder", 0.1, length) == [along_z(half, 0.1)]


def test_a_box_as_wide_as_thick_is_one_capsule_of_mean_radius() -> None:
    assert capsules("box", 0.1, 0.12, 0.6) == [along_z(0.3 - 0.055, 0.055)]


def test_a_box_twice_as_wide_as_thick_is_two_capsules_side_by_side() -> None:
    assert capsules("box", 0.1, 0.2, 0.6) == [along_z(0.25, 0.05, y) for y in (-0.05, 0.05)]


def test_a_plate_is_four_capsules_that_cover_its_width() -> None:
    assert capsules("box", 0.01, 0.4, 0.6) == [along_z(0.25, 0.05, y) for y in (-0.15, -0.05, 0.05, 0.15)]


def test_a_flat_square_has_capsules_without_negative_length() -> None:
    assert capsules("box", 0.2, 0.2, 0.2) == [along_z(0.0, 0.1)]


def test_the_pose_of_a_shape_in_its_link_is_applied() -> None:
    low, high = shape_capsules(UrdfShape("link", "box", (0.6, 0.1, 0.2), TURNED))
    np.testing.assert_allclose([low.start, low.stop], [[1.0, 1.75, 2.95], [1.0, 2.25, 2.95]], atol=1e-12)
    np.testing.assert_allclose([high.start, high.stop], [[1.0, 1.75, 3.05], [1.0, 2.25, 3.05]], atol=1e-12)


def test_shapes_thinner_than_a_tenth_of_a_millimetre_are_left_out() -> None:
    assert capsules("sphere", 1e-4) == []
    assert len(capsules("sphere", 1.1e-4)) == 1
