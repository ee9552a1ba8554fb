from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from speech_gesture_ros.control import MotionPlanner
from speech_gesture_ros.control.self_collision import MARGIN_M, SelfCollisionChecker
from speech_gesture_ros.control.slow_entry import ENTRY_FASTEST, ENTRY_KNOTS, ENTRY_SPEED
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.retargeting.clearance_poses import clearance_poses


def test_arms_are_wide_and_clear(demo) -> None:
    kinematics = demo.kinematics()
    wrists = kinematics.model.points([demo.body.left_arm.wrist, demo.body.right_arm.wrist], np.zeros((2, 3)))

    def width(q: np.ndarray) -> float:
        kinematics.update(q)
        left, right = kinematics.positions(wrists)
        return float(np.linalg.norm(left - right))

    assert len(demo.clearance_poses) == 2
    for q in demo.clearance_poses:
        assert np.all((q >= demo.limits.lower) & (q <= demo.limits.upper))
        assert SelfCollisionChecker(demo).min_clearance(q) > MARGIN_M
        assert width(q) > width(demo.rest_q) + 0.2


def test_poses_that_are_not_clear_are_left_out(demo) -> None:
    thick = tuple(dataclasses.replace(capsule, radius=0.5) for capsule in demo.capsules)
    assert clearance_poses(dataclasses.replace(demo, capsules=thick)) == ()


def enters(robot, q: np.ndarray) -> bool:
    """Return whether a robot moves from a configuration (N,) to rest within 20 s, without self-collision."""
    planner, checker = MotionPlanner(robot), SelfCollisionChecker(robot)
    planner.seed(q)
    planner.push(JointChunk(0, np.tile(robot.rest_q, (500, 1))))
    window = planner.plan(-np.inf)
    assert min(checker.min_clearance(row) for row in window.positions[::5]) >= MARGIN_M - 1e-9
    assert np.abs(window.velocities[:ENTRY_KNOTS]).max() <= ENTRY_SPEED
    assert np.abs(window.velocities).max() <= ENTRY_FASTEST
    return bool(np.abs(window.positions[-1] - robot.rest_q).max() < 0.05)


@pytest.mark.slow
def test_from_any_start_with_a_clear_straight_path_it_comes_to_rest_slowly(demo) -> None:
    rng, checker = np.random.default_rng(3), SelfCollisionChecker(demo)
    starts = rng.uniform(demo.limits.lower, demo.limits.upper, (20, len(demo.rest_q)))
    free = [q for q in starts if checker.first_collision(np.linspace(q, demo.rest_q, 12)) is None]
    assert len(free) >= 5
    assert all(enters(demo, q) for q in free[:8])


def test_from_zero_with_joints_at_their_limits_it_comes_to_rest(demo) -> None:
    assert enters(demo, np.clip(np.zeros(len(demo.rest_q)), demo.limits.lower, demo.limits.upper))
