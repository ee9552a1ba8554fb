"""Override of the command interface in a robot description, and the section `commands` of profiles."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.command_interfaces.shipped import SHIPPED_INTERFACES
from speech_gesture_ros.robot.command_override import override_command_interface
from speech_gesture_ros.robot.commands import NOT_COMMANDED, Commands, JointCommand
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.robot.profile import Profile, load_profile

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("yaw", "pitch", "shoulder")
MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links
ROBOT = RobotDescription(
    "pal", MODEL, NAMES, JointLimits(*(np.full(3, x) for x in (-1.0, 1.0, 2.0, 9.0, 90.0))), np.zeros(3),
    {"head": NAMES[:2], "left_arm": NAMES[2:]}, BodyLinks("b", "b", None, None, None),
    topics={"head": "/head_controller/joint_trajectory", "left_arm": "/arm_left_controller/joint_trajectory"})


def test_without_an_override_the_description_is_unchanged():
    changed = override_command_interface(ROBOT)
    assert (changed.topics, changed.commands) == (ROBOT.topics, ROBOT.commands)
    np.testing.assert_array_equal(changed.limits.velocity, ROBOT.limits.velocity)


@pytest.mark.parametrize(("interface", "topic"), [
    ("follow_joint_trajectory", "/arm_left_controller/follow_joint_trajectory"),
    ("forward_position", "/arm_left_controller/commands"),
    ("trajectory", "/arm_left_controller/joint_trajectory"),
    ("joint_state", "joint_states"),
    ("joint_angles", "joint_angles"),
    ("position_direct", "left_arm/position_direct"),
])
def test_another_interface_uses_the_topic_of_the_same_controller_or_its_default(interface, topic):
    changed = override_command_interface(ROBOT, interface)
    assert changed.topics["left_arm"] == topic
    assert changed.commands.of_group("head") == interface


def test_a_prefix_applies_to_relative_topics_of_commands_and_motor_states():
    topics = {"torso": "", "head": "~/head", "left_arm": "arm_sdk", "right_arm": "/arm_sdk"}
    robot = dataclasses.replace(ROBOT, topics=topics, commands=Commands(interface="unitree_arm_sdk"))
    changed = override_command_interface(robot, prefix="robot1/")
    assert changed.topics == {**topics, "left_arm": "robot1/arm_sdk"}
    assert changed.commands.options == {"state_topic": "robot1/lowstate"}
    assert override_command_interface(ROBOT, prefix="robot1/").commands == ROBOT.commands


def test_groups_that_are_not_commanded_stay_so():
    robot = dataclasses.replace(ROBOT, commands=Commands(groups={"head": NOT_COMMANDED}))
    changed = override_command_interface(robot, "joint_state")
    assert changed.commands.of_group("head") == NOT_COMMANDED
    assert changed.commands.of_group("left_arm") == "joint_state"


@pytest.mark.parametrize("interface", SHIPPED_INTERFACES, ids=lambda interface: interface.name)
def test_the_speed_limit_applies_to_low_level_commands_only(interface):
    robot = dataclasses.replace(ROBOT, commands=Commands(interface=interface.name))
    changed = override_command_interface(robot, low_level_speed=0.5)
    np.testing.assert_array_equal(changed.limits.velocity, 0.5 if interface.is_low_level else 2.0)
    assert changed.low_level_speed == 0.5
    assert override_command_interface(robot).low_level_speed == 0


def test_a_profile_in_yaml_sets_interfaces_and_their_options():
    profile = from_mapping(Profile, {"name": "g1", "commands": {
        "interface": "unitree_arm_sdk", "groups": {"torso": "none"}, "rate_hz": 50, "weight_index": 29,
        "joints": {"elbow": {"index": 18, "sign": -1, "kp": 40}}}})
    assert profile.controller_topic("left_arm") == "arm_sdk"
    assert profile.controller_topic("torso") == ""
    interface = profile.commands.interface_of("left_arm")
    assert interface is not None
    assert interface.read_options(profile.commands.options).weight_index == 29
    elbow = interface.read_joint_options("elbow", profile.commands.joint("elbow").options)
    assert (elbow.index, elbow.kp, profile.commands.joint("elbow").sign) == (18, 40.0, -1.0)
    with pytest.raises(ConfigError, match="one of"):
        from_mapping(Profile, {"name": "x", "commands": {"interfaces": "trajectory"}})


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "robots").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_table_in_the_documents_agrees_with_the_profile(path):
    rows = [line.split("|")[1:3] for line in (ROOT / "docs" / "controllers.md").read_text().splitlines()
            if line.startswith("|")]
    found = [kind.split("`")[1] for robots, kind in rows if path.stem in robots.replace(",", " ").split()]
    assert found == [load_profile(path).commands.interface]


def test_joints_of_groups_without_an_interface_are_not_in_the_description():
    urdf = ROOT / "config" / "robots" / "demo_humanoid.urdf"
    whole = describe_robot(urdf, Profile("whole"))
    robot = describe_robot(urdf, Profile("headless", commands=Commands(groups={"head": NOT_COMMANDED})))
    assert set(whole.joint_names) - set(robot.joint_names) == set(whole.groups["head"])
    assert "head" not in robot.topics


def test_the_zero_of_a_joint_command_is_within_a_turn():
    assert JointCommand(offset=-6.3).offset == -6.3
    for offset in (-6.31, 6.31):
        with pytest.raises(ConfigError, match="offset of a joint command"):
            JointCommand(offset=offset)
