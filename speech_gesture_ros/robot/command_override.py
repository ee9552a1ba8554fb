"""A robot told otherwise than its profile says: for simulators, for RViz, or slower, past its own safety."""

from __future__ import annotations

import dataclasses

import numpy as np

from speech_gesture_ros.robot.commands import FOLLOW, FORWARD, LOW_LEVEL, NONE, TOPICS, TRAJECTORY
from speech_gesture_ros.robot.description import RobotDescription

OF_CONTROLLERS = (TRAJECTORY, FOLLOW, FORWARD)  # the last part of the topic says which: what is before it, whose


def override_command_interface(description: RobotDescription, interface: str = "", low_level_speed: float = 0.0
                               ) -> RobotDescription:
    """The robot as it is to be told.

    Args:
        description: The robot as its profile says.
        interface: How all groups are told that are told at all; "" for what the profile says.
        low_level_speed: How fast joints may be that are told past the robot's own safety [rad/s]; 0: not allowed.
    """
    commands, topics = description.commands, dict(description.topics)
    if interface:
        before = {group: commands.of_group(group) for group in description.groups}
        kept = {group: NONE for group, kind in before.items() if kind == NONE}
        commands = dataclasses.replace(commands, interface=interface, groups=kept)
        topics = {group: _topic(group, topic, before[group], commands.of_group(group))
                  for group, topic in topics.items()}
    speed = description.limits.velocity.copy()
    if low_level_speed > 0:
        for group, names in description.groups.items():
            if commands.of_group(group) in LOW_LEVEL:
                columns = description.indices(names)
                speed[columns] = np.minimum(speed[columns], low_level_speed)
    limits = dataclasses.replace(description.limits, velocity=speed)
    return dataclasses.replace(description, commands=commands, topics=topics, limits=limits,
                               low_level_speed=low_level_speed)


def _topic(group: str, topic: str, before: str, after: str) -> str:
    if before == after:
        return topic
    usual = TOPICS[after].format(group=group)
    if before in OF_CONTROLLERS and after in OF_CONTROLLERS:  # another topic of the same controller
        controller, _, last = topic.rpartition("/")
        if controller and last == TOPICS[before].rpartition("/")[2]:
            return f"{controller}/{usual.rpartition('/')[2]}"
    return usual
