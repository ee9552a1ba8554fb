"""Collision recovery of a ball that slides on a table, with a wall between the ball and its target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.control.collision_recovery import STRIDE, CollisionRecovery, RecoveryState
from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.self_collision import MARGIN_M, SelfCollisionChecker
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.robot.description import BodyLinks, Capsule, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model

TABLE = """<robot name="table"><link name="base"/><link name="slide"/><link name="ball"/>
  <joint name="x" type="prismatic"><parent link="base"/><child link="slide"/><axis xyz="1 0 0"/>
    <limit lower="-1" upper="1" velocity="2" effort="1"/></joint>
  <joint name="y" type="prismatic"><parent link="slide"/><child link="ball"/><axis xyz="0 1 0"/>
    <limit lower="-1" upper="1" velocity="2" effort="1"/></joint></robot>"""
LIMITS = JointLimits(*(np.full(2, x) for x in (-1.0, 1.0, 2.0, 10.0, 150.0)))
WALL = Capsule("base", (0.0, -0.3, 0.0), (0.0, 0.3, 0.0), 0.02)
BALL = Capsule("ball", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.03)
ROBOT = RobotDescription("table", load_model(TABLE), ("x", "y"), LIMITS, np.array([-0.5, 0.0]), {"all": ("x", "y")},
                         BodyLinks("base", "base", None, None, None), (WALL, BALL), ((0, 1),))
CORNERS = ((-0.5, 0.0), (-0.5, 0.0), (-0.08, 0.0), (-0.08, 0.45), (0.3, 0.45), (0.3, 0.0), (0.3, 0.0))


def path_around(speed: float) -> np.ndarray:
    """(T, 2) frames along the corners: towards the wall, along it, around its end, and back on the other side."""
    frames = [np.tile(CORNERS[0], (50, 1))]
    for here, there in zip(np.array(CORNERS[1:]), np.array(CORNERS[2:])):
        count = max(1, round(float(np.linalg.norm(there - here)) / speed * 25))
        frames.append(here + (there - here) * np.arange(1, count + 1)[:, None] / count)
    return np.concatenate([*frames, np.tile(CORNERS[-1], (100, 1))])


def planned(frames: np.ndarray) -> tuple[Plan, MotionPlanner]:
    planner = MotionPlanner(ROBOT)
    planner.seed(frames[0])
    planner.push(JointChunk(0, frames))
    return planner.plan(-np.inf), planner


@pytest.mark.parametrize("speed", [0.9, 1.7, 2.5, 3.5])
def test_stopped_before_the_wall_it_goes_around_and_arrives(speed: float) -> None:
    window, planner = planned(path_around(speed))
    checker = SelfCollisionChecker(ROBOT)
    assert checker.first_collision(np.array([CORNERS[2], CORNERS[-1]])) is not None  # the straight path is not free
    assert planner.report.recovery_knots > 0
    assert min(checker.min_clearance(q) for q in window.positions) >= MARGIN_M - 1e-9
    assert validate_window(window, LIMITS) is None
    np.testing.assert_allclose(window.positions[-1], CORNERS[-1], atol=5e-3)
    assert window.positions[:, 1].max() < 0.55, "it goes along the missed targets"
    assert planner.report.recovery_knots < 50, "the recovery ends at the target, which then rests for 200 knots"
    assert planner.report.collision_brakes < 8, "the path to the first missed target is free"


def test_without_targets_around_the_wall_it_rests_before_it() -> None:
    frames = np.concatenate([np.tile([-0.5, 0.0], (50, 1)), np.tile([0.3, 0.0], (100, 1))])
    window, planner = planned(frames)
    checker = SelfCollisionChecker(ROBOT)
    assert planner.report.collision_brakes > 0
    assert window.positions[-1, 0] < -0.05
    assert min(checker.min_clearance(q) for q in window.positions) >= MARGIN_M - 1e-9
    assert np.all(window.velocities[-60:] == 0.0)


def test_engaged_behind_the_wall_it_moves_to_a_clearance_pose_and_arrives() -> None:
    frames = np.tile([0.3, 0.0], (200, 1))
    past_the_end = np.array([-0.3, 0.6]), np.array([0.0, 0.5])
    for clearance_poses, arrives in (((), False), (past_the_end, True)):
        planner = MotionPlanner(replace(ROBOT, clearance_poses=clearance_poses))
        planner.seed(np.array([-0.3, 0.0]))
        planner.push(JointChunk(0, frames))
        window = planner.plan(-np.inf)
        assert bool(np.abs(window.positions[-1] - [0.3, 0.0]).max() < 5e-3) == arrives
        assert np.abs(window.velocities[:planner.report.recovery_knots]).max(initial=0.0) <= 0.5  # the way around
        assert min(SelfCollisionChecker(ROBOT).min_clearance(q) for q in window.positions) >= MARGIN_M - 1e-9


# -- the states ------------------------------------------------------------------------------------------------------

AT_REST = np.zeros((3, 1))
MOVING = np.array([[0.0], [0.1], [0.0]])
POSE_A, POSE_B = np.array([100.0]), np.array([200.0])


class Paths:
    """Configurations (1,) up to a limit have a free path, and the clearance poses that are named free."""

    def __init__(self) -> None:
        self.limit = -1.0
        self.free_poses: list[float] = []

    def propose(self, q: np.ndarray) -> object:
        """The motion towards a configuration is the number it is."""
        return float(q[0]) if q[0] <= self.limit or q[0] in self.free_poses else None


def recovery_after(num_targets: int) -> tuple[CollisionRecovery, Paths]:
    recovery = CollisionRecovery((POSE_A, POSE_B))
    for k in range(num_targets):
        recovery.add_missed_target(np.array([float(k)]))
    return recovery, Paths()


def test_it_aims_at_later_and_later_targets_and_returns_to_earlier_ones_if_their_path_is_blocked() -> None:
    recovery, paths = recovery_after(30)
    paths.limit = 12.0
    aims = [recovery.next_motion(paths.propose, MOVING) for _ in range(4)]
    assert aims == [STRIDE, 2 * STRIDE, 2 * STRIDE, 2 * STRIDE]
    paths.limit = 7.0
    assert recovery.next_motion(paths.propose, MOVING) == STRIDE
    paths.limit = -1.0
    assert recovery.next_motion(paths.propose, MOVING) is None
    paths.limit = 0.0
    assert recovery.next_motion(paths.propose, MOVING) == 0.0
    paths.limit = 99.0
    assert [recovery.next_motion(paths.propose, MOVING) for _ in range(7)][-1] == 29.0


def test_the_first_missed_target_activates_it_and_reset_ends_it() -> None:
    recovery, _ = recovery_after(0)
    assert recovery.state is RecoveryState.INACTIVE
    recovery.add_missed_target(np.zeros(1))
    assert (recovery.state, recovery.is_active) == (RecoveryState.FOLLOWING, True)
    recovery.reset()
    assert (recovery.state, recovery.is_active) == (RecoveryState.INACTIVE, False)


def test_without_a_free_path_it_brakes_first_and_tries_clearance_poses_at_rest() -> None:
    recovery, paths = recovery_after(1)
    paths.free_poses = [POSE_B[0]]
    assert recovery.next_motion(paths.propose, MOVING) is None
    assert recovery.state is RecoveryState.BLOCKED
    assert recovery.next_motion(paths.propose, AT_REST) == POSE_B[0]
    assert recovery.state is RecoveryState.CLEARING
    assert recovery.next_motion(paths.propose, MOVING) == POSE_B[0], "on its way it keeps its aim"
    paths.limit = 0.0
    assert recovery.next_motion(paths.propose, MOVING) == 0.0
    assert recovery.state is RecoveryState.FOLLOWING


def test_at_a_clearance_pose_it_tries_the_next_one_and_then_is_blocked() -> None:
    recovery, paths = recovery_after(1)
    paths.free_poses = [POSE_A[0], POSE_B[0]]
    assert recovery.next_motion(paths.propose, AT_REST) == POSE_A[0]
    at_a, at_b = (np.stack([pose, np.zeros(1), np.zeros(1)]) for pose in (POSE_A, POSE_B))
    assert recovery.next_motion(paths.propose, at_a) == POSE_B[0]
    assert recovery.next_motion(paths.propose, at_b) is None
    assert recovery.state is RecoveryState.BLOCKED
    assert recovery.next_motion(paths.propose, at_b) is None


def test_after_a_free_path_all_clearance_poses_may_be_tried_again() -> None:
    recovery, paths = recovery_after(1)
    paths.free_poses = [POSE_A[0]]
    assert recovery.next_motion(paths.propose, AT_REST) == POSE_A[0]
    paths.limit = 0.0
    assert recovery.next_motion(paths.propose, AT_REST) == 0.0
    paths.limit = -1.0
    assert recovery.next_motion(paths.propose, AT_REST) == POSE_A[0]


def test_where_nothing_is_free_the_aim_returns_step_by_step() -> None:
    recovery, paths = recovery_after(30)
    paths.limit = 15.0
    assert [recovery.next_motion(paths.propose, MOVING) for _ in range(3)][-1] == 3 * STRIDE
    paths.limit = -1.0
    assert [recovery.next_motion(paths.propose, MOVING) for _ in range(2)] == [None, None]
    paths.limit = 0.0
    assert recovery.next_motion(paths.propose, MOVING) == 0.0


def test_a_clearance_pose_that_was_tried_in_vain_is_not_tried_again() -> None:
    recovery, paths = recovery_after(1)
    assert recovery.next_motion(paths.propose, AT_REST) is None
    paths.free_poses = [POSE_B[0]]
    assert recovery.next_motion(paths.propose, AT_REST) is None
