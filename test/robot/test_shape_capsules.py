"""Capsules of primitive shapes, number for number."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot.mesh_capsules import enclosing_capsules
from speech_gesture_ros.robot.primitive_capsules import round_capsules
from speech_gesture_ros.robot.primitives import box_triangles
from speech_gesture_ros.robot.urdf_shapes import UrdfShape

# x of the shape is y of its link, and its centre is at (1, 2, 3).
TURNED = np.array([[0.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 1.0, 3.0], [0.0, 0.0, 0.0, 1.0]])


def capsules(kind: str, *size: float) -> list[tuple[list[float], list[float], float]]:
    """Ends and radius of the capsules of a shape at the origin."""
    return [(np.round(c.start, 9).tolist(), np.round(c.stop, 9).tolist(), round(float(c.radius), 9))
            for c in round_capsules(UrdfShape("link", kind, size, np.eye(4)))]


def along_z(half: float, radius: float, y: float = 0.0) -> tuple[list[float], list[float], float]:
    return [0.0, y, -half], [0.0, y, half], radius


def test_a_sphere_is_a_capsule_without_length() -> None:
    assert capsules("sphere", 0.1) == [([0.0] * 3, [0.0] * 3, 0.1)]


def test_a_capsule_stays_as_it_is() -> None:
    assert capsules("capsule", 0.1, 0.6) == [along_z(0.3, 0.1)]


@pytest.mark.parametrize(("length", "half"), [(0.6, 0.2), (0.3, 0.05), (0.2, 0.0), (0.1, 0.0)])
def test_a_cylinder_has_round_ends_and_a_disc_is_a_sphere(length: float, half: float) -> None:
    assert capsules("cylinder", 0.1, length) == [along_z(half, 0.1)]


@pytest.mark.parametrize(("size", "most"), [((0.1, 0.12, 0.6), 1), ((0.1, 0.2, 0.6), 2), ((0.01, 0.4, 0.6), 4),
                                            ((0.2, 0.2, 0.2), 1)])
def test_a_box_lies_inside_its_capsules(size: tuple[float, float, float], most: int) -> None:
    found = enclosing_capsules(box_triangles(np.array(size)))
    surface = np.concatenate([weights @ box_triangles(np.array(size)) for weights in (
        np.eye(3), np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.2, 0.3, 0.5]]))]).reshape(-1, 3)
    distances = []
    for start, stop, radius in found:
        way = np.asarray(stop) - start
        share = np.clip((surface - start) @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
        distances.append(np.linalg.norm(surface - start - share[:, None] * way, axis=1) - radius)
    assert np.min(distances, axis=0).max() < 1e-6
    assert 1 <= len(found) <= most


def test_the_pose_of_a_shape_in_its_link_is_applied() -> None:
    rod, = round_capsules(UrdfShape("link", "cylinder", (0.1, 0.6), TURNED))
    np.testing.assert_allclose([rod.start, rod.stop], [[1.0, 2.0, 2.8], [1.0, 2.0, 3.2]], atol=1e-12)


def test_a_box_is_no_round_shape() -> None:
    with pytest.raises(ValueError, match="not a round shape: box"):
        round_capsules(UrdfShape("link", "box", (0.1, 0.1, 0.1), np.eye(4)))


def test_shapes_thinner_than_a_tenth_of_a_millimetre_are_left_out() -> None:
    assert capsules("sphere", 1e-4) == []
    assert len(capsules("sphere", 1.1e-4)) == 1
