from __future__ import annotations

import dataclasses

import coal
import numpy as np
import pinocchio as pin
import pytest

from speech_gesture_ros.control.self_collision import SelfCollisionChecker
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.robot import collision
from speech_gesture_ros.robot.collision import PARALLEL, TINY, CapsulePairs, closest_points
from speech_gesture_ros.robot.model import load_model


def test_closest_points_are_the_closest_of_a_fine_grid(rng) -> None:
    p1, q1, p2, q2 = rng.normal(size=(4, 60, 3))
    first, second = closest_points(np.array([p1, q1]), np.array([p2, q2]), PARALLEL)
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
    first, second = closest_points(*np.array(ends, dtype=float).reshape(2, 2, 1, 3), PARALLEL)
    assert np.linalg.norm(first - second) == pytest.approx(distance, abs=1e-6)


def test_the_gradient_is_the_derivative_of_the_clearance(demo, rng) -> None:
    kinematics = demo.kinematics()
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
    kinematics = demo.kinematics()
    kinematics.update(demo.rest_q)
    pairs = CapsulePairs(kinematics, demo.capsules, demo.collision_pairs)
    assert len(pairs) == len(demo.collision_pairs)
    assert 0 < len(pairs.near(0.1).pair) < len(pairs.near(0.5).pair) < len(pairs.near(10.0).pair) == len(pairs)
    assert np.all(pairs.near(0.1).clearance < 0.1)


@pytest.mark.parametrize("pairs", [None, [0], [1, 0]])
def test_the_surplus_of_a_pair_adds_to_its_clearance_and_to_that_of_no_other(demo, pairs: list[int] | None) -> None:
    """All pairs are computed together, a few one by one."""
    kinematics, chosen = demo.kinematics(), demo.collision_pairs[:2]
    kinematics.update(demo.rest_q)
    bare = CapsulePairs(kinematics, demo.capsules, chosen)
    with_surplus = CapsulePairs(kinematics, demo.capsules, chosen, {chosen[1]: 0.02})
    rows = None if pairs is None else np.array(pairs)
    expected = bare.clearances()[slice(None) if pairs is None else pairs] + 0.02 * (np.arange(2)[rows].ravel() == 1)
    np.testing.assert_allclose(with_surplus.clearances(rows), expected, atol=1e-9)
    np.testing.assert_allclose(with_surplus.near(10.0).clearance - bare.near(10.0).clearance, [0.0, 0.02], atol=1e-9)


def test_a_few_pairs_are_computed_without_the_others(demo, monkeypatch) -> None:
    kinematics = demo.kinematics()
    pairs = CapsulePairs(kinematics, demo.capsules, demo.collision_pairs)
    expected = pairs.clearances()[[3, 5]]
    monkeypatch.setattr(collision, "closest_points", None)
    np.testing.assert_allclose(pairs.clearances(np.array([3, 5])), expected, atol=1e-6)


def test_nothing_is_printed_about_what_collision_does_not_need(demo, capfd) -> None:
    """Libraries that read URDFs print warnings about materials without a name, which files of G1-like robots have."""
    visual = '<visual><geometry><box size="1 1 1"/></geometry><material/></visual>'
    urdf = demo.model.urdf.text.replace("</link>", f"{visual}</link>")
    SelfCollisionChecker(dataclasses.replace(demo, model=load_model(urdf))).clearances(demo.rest_q)
    DifferentialIk(dataclasses.replace(demo, model=load_model(urdf)))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["any", "parallel", "nearly parallel", "points", "crossing", "on one line"])
def test_exact_distances_of_segments_are_those_of_coal(kind: str) -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 300, 2, 3))
    if kind in ("parallel", "nearly parallel", "on one line"):
        along = rng.normal(size=(300, 3))
        first[:, 1], second[:, 1] = first[:, 0] + along, second[:, 0] + rng.uniform(-2, 2, (300, 1)) * along
        second[:, 1] += (kind == "nearly parallel") * rng.normal(0, 1e-7, (300, 3))
        if kind == "on one line":
            second += (first[:, 0] - second[:, 0] + rng.uniform(-3, 3, (300, 1)) * along)[:, None]
    elif kind == "points":
        first[::2, 1], second[::3, 1] = first[::2, 0], second[::3, 0]
    elif kind == "crossing":
        second += (first.mean(axis=1) - second.mean(axis=1))[:, None]
    ends = closest_points(first.swapaxes(0, 1), second.swapaxes(0, 1), TINY)
    found = np.linalg.norm(ends[0] - ends[1], axis=1)
    for a, b, distance in zip(first, second, found):
        shapes = [coal.Capsule(1e-9, float(np.linalg.norm(s[1] - s[0]))) for s in (a, b)]
        places = [coal.Transform3s(_turn(s[1] - s[0]), s.mean(axis=0)) for s in (a, b)]
        result = coal.DistanceResult()
        coal.distance(shapes[0], places[0], shapes[1], places[1], coal.DistanceRequest(), result)
        assert distance == pytest.approx(max(result.min_distance, 0.0), abs=2e-6)


def _turn(along: np.ndarray) -> np.ndarray:
    """A rotation from z to a direction."""
    length = np.linalg.norm(along)
    return pin.Quaternion.FromTwoVectors(np.eye(3)[2], along / length if length else np.eye(3)[2]).matrix()
