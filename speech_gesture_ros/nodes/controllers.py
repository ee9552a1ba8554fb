"""ros2_control controllers that this package commands: names, joints, and what they execute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.robot.description import RobotDescription


@dataclass(frozen=True)
class Controller:
    """One controller.

    Attributes:
        name: Full node name, such as /left_arm_controller.
        interface: Name of its command interface.
        joints: Joints that it must have, in the order in which they are commanded.
        has_goals: True if it executes trajectories, so that other nodes may send it goals, too.
        is_stamped: True if commands carry their time; otherwise they begin from the controller's own state.
    """

    name: str
    interface: str
    joints: tuple[str, ...]
    has_goals: bool = False
    is_stamped: bool = True


def controller_name(node: Any, topic: str) -> str:
    """Return the full name of the controller of a topic or action, with the node's remappings."""
    return str(node.resolve_topic_name(topic)).rpartition("/")[0]


def controllers_of(node: Any, description: RobotDescription) -> tuple[Controller, ...]:
    """Return the controllers of a robot, by the topics of its groups, with the node's remappings."""
    found = []
    for group, topic in description.topics.items():
        commands = description.commands
        interface = commands.interface_of(group)
        if interface is not None and interface.is_controller:
            joints = commands.controller_joints(group, description.groups[group])
            is_stamped = getattr(interface.read_options(commands.options), "stamped", True)
            found.append(Controller(controller_name(node, topic), interface.name, joints, interface.takes_goals,
                                    is_stamped))
    return tuple(found)
