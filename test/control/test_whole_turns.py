"""Whole turns of continuous joints: equal angles within the limits, and the same turns for what is sent."""

from __future__ import annotations

import numpy as np
import pytest
from continuous_wrists import with_continuous_wrists

from speech_gesture_ros.control.whole_turns import WholeTurns
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.description import RobotDescription

TURN = 2 * np.pi


@pytest.fixture(scope="module")
def robot() -> RobotDescription:
    return describe_robot(with_continuous_wrists())


@pytest.fixture
def turns(robot: RobotDescription) -> WholeTurns:
    return WholeTurns(robot)


def at(robot: RobotDescription, left: float, right: float) -> np.ndarray:
    """The rest pose with other positions of the two wrists."""
    q = robot.rest_q.copy()
    q[[robot.joint_names.index("left_wrist_yaw"), robot.joint_names.index("right_wrist_yaw")]] = left, right
    return q


@pytest.mark.parametrize(("reported", "equal"), [(5.5, 5.5 - TURN), (-20.0, -20.0 + 3 * TURN), (0.3, 0.3),
                                                 (1000.0, 1000.0 - 159 * TURN), (3.0, 3.0)])
def test_a_reported_position_becomes_the_equal_angle_within_one_turn(robot, turns, reported, equal) -> None:
    turns.choose(at(robot, reported, 0.1))
    np.testing.assert_allclose(turns.remove(at(robot, reported, 0.1)), at(robot, equal, 0.1), atol=1e-9)


def test_other_joints_keep_their_positions_wherever_they_are(robot, turns) -> None:
    reported = robot.rest_q + 7.0
    turns.choose(reported)
    is_continuous = [name in robot.continuous_joints for name in robot.joint_names]
    changed = turns.remove(reported) != reported
    np.testing.assert_array_equal(changed, is_continuous)


def test_the_turns_stay_at_the_border_of_a_turn_and_change_half_a_radian_beyond(robot, turns) -> None:
    turns.choose(at(robot, 3.1, 0.0))
    assert not turns.are_left(at(robot, 3.2, 0.0))
    assert not turns.are_left(at(robot, np.pi + 0.49, 0.0))
    assert turns.are_left(at(robot, np.pi + 0.51, 0.0))
    assert turns.are_left(at(robot, -np.pi - 0.51, 0.0))


def test_a_window_is_sent_in_the_turns_of_the_robot(robot, turns) -> None:
    reported = at(robot, 5.5, -20.0)
    turns.choose(reported)
    q = turns.remove(reported)
    speeds = np.ones((3, len(q)))
    sent = turns.window(Window(7, 100, np.stack([q, q + 0.1, q + 0.2]), speeds, (np.stack([q, speeds[0]])[None],)))
    np.testing.assert_allclose(sent.positions, np.stack([reported, reported + 0.1, reported + 0.2]), atol=1e-9)
    np.testing.assert_allclose(sent.brakes[0][0], [reported, speeds[0]], atol=1e-9)
    np.testing.assert_array_equal(sent.velocities, speeds)
    assert (sent.start_index, sent.stamp_ns) == (7, 100)


def test_without_whole_turns_a_window_is_sent_as_it_is(robot, turns) -> None:
    turns.choose(robot.rest_q)
    window = Window(0, 0, robot.rest_q[None], 0 * robot.rest_q[None])
    assert turns.window(window) is window


def test_the_turns_are_those_nearest_to_the_start_of_a_window_and_stay_for_unknown_joints(robot, turns) -> None:
    """At the border of a turn the position alone does not decide."""
    turns.choose(at(robot, 3 * np.pi + 0.01, 5.5), at(robot, np.pi + 0.01, 5.5 - TURN))
    np.testing.assert_allclose(turns.remove(at(robot, 3 * np.pi, 5.5)), at(robot, np.pi, 5.5 - TURN), atol=1e-9)
    turns.choose(at(robot, np.nan, 5.5 + TURN))
    np.testing.assert_allclose(turns.remove(at(robot, 3 * np.pi, 5.5)), at(robot, np.pi, 5.5 - 2 * TURN), atol=1e-9)


def test_references_are_taken_nearest_to_the_measured_position(robot, turns) -> None:
    reference = turns.near(at(robot, 3 * np.pi - 0.01, np.nan), at(robot, -np.pi + 0.02, 0.0))
    np.testing.assert_allclose(reference, at(robot, -np.pi - 0.01, np.nan), atol=1e-9)
