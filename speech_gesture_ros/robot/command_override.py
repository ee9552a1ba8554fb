"""Override of the command interface in a description: for simulators, RViz, or low-level commands."""

from __future__ import annotations

import dataclasses

import numpy as np

from speech_gesture_ros.robot.command_interfaces import CommandInterface
from speech_gesture_ros.robot.commands import NOT_COMMANDED
from speech_gesture_ros.robot.description import RobotDescription


def override_command_interface(description: RobotDescription, interface: str = "", low_level_speed: float = 0.0
                               ) -> RobotDescription:
    """Return the description with another command interface and speed limit.

    Args:
        description: The robot, with the interfaces of its profile.
        interface: Interface of all groups that are commanded; "" for those of the profile.
        low_level_speed: Speed limit of joints under low-level commands [rad/s]; 0: low-level commands not allowed.
    """
    commands, topics = description.commands, dict(description.topics)
    if interface:
        before = {group: commands.interface_of(group) for group in description.groups}
        kept = {group: NOT_COMMANDED for group, kind in before.items() if kind is None}
        commands = dataclasses.replace(commands, interface=interface, groups=kept)
        topics = {group: _topic(group, topic, before[group], commands.interface_of(group))
                  for group, topic in topics.items()}
    speed = description.limits.velocity.copy()
    if low_level_speed > 0:
        for group, names in description.groups.items():
            kind = commands.interface_of(group)
            if kind is not None and kind.is_low_level:
                columns = description.indices(names)
                speed[columns] = np.minimum(speed[columns], low_level_speed)
    limits = dataclasses.replace(description.limits, velocity=speed)
    return dataclasses.replace(description, commands=commands, topics=topics, limits=limits,
                               low_level_speed=low_level_speed)


def _topic(group: str, topic: str, before: CommandInterface | None, after: CommandInterface | None) -> str:
    if before == after or after is None:
        return topic
    usual = after.topic.format(group=group)
    if before is not None and before.is_controller and after.is_controller:  # another topic of the same controller
        controller, _, last = topic.rpartition("/")
        if controller and last == before.topic.rpartition("/")[2]:
            return f"{controller}/{usual.rpartition('/')[2]}"
    return usual
