from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from speech_gesture_ros.control.self_collision import SelfCollisionChecker
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.robot.collision import CapsulePairs, closest_points
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.urdf import load_urdf


def test_closest_points_are_the_closest_of_a_fine_grid(rng) -> None:
    p1, q1, p2, q2 = rng.normal(size=(4, 60, 3))
    first, second = closest_points(p1, q1, p2, q2)
    s = np.linspace(0, 1, 201)
    grid1 = p1[:, None] + s[None, :, None] * (q1 - p1)[:, None]
    grid2 = p2[:, None] + s[None, :, None] * (q2 - p2)[:, None]
    best = np.linalg.norm(grid1[:, :, None] - grid2[:, None], axis=-1).min(axis=(1, 2))
    np.testing.assert_allclose(np.linalg.norm(first - second, axis=1), best, atol=0.02)
    assert np.all(np.linalg.norm(first - second, axis=1) <= best + 5e-3)


@pytest.mark.parametrize(("ends", "distance"), [
    (([0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 0, 0]), 1.0),  # two points
    (([0, 0, 0], [0, 0, 0], [1, -1, 0], [1, 1, 0]), 1.0),  # a point and a segment
    (([0, 0, 0], [0, 0, 1], [0.5, 0, 0], [0.5, 0, 1]), 0.5),  # parallel
    (([0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 0, 3]), 1.0),  # on one line
    (([-1, 0, 0], [1, 0, 0], [0, -1, 0.3], [0, 1, 0.3]), 0.3),  # crossed
])
def test_degenerate_segments_have_the_right_distance(ends, distance) -> None:
    first, second = closest_points(*(np.array([e], dtype=float) for e in ends))
    assert np.linalg.norm(first - second) == pytest.approx(distance, abs=1e-6)


def test_the_gradient_is_the_derivative_of_the_clearance(demo, rng) -> None:
    kinematics = Kinematics(load_urdf(demo.urdf), demo.joint_names)
    pairs = CapsulePairs(kinematics, demo.capsules, demo.collision_pairs)
    q = 0.5 * rng.uniform(demo.limits.lower, demo.limits.upper)

    def at(q: np.ndarray):
        kinematics.update(q)
        return pairs.near(10.0)

    near = at(q)
    gradient, numeric = pairs.gradient(near), []
    for k in range(len(q)):
        step = 1e-6 * np.eye(len(q))[k]
        numeric.append((at(q + step).clearance - at(q - step).clearance) / 2e-6)
    apart = near.clearance > 0.0
    np.testing.assert_allclose(gradient[apart], np.array(numeric).T[apart], atol=2e-3)


def test_only_near_pairs_are_reported(demo) -> None:
    kinematics = Kinematics(load_urdf(demo.urdf), demo.joint_names)
    kinematics.update(demo.rest_q)
    pairs = CapsulePairs(kinematics, demo.capsules, demo.collision_pairs)
    assert len(pairs) == len(demo.collision_pairs)
    assert 0 < len(pairs.near(0.1).pair) < len(pairs.near(0.5).pair) < len(pairs.near(10.0).pair) == len(pairs)
    assert np.all(pairs.near(0.1).clearance < 0.1)


def test_nothing_is_printed_about_what_collision_does_not_need(demo, capfd) -> None:
    """Libraries that read URDFs complain of materials without a name, as those of G1-like robots."""
    visual = '<visual><geometry><box size="1 1 1"/></geometry><material/></visual>'
    urdf = demo.urdf.replace("</link>", f"{visual}</link>")
    SelfCollisionChecker(dataclasses.replace(demo, urdf=urdf)).distances(demo.rest_q)
    DifferentialIk(dataclasses.replace(demo, urdf=urdf))
    assert capfd.readouterr() == ("", "")
