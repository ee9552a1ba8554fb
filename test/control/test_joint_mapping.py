"""Joints of a controller: its order, names and directions; joints that the description lacks are held."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.joint_mapping import ControllerJointMapping
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.commands import Commands, JointCommand

JOINTS = ("a", "b", "c")
COMMANDS = Commands(joints={"b": JointCommand(name="LB", sign=-1.0, offset=0.5),
                            "c": JointCommand(options={"index": 7})})


def test_order_names_directions_and_zeros_are_those_of_the_controller():
    mapping = ControllerJointMapping(JOINTS, ("c", "b"), COMMANDS)
    assert mapping.names == ("c", "LB")
    np.testing.assert_allclose(mapping.positions(np.array([1.0, 2.0, 3.0]), {}), [3.0, -1.5])
    np.testing.assert_allclose(mapping.velocities(np.array([1.0, 2.0, 3.0])), [3.0, -2.0])


def test_measured_values_are_the_inverse_of_commanded_ones():
    mapping = ControllerJointMapping(JOINTS, ("c", "b", "a"), COMMANDS)
    q = np.array([0.1, 0.2, 0.3])
    np.testing.assert_allclose(mapping.measured(mapping.positions(q, {})), q[::-1])
    np.testing.assert_allclose(mapping.velocities_measured(mapping.velocities(q)), q[::-1])


def test_other_joints_of_the_controller_are_held_where_measured_and_nothing_is_commanded_before():
    mapping = ControllerJointMapping(JOINTS, ("a", "gripper", "b"), COMMANDS)
    assert mapping.held_names == ("gripper",)
    q = np.arange(6.0).reshape(2, 3)
    assert mapping.positions(q, {"a": 9.0}) is None
    np.testing.assert_allclose(mapping.positions(q, {"gripper": 0.04, "a": 9.0}), [[0, 0.04, -0.5], [3, 0.04, -3.5]])
    np.testing.assert_allclose(mapping.velocities(q), [[0, 0, -1], [3, 0, -4]])


@pytest.mark.parametrize("order", [("a", "a"), ("x", "y"), ()])
def test_an_order_without_a_joint_of_the_robot_or_with_a_repeated_one_is_refused(order):
    with pytest.raises(ConfigError, match=r"commands\.order"):
        ControllerJointMapping(JOINTS, order, COMMANDS)


@pytest.mark.parametrize("wrong", [{"interface": "telepathy"}, {"groups": {"torso": "pwm"}}, {"rate_hz": 0.0},
                                   *({"interface": "booster_low_cmd", "options": options} for options in (
                                       {"ramp_s": 0.0}, {"kp": float("nan")}, {"motors": "many"})),
                                   {"joints": {"a": JointCommand(options={"kp": -1.0})},
                                    "interface": "unitree_arm_sdk"}])
def test_commands_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match=r"profile|Check the value|Correct the value"):
        Commands(**wrong)


@pytest.mark.parametrize("wrong", [{"options": {"stiffness": 60.0}},
                                   {"joints": {"a": JointCommand(options={"motor": 3})}}])
def test_a_key_that_no_interface_has_is_refused_with_those_that_there_are(wrong):
    with pytest.raises(ConfigError, match=r"key is '\w+', must be one of \[.*'kp'"):
        Commands(**wrong)


@pytest.mark.parametrize("wrong", [{"sign": 0.5}, {"offset": float("nan")}, {"offset": 7.0}])
def test_joint_commands_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match="joint command"):
        JointCommand(**wrong)
