"""Override of the command interface in a description: for simulators, RViz, or low-level commands."""

from __future__ import annotations

import dataclasses

import numpy as np

from speech_gesture_ros.robot.command_interfaces import CommandInterface, command_interface
from speech_gesture_ros.robot.commands import NOT_COMMANDED, Commands
from speech_gesture_ros.robot.description import RobotDescription


def override_command_interface(description: RobotDescription, interface: str = "", low_level_speed: float = 0.0,
                               prefix: str = "") -> RobotDescription:
    """Return the description with another command interface, speed limit and prefix of topics.

    Args:
        description: The robot, with the interfaces of its profile.
        interface: Interface of all groups that are commanded; "" for those of the profile.
        low_level_speed: Speed limit of joints under low-level commands [rad/s]; 0: low-level commands not allowed.
        prefix: Text before every relative topic of commands and motor states, such as "robot1/" or "/"; "" for none.
    """
    commands, topics = description.commands, dict(description.topics)
    if interface:
        before = {group: commands.interface_of(group) for group in description.groups}
        kept = {group: NOT_COMMANDED for group, kind in before.items() if kind is None}
        commands = dataclasses.replace(commands, interface=interface, groups=kept)
        topics = {group: _topic(group, topic, before[group], commands.interface_of(group))
                  for group, topic in topics.items()}
    if prefix:
        topics = {group: _prefixed(prefix, topic) for group, topic in topics.items()}
        commands = dataclasses.replace(commands, options={**commands.options, **_state_topic(commands, prefix)})
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


def _prefixed(prefix: str, topic: str) -> str:
    """Return a topic with the prefix if it is relative; "" remains, the topic of a group that is not commanded."""
    return topic if not topic or topic.startswith(("/", "~")) else prefix + topic


def _state_topic(commands: Commands, prefix: str) -> dict[str, str]:
    """Return the option `state_topic` with the prefix; nothing if no interface has it."""
    names = {commands.interface, *commands.groups.values()} - {NOT_COMMANDED}
    for options in (command_interface(name).read_options(commands.options) for name in sorted(names)):
        if hasattr(options, "state_topic"):
            return {"state_topic": _prefixed(prefix, options.state_topic)}
    return {}
