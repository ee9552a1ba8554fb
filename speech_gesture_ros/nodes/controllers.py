"""The ros2_control controllers behind our topics: their names, so that they can be asked and watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.robot.description import RobotDescription


@dataclass(frozen=True)
class Controller:
    """One controller.

    Attributes:
        name: Its full node name, as /left_arm_controller.
        interface: Name of its command interface.
        has_goals: True if it executes trajectories, so that other nodes may send it goals, too.
        joints: The joints it is to have, in the order we tell them.
        is_stamped: Whether what we tell carries its time; if not, it begins from where the controller says it is.
    """

    name: str
    interface: str
    joints: tuple[str, ...]
    has_goals: bool = False
    is_stamped: bool = True


def controller_name(node: Any, topic: str) -> str:
    """The full name of the controller behind a topic or action, remapped as the node is."""
    return str(node.resolve_topic_name(topic)).rpartition("/")[0]


def controllers_of(node: Any, description: RobotDescription) -> tuple[Controller, ...]:
    """The controllers of a robot, by the topics that its groups are told on, remapped as the node is."""
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
