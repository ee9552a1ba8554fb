"""A ball slides over a table with a wall on it, which stands between where the ball is and where it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.control.collision_recovery import STRIDE, CollisionRecovery
from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.planner import MotionPlanner, Plan
from speech_gesture_ros.control.self_collision import MARGIN_M, SelfCollisionChecker
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.robot.description import BodyLinks, Capsule, JointLimits, RobotDescription

TABLE = """<robot name="table"><link name="base"/><link name="slide"/><link name="ball"/>
  <joint name="x" type="prismatic"><parent link="base"/><child link="slide"/><axis xyz="1 0 0"/>
    <limit lower="-1" upper="1" velocity="2" effort="1"/></joint>
  <joint name="y" type="prismatic"><parent link="slide"/><child link="ball"/><axis xyz="0 1 0"/>
    <limit lower="-1" upper="1" velocity="2" effort="1"/></joint></robot>"""
LIMITS = JointLimits(*(np.full(2, x) for x in (-1.0, 1.0, 2.0, 10.0, 150.0)))
WALL = Capsule("base", (0.0, -0.3, 0.0), (0.0, 0.3, 0.0), 0.02)
BALL = Capsule("ball", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.03)
ROBOT = RobotDescription("table", TABLE, ("x", "y"), LIMITS, np.array([-0.5, 0.0]), {"all": ("x", "y")},
                         BodyLinks("base", "base", None, None, None), (WALL, BALL), ((0, 1),))
CORNERS = ((-0.5, 0.0), (-0.5, 0.0), (-0.08, 0.0), (-0.08, 0.45), (0.3, 0.45), (0.3, 0.0), (0.3, 0.0))


def way(speed: float) -> np.ndarray:
    """(T, 2) frames along the corners: towards the wall, along it, round its end, and back on the other side."""
    frames = [np.tile(CORNERS[0], (50, 1))]
    for here, there in zip(np.array(CORNERS[1:]), np.array(CORNERS[2:])):
        count = max(1, round(float(np.linalg.norm(there - here)) / speed * 25))
        frames.append(here + (there - here) * np.arange(1, count + 1)[:, None] / count)
    return np.concatenate([*frames, np.tile(CORNERS[-1], (100, 1))])


def performed(frames: np.ndarray) -> tuple[Plan, MotionPlanner]:
    planner = MotionPlanner(ROBOT)
    planner.seed(frames[0])
    planner.push(JointChunk(0, frames))
    return planner.window(-np.inf), planner


@pytest.mark.parametrize("speed", [0.9, 1.3, 1.7])
def test_stopped_before_the_wall_it_goes_round_and_arrives(speed: float) -> None:
    window, planner = performed(way(speed))
    checker = SelfCollisionChecker(ROBOT)
    assert checker.first_collision(np.array([CORNERS[2], CORNERS[-1]])) is not None  # no straight way there
    assert planner.report.recovery_knots > 0
    assert min(checker.min_distance(q) for q in window.positions) >= MARGIN_M - 1e-9
    assert validate_window(window, LIMITS) is None
    np.testing.assert_allclose(window.positions[-1], CORNERS[-1], atol=5e-3)


def test_where_no_way_was_seen_it_stands_before_the_wall() -> None:
    frames = np.concatenate([np.tile([-0.5, 0.0], (50, 1)), np.tile([0.3, 0.0], (100, 1))])
    window, planner = performed(frames)
    checker = SelfCollisionChecker(ROBOT)
    assert planner.report.collision_brakes > 0
    assert window.positions[-1, 0] < -0.05
    assert min(checker.min_distance(q) for q in window.positions) >= MARGIN_M - 1e-9
    standing = window.velocities[-60:]
    assert np.all(standing == 0.0)  # it does not try again and again


def test_entered_behind_the_wall_it_takes_a_way_out_and_arrives() -> None:
    frames = np.tile([0.3, 0.0], (200, 1))
    past_the_end = np.array([-0.3, 0.6]), np.array([0.0, 0.5])
    for ways_out, arrives in (((), False), (past_the_end, True)):
        planner = MotionPlanner(replace(ROBOT, clearance_poses=ways_out))
        planner.seed(np.array([-0.3, 0.0]))
        planner.push(JointChunk(0, frames))
        window = planner.window(-np.inf)
        assert bool(np.abs(window.positions[-1] - [0.3, 0.0]).max() < 5e-3) == arrives
        assert np.abs(window.velocities).max() <= 0.5  # entered slowly, whatever the way
        assert min(SelfCollisionChecker(ROBOT).min_distance(q) for q in window.positions) >= MARGIN_M - 1e-9


STANDING = np.zeros((3, 1))


def in_sight_up_to(limit: float) -> Callable[[np.ndarray], object]:
    return lambda q: q[0] if q[0] <= limit else None


def test_it_aims_at_ever_later_targets_in_sight_and_falls_back_if_there_are_none() -> None:
    detour = CollisionRecovery()
    assert not detour.is_on
    for k in range(30):
        detour.miss(np.array([float(k)]))
    aims = [detour.go_on(in_sight_up_to(12.0), STANDING) for _ in range(4)]
    assert aims == [STRIDE, 2 * STRIDE, 2 * STRIDE, 2 * STRIDE]
    assert detour.go_on(in_sight_up_to(7.0), STANDING) == STRIDE
    assert detour.go_on(in_sight_up_to(-1.0), STANDING) is None
    assert detour.go_on(in_sight_up_to(0.0), STANDING) == 0.0
    assert [detour.go_on(in_sight_up_to(99.0), STANDING) for _ in range(7)][-1] == 29.0
    detour.end()
    assert not detour.is_on
