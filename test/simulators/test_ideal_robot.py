"""The ideal robot follows its windows, with a lag if it has servos, and records what is commanded."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.simulators.ideal_robot import IdealRobot

STEP_NS = NS // KNOT_RATE
REST = np.array([0.1, 0.2, 0.3])
MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links
LIMITS = JointLimits(*(np.full(3, x) for x in (-1, 1, 1, 1, 1)))
ROBOT = RobotDescription("three", MODEL, ("a", "b", "c"), LIMITS, REST,
                         {"outer": ("c", "a"), "middle": ("b",)}, BodyLinks("base", "base", None, None, None))
WINDOW = Window(0, STEP_NS, np.linspace(REST, REST + 0.3, 4), np.zeros((4, 3)))


def test_joints_follow_a_window_to_its_end() -> None:
    robot = IdealRobot(ROBOT)
    robot.follow(WINDOW, STEP_NS)
    track = [robot.step(k * STEP_NS) for k in range(1, 7)]
    np.testing.assert_allclose(track[:4], WINDOW.positions)
    np.testing.assert_allclose(track[5], WINDOW.positions[-1])
    np.testing.assert_allclose(robot.commanded, track)
    assert robot.times_ns == [k * STEP_NS for k in range(1, 7)]
    assert robot.jumps == [pytest.approx(0.0, abs=1e-9)]
    assert not robot.rejected


def test_servos_lag_behind_their_commands() -> None:
    robot = IdealRobot(ROBOT, servo_s=4 * STEP_NS / NS)
    robot.follow(WINDOW, STEP_NS)
    for k in range(1, 5):
        robot.step(k * STEP_NS)
    assert np.all(robot.q < robot.commanded[-1] - 0.1)
    for k in range(5, 80):
        robot.step(k * STEP_NS)
    np.testing.assert_allclose(robot.q, WINDOW.positions[-1], atol=1e-6)


def test_a_blocked_robot_stays_and_a_placed_robot_is_held_there() -> None:
    robot = IdealRobot(ROBOT)
    robot.is_blocked = True
    robot.follow(WINDOW, STEP_NS)
    np.testing.assert_array_equal(robot.step(4 * STEP_NS), REST)
    robot.is_blocked = False
    robot.place(REST - 0.1)
    np.testing.assert_allclose(robot.step(5 * STEP_NS), REST - 0.1)


def test_a_rejected_trajectory_is_recorded_with_its_reason() -> None:
    robot = IdealRobot(ROBOT)
    robot.follow(Window(0, STEP_NS, WINDOW.positions, np.ones((4, 3))), STEP_NS)
    assert len(robot.rejected) == 2
    assert all("Velocity of last trajectory point" in reason for reason in robot.rejected)
    with pytest.raises(KeyError):
        robot.accept("no such group", None, STEP_NS)
