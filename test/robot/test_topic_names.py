"""Names of topics: those of ROS, and no others."""

from __future__ import annotations

import dataclasses

import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.commands import Commands
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.topic_names import check_optional_topic, check_prefix, check_topic

VALID = ("audio", "/audio", "~/lock", "a/b_c/D9", "_hidden", "{node}/x", "a" * 240)
INVALID = ("", "/", "a b", "1a", "a/1b", "a//b", "a/", "~lock", "a/~/b", "ä", "a-b", "{what}/x", "a\n", "a" * 248)


@pytest.mark.parametrize("name", VALID)
def test_names_that_are_valid(name: str) -> None:
    check_topic(name)
    check_optional_topic(name)


@pytest.mark.parametrize("name", INVALID)
def test_names_that_are_not(name: str) -> None:
    with pytest.raises(ConfigError, match=r"topic is .* must be letters, digits and _"):
        check_topic(name)


@pytest.mark.ros
@pytest.mark.parametrize("name", [*VALID, "~", *INVALID])
def test_ros_agrees(name: str) -> None:
    pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
    from rclpy.exceptions import InvalidTopicNameException
    from rclpy.expand_topic_name import expand_topic_name
    from rclpy.validate_full_topic_name import validate_full_topic_name

    if name in VALID or name == "~":  # which would be a topic with the name of the node
        validate_full_topic_name(expand_topic_name(name, "node", "/"))
        return
    with pytest.raises((InvalidTopicNameException, ValueError, UnicodeError)):
        validate_full_topic_name(expand_topic_name(name, "node", "/"))


@pytest.mark.parametrize("prefix", ["", "/", "robot1/", "~/", "/a/b/", "left_"])
def test_prefixes_that_are_valid(prefix: str) -> None:
    check_prefix(prefix)


@pytest.mark.parametrize("prefix", ["1/", "//", "a b/", "-"])
def test_prefixes_that_are_not(prefix: str) -> None:
    with pytest.raises(ConfigError, match="topic with this prefix"):
        check_prefix(prefix)


def test_a_robot_with_an_invalid_topic_is_refused_by_the_name_of_its_group(demo: RobotDescription) -> None:
    group = next(iter(demo.groups))
    with pytest.raises(ConfigError, match=f"topic of group '{group}' is 'a b'"):
        dataclasses.replace(demo, topics=demo.topics | {group: "a b"})
    with pytest.raises(ConfigError, match="option 'state_topic' is '9'"):
        dataclasses.replace(demo, commands=dataclasses.replace(Commands(), options={"state_topic": "9"}))
