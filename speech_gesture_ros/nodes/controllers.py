"""The ros2_control controllers behind our topics: their names, so that they can be asked and watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.robot.commands import FOLLOW, FORWARD, TRAJECTORY
from speech_gesture_ros.robot.description import RobotDescription


@dataclass(frozen=True)
class Controller:
    """One controller.

    Attributes:
        name: Its full node name, as /left_arm_controller.
        interface: How it is told, one of `robot.commands.INTERFACES`.
        joints: The joints it is to have, in the order we tell them.
        is_stamped: Whether what we tell carries its time; if not, it begins from where the controller says it is.
    """

    name: str
    interface: str
    joints: tuple[str, ...]
    is_stamped: bool = True

    @property
    def has_goals(self) -> bool:
        """Whether it follows trajectories, so that others may send it goals, too."""
        return self.interface in (TRAJECTORY, FOLLOW)


def controller_name(node: Any, topic: str) -> str:
    """The full name of the controller behind a topic or action, remapped as the node is."""
    return str(node.resolve_topic_name(topic)).rpartition("/")[0]


def controllers_of(node: Any, description: RobotDescription) -> tuple[Controller, ...]:
    """The controllers of a robot, by the topics that its groups are told on, remapped as the node is."""
    found = []
    for group, topic in description.topics.items():
        interface = description.commands.of_group(group)
        if interface in (TRAJECTORY, FOLLOW, FORWARD):
            joints = description.commands.order.get(group, description.groups[group])
            found.append(Controller(controller_name(node, topic), interface, tuple(joints),
                                    interface != FOLLOW or description.commands.stamped))
    return tuple(found)
