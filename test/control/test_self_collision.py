from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.control.self_collision import MARGIN_M, SelfCollisionChecker
from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.description import Capsule
from speech_gesture_ros.robot.model import load_model


def segment_distance(a0, a1, b0, b1) -> float:
    """Smallest distance of two segments, by brute force."""
    s = np.linspace(0, 1, 401)[:, None]
    first, second = a0 + s * (a1 - a0), b0 + s * (b1 - b0)
    return float(np.linalg.norm(first[:, None] - second[None], axis=2).min())


def bar(side: float, q: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of an arm: hanging from (0, side, 0), turned by q about x."""
    top = np.array([0.0, side, 0.0])
    return top, top + 0.5 * np.array([0.0, np.sin(q), -np.cos(q)])


@pytest.mark.parametrize("q", [(0.0, 0.0), (0.3, -0.4), (-0.3, 0.2), (-0.35, 0.35), (2.0, 1.0), (-1.2, 0.1)])
def test_distances_are_those_of_the_segments_less_the_radii(two_arms, q) -> None:
    """One revolute and one continuous joint."""
    expected = segment_distance(*bar(0.2, q[0]), *bar(-0.2, q[1])) - 0.06
    assert SelfCollisionChecker(two_arms).min_clearance(np.array(q)) == pytest.approx(expected, abs=2e-3)


def test_the_order_of_the_joint_names_is_respected(two_arms) -> None:
    swapped = replace(two_arms, joint_names=two_arms.joint_names[::-1], groups={"all": two_arms.joint_names})
    q = np.array([-0.3, 0.1])
    assert SelfCollisionChecker(swapped).min_clearance(q[::-1]) == SelfCollisionChecker(two_arms).min_clearance(q)


def test_the_first_collision_on_a_path_is_that_of_checking_every_row(two_arms) -> None:
    checker = SelfCollisionChecker(two_arms)
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(200):
        path = rng.uniform(-0.6, 0.6, 2) + np.cumsum(rng.normal(0, 0.02, (30, 2)), axis=0)
        rows = [row for row, q in enumerate(path) if checker.min_clearance(q) < MARGIN_M]
        assert checker.first_collision(path) == (rows[0] if rows else None)
        found += bool(rows)
    assert 20 < found < 180


def test_remembered_room_never_changes_the_result(two_arms) -> None:
    checker = SelfCollisionChecker(two_arms)
    rng = np.random.default_rng(2)
    walk = np.cumsum(rng.normal(0, 0.02, (600, 2)), axis=0) % 1.2 - 0.6  # small steps, and jumps where it wraps
    answers = [checker.first_collision(walk[k:k + 6]) for k in range(len(walk) - 5)]
    assert answers == [SelfCollisionChecker(two_arms).first_collision(walk[k:k + 6]) for k in range(len(walk) - 5)]
    assert {0, 3, None} <= set(answers)


def test_a_clear_path_takes_few_computations(two_arms, monkeypatch) -> None:
    checker = SelfCollisionChecker(two_arms)
    calls, compute = [], checker.clearances
    monkeypatch.setattr(checker, "clearances", lambda *args: calls.append(args) or compute(*args))
    assert checker.first_collision(np.linspace(0, 0.2, 30)[:, None] * np.ones(2)) is None
    assert len(calls) <= 2


def test_without_pairs_everything_is_clear(two_arms) -> None:
    bare = load_model('<robot name="r"><link name="base"/></robot>')
    checker = SelfCollisionChecker(replace(two_arms, collision_pairs=(), model=bare))
    assert checker.min_clearance(np.zeros(2)) == np.inf
    assert checker.first_collision(np.zeros((5, 2))) is None
    assert not checker.is_in_contact


def test_an_accepted_contact_may_stay_and_not_become_deeper(two_arms) -> None:
    checker = SelfCollisionChecker(two_arms)
    touching, deeper = np.array([-0.37, 0.37]), np.array([-0.38, 0.38])
    checker.accept_contact(touching)
    assert checker.is_in_contact
    assert checker.first_collision(touching[None]) is None
    assert checker.first_collision(deeper[None]) == 0
    checker.accept_contact(np.zeros(2))
    assert not checker.is_in_contact
    assert checker.first_collision(touching[None]) == 0


@pytest.mark.parametrize(("change", "message"), [
    ({"capsules": (Capsule("hand", (0, 0, 0), (0, 0, 1), 0.1),) * 2}, "link is 'hand'"),
    ({"joint_names": ("left_swing", "tail"), "groups": {"all": ("left_swing", "tail")}}, "joint of two_arms is 'tail'"),
])
def test_links_and_joints_that_are_not_in_the_urdf_are_named(two_arms, change, message: str) -> None:
    with pytest.raises(RobotError, match=message):
        SelfCollisionChecker(replace(two_arms, **change))


def test_a_path_that_passes_through_between_two_knots_is_not_clear(two_arms) -> None:
    """Both ends are clear; configurations between them are not."""
    checker = SelfCollisionChecker(two_arms)
    apart, crossed = np.array([0.6, -0.6]), np.array([-0.6, 0.6])
    def clear(q: np.ndarray) -> bool:
        return checker.min_clearance(q) > MARGIN_M

    assert clear(apart)
    assert min(checker.min_clearance(q) for q in np.linspace(apart, crossed, 40)) < 0
    behind = next(q for q in (np.array([-x, x]) for x in np.arange(0.6, 6.2, 0.05)) if clear(q))
    assert checker.first_collision(np.array([apart, apart, behind])) == 2
    assert checker.first_collision(np.array([apart, 0.95 * apart, 0.9 * apart])) is None


def test_a_path_without_rows_is_clear(two_arms) -> None:
    assert SelfCollisionChecker(two_arms).first_collision(np.zeros((0, 2))) is None
