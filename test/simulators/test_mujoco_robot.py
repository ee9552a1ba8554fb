"""The simulated robot follows commands closely, holds still, and reports self-contacts."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot


def _follow(robot: MujocoRobot, seconds: float) -> np.ndarray:
    """Largest error of each joint while following 0.3 rad at 1 Hz about rest, after the first half second [rad]."""
    omega, errors = 2 * np.pi, []
    for i in range(round(seconds / robot.dt)):
        t = (i + 1) * robot.dt
        ramp = min(1.0, t / 0.4)
        wave = 0.3 * ramp * np.array([np.sin(omega * t), omega * np.cos(omega * t)])
        robot.step(robot.description.rest_q + wave[0], np.full(5, wave[1]))
        if t > 0.5:
            errors.append(np.abs(robot.joint_positions - robot.description.rest_q - wave[0]))
    return np.max(errors, axis=0)


def test_tracking_error_stays_below_twenty_milliradians(toy: RobotDescription) -> None:
    assert np.all(_follow(MujocoRobot(toy), 1.5) < 0.02)


def test_servos_compensate_the_weight_of_the_robot(toy: RobotDescription) -> None:
    robot = MujocoRobot(toy)
    for _ in range(500):
        robot.step(toy.rest_q)
    assert np.abs(robot.joint_positions - toy.rest_q).max() < 1e-3
    assert np.abs(robot.joint_velocities).max() < 1e-3


def test_a_step_command_is_reached_without_overshoot(toy: RobotDescription) -> None:
    robot = MujocoRobot(toy)
    target = toy.rest_q + np.array([0.2, 0.0, 0.0, 0.0, 0.0])
    path = []
    for _ in range(400):
        robot.step(target)
        path.append(robot.joint_positions[0])
    assert path[-1] == pytest.approx(target[0], abs=2e-3)
    assert max(path) < target[0] + 0.01


def test_a_command_that_is_not_finite_keeps_the_previous_one(toy: RobotDescription) -> None:
    robot = MujocoRobot(toy)
    for _ in range(100):
        robot.step(np.full(5, np.nan))
    assert np.allclose(robot.joint_positions, toy.rest_q, atol=1e-3)


def test_reset_sets_the_robot_at_rest_to_a_configuration(toy: RobotDescription) -> None:
    robot = MujocoRobot(toy)
    robot.step(np.ones(5))
    robot.reset(np.full(5, 0.5))
    assert np.array_equal(robot.joint_positions, np.full(5, 0.5))
    assert not robot.joint_velocities.any()
    assert robot.time_s == 0.0


def test_two_robots_with_the_same_commands_have_the_same_motion(toy: RobotDescription) -> None:
    first, second = MujocoRobot(toy), MujocoRobot(toy)
    for i in range(50):
        first.step(toy.rest_q + 0.001 * i)
        second.step(toy.rest_q + 0.001 * i)
    assert np.array_equal(first.joint_positions, second.joint_positions)


def test_no_contact_is_reported_in_the_rest_pose(toy: RobotDescription) -> None:
    assert MujocoRobot(toy).self_contacts(toy.rest_q) == []


def test_an_arm_in_the_torso_is_reported_by_name(toy: RobotDescription) -> None:
    folded = dict(zip(toy.joint_names, toy.rest_q)) | {"torso_yaw": 0.0}
    robot = MujocoRobot(toy)
    robot.model.body("left_upper_arm").pos[1] = 0.12  # the shoulder moved into the torso
    assert robot.self_contacts(list(folded.values())) == [("torso", "left_forearm")]


def test_a_coarse_time_step_is_refused_with_the_bound(toy: RobotDescription) -> None:
    with pytest.raises(ConfigError, match=r"simulation step is 0\.1, must be in"):
        MujocoRobot(toy, dt=0.1)
