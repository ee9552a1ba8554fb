"""Names of topics as ROS 2 accepts them in parameters and profiles.

Source of the rules: design.ros2.org/articles/topic_and_service_names.html, and the checks of rcl and rmw.
"""

from __future__ import annotations

import re

from speech_gesture_ros.core.errors import ConfigError

MAX_LENGTH = 247  # of rmw, for a full name
TOKEN = r"(?:[A-Za-z_]|\{node\})(?:\w|\{node\})*"
TOPIC = re.compile(rf"(?:/|~/)?{TOKEN}(?:/{TOKEN})*", re.ASCII)
BOUND = "letters, digits and _ in parts separated by /, no part beginning with a digit, such as robot1/joint_states"


def check_topic(name: str, thing: str = "topic") -> None:
    """Raise `ConfigError` unless a name is a valid topic.

    Args:
        name: Absolute, relative, or private (~/).
        thing: What has the name, for the error.
    """
    if len(name) > MAX_LENGTH or not TOPIC.fullmatch(name):
        raise ConfigError(thing, name, f"{BOUND}, {MAX_LENGTH} characters at most", "Correct the name.")


def check_optional_topic(name: str) -> None:
    """Raise `ConfigError` unless a name is a valid topic or empty."""
    if name:
        check_topic(name)


def check_prefix(prefix: str) -> None:
    """Raise `ConfigError` unless a relative topic after the prefix is a valid one; "" is allowed."""
    check_topic(f"{prefix}topic", "topic with this prefix")
