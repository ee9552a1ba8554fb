"""The measured robot: freshness, standstill, and the position to engage from."""

from __future__ import annotations

import numpy as np
import pytest
from continuous_wrists import with_continuous_wrists

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.robot_monitor import RobotMonitor
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.description import RobotDescription

TICK = NS // 50


@pytest.fixture
def description(pipeline):
    return pipeline.description


@pytest.fixture
def monitor(description) -> RobotMonitor:
    return RobotMonitor(description, AgentConfig())


def observe(monitor: RobotMonitor, q: np.ndarray, begin_ns: int, seconds: float, drift: float = 0.0) -> int:
    """Report joint states at 50 Hz that drift by so much a tick; returns the time of the last."""
    for k in range(round(seconds * 50)):
        monitor.observe(q + k * drift, begin_ns + k * TICK)
    return begin_ns + k * TICK


def test_joint_states_are_stale_before_the_first_and_after_the_timeout(monitor, description) -> None:
    assert monitor.is_stale(0)
    monitor.observe(description.rest_q, 10 * NS)
    assert not monitor.is_stale(10 * NS + NS // 2)
    assert monitor.is_stale(10 * NS + NS // 2 + 1)


def test_joint_states_that_are_not_finite_do_not_count(monitor, description) -> None:
    monitor.observe(np.where(np.arange(len(description.rest_q)) == 3, np.nan, description.rest_q), 10 * NS)
    assert monitor.is_stale(10 * NS)


def test_a_robot_stands_still_after_it_has_been_measured_at_one_place_for_a_while(monitor, description) -> None:
    last = observe(monitor, description.rest_q, 10 * NS, 0.18)
    assert not monitor.is_standing
    observe(monitor, description.rest_q, last + TICK, 0.1)
    assert monitor.is_standing


def test_it_stands_still_once_it_was_measured_there_for_a_fifth_of_a_second(monitor, description) -> None:
    monitor.observe(description.rest_q, 10 * NS)
    monitor.observe(description.rest_q, 10 * NS + NS // 5 - 1)
    assert not monitor.is_standing
    monitor.observe(description.rest_q, 10 * NS + NS // 5)
    assert monitor.is_standing


def test_a_robot_in_motion_whose_joint_states_stop_does_not_stand_still(monitor, description) -> None:
    observe(monitor, description.rest_q, 10 * NS, 1.0, drift=0.01)
    assert not monitor.is_standing, "however long ago that was"


def test_the_position_to_engage_from_is_the_reference_else_the_commanded_rest_else_the_measured_one(
        monitor, description) -> None:
    rest, measured, reference = description.rest_q, description.rest_q + 0.03, description.rest_q + 0.1
    now = observe(monitor, measured, 10 * NS, 1.0)
    np.testing.assert_array_equal(monitor.position(now), measured)
    monitor.expect_rest(rest)
    np.testing.assert_array_equal(monitor.position(now), rest)
    reference[2] = np.nan  # its controller reports none
    monitor.observe_reference(reference, now)
    expected = np.where(np.isfinite(reference), reference, rest)
    np.testing.assert_array_equal(monitor.position(now), expected)
    np.testing.assert_array_equal(monitor.position(now + NS), rest)  # the reference is too old


def test_a_robot_that_has_left_its_commanded_rest_is_engaged_from_where_it_is(monitor, description) -> None:
    rest = description.rest_q
    monitor.expect_rest(rest)
    now = observe(monitor, rest, 10 * NS, 0.2)
    now = observe(monitor, rest + 0.03, now + TICK, 0.2)
    np.testing.assert_array_equal(monitor.position(now), rest + 0.03)


def test_an_offset_from_the_reference_counts_unless_the_robot_is_not_expected_to_follow(monitor, description) -> None:
    now = observe(monitor, description.rest_q, 10 * NS, 0.2)
    monitor.observe_reference(description.rest_q + np.eye(len(description.rest_q))[4] * 0.5, now)
    deviation = monitor.offset(now)
    assert deviation is not None
    assert deviation.joint == 4
    monitor.is_compared = False
    assert monitor.offset(now) is None


@pytest.mark.parametrize("is_restarted", [False, True])
def test_after_a_restart_the_robot_is_no_longer_compared_with_its_commands(monitor, description, is_restarted) -> None:
    monitor.observe(description.rest_q, 10 * NS)
    monitor.start_tracking(description.rest_q)
    if is_restarted:
        monitor.restart()
    observe(monitor, description.rest_q + 0.5, 10 * NS, 2.0)
    assert (monitor.deviation is None) == is_restarted


def test_a_restart_forgets_everything_received(monitor, description) -> None:
    now = observe(monitor, description.rest_q, 10 * NS, 1.0)
    monitor.observe_reference(description.rest_q + 0.1, now)
    monitor.expect_rest(description.rest_q + 0.01)
    monitor.restart()
    assert monitor.is_stale(now)
    assert not monitor.is_standing
    monitor.observe(description.rest_q, now + TICK)
    np.testing.assert_array_equal(monitor.position(now + TICK), description.rest_q)
    assert not monitor.is_standing, "it has been measured once"


# -- continuous joints -------------------------------------------------------------------------------------------------


TURN = 2 * np.pi


@pytest.fixture(scope="module")
def turning() -> tuple[RobotDescription, np.ndarray]:
    """A robot with continuous wrists, and its rest pose with the left at 5.5 rad and the right at -20."""
    robot = describe_robot(with_continuous_wrists())
    q = robot.rest_q.copy()
    q[[robot.joint_names.index("left_wrist_yaw"), robot.joint_names.index("right_wrist_yaw")]] = 5.5, -20.0
    return robot, q


def test_continuous_joints_are_engaged_at_their_equal_angle_within_one_turn(turning) -> None:
    robot, reported = turning
    monitor = RobotMonitor(robot, AgentConfig())
    now = observe(monitor, reported, 10 * NS, 0.5)
    position = monitor.position(now)
    wrists = [robot.joint_names.index(f"{side}_wrist_yaw") for side in ("left", "right")]
    np.testing.assert_allclose(position[wrists], [5.5 - TURN, -20.0 + 3 * TURN], atol=1e-9)
    monitor.observe_reference(reported + 0.01, now)
    np.testing.assert_allclose(monitor.position(now), position + 0.01, atol=1e-9)
    assert monitor.offset(now) is None


def test_a_continuous_joint_that_another_node_has_turned_is_engaged_where_it_is_then(turning) -> None:
    robot, reported = turning
    monitor = RobotMonitor(robot, AgentConfig())
    now = observe(monitor, reported, 10 * NS, 0.5)
    before = monitor.position(now)
    turned = np.where(reported == 5.5, 5.5 + TURN, reported)
    now = observe(monitor, turned, now + TICK, 0.5)
    np.testing.assert_allclose(monitor.position(now), before, atol=1e-9)


@pytest.mark.parametrize("at_once", [True, False], ids=["at its first report", "turned slowly by hand"])
def test_a_continuous_joint_little_outside_its_turn_is_engaged_within_it(turning, at_once: bool) -> None:
    robot, reported = turning
    monitor = RobotMonitor(robot, AgentConfig())
    wrist = robot.joint_names.index("left_wrist_yaw")
    angles = [np.pi + 0.3] if at_once else np.arange(0.0, np.pi + 0.7, 0.05)
    for k, angle in enumerate(angles):
        monitor.observe(np.where(np.arange(len(reported)) == wrist, angle, reported), 10 * NS + k * TICK)
    assert monitor.position(10 * NS + k * TICK)[wrist] == pytest.approx(angles[-1] - TURN, abs=1e-9)


def test_a_reported_jump_by_a_turn_during_motion_is_a_tracking_error(turning) -> None:
    """Commands go on in the turn in which they began: to follow the jump would turn the joint."""
    robot, reported = turning
    monitor = RobotMonitor(robot, AgentConfig())
    now = observe(monitor, reported, 10 * NS, 0.5)
    position = monitor.position(now)
    monitor.start_tracking(position)
    knots = np.tile(position, (50, 1))
    monitor.record(Window(0, now, knots, 0 * knots))
    now = observe(monitor, reported, now + TICK, 0.5)
    assert monitor.deviation is None
    observe(monitor, np.where(reported == 5.5, 5.5 - TURN, reported), now + TICK, 1.0)
    assert monitor.deviation is not None
    assert robot.joint_names[monitor.deviation.joint] == "left_wrist_yaw"


def test_a_joint_that_stands_where_its_encoder_begins_a_new_turn_stands_still(turning) -> None:
    """At 180 degrees, reported as pi and -pi by turns."""
    robot, reported = turning
    monitor = RobotMonitor(robot, AgentConfig())
    wrist = robot.joint_names.index("left_wrist_yaw")
    for k in range(20):
        reported = reported.copy()
        reported[wrist] = (np.pi - 0.001) * (-1) ** k
        monitor.observe(reported, 10 * NS + k * TICK)
    assert monitor.is_standing
    assert abs(monitor.position(10 * NS + 20 * TICK)[wrist]) == pytest.approx(np.pi, abs=0.002)
