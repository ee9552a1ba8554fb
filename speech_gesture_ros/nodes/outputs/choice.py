"""Outputs of a robot: one for each group, or for all groups of an interface that commands the whole robot."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.output import Output, OutputContext
from speech_gesture_ros.robot.command_interfaces import CommandInterface, command_interface
from speech_gesture_ros.robot.commands import NOT_COMMANDED
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)


def make_outputs(node: Any, description: RobotDescription, measured: MeasuredJoints,
                 now_ns: Callable[[], int]) -> list[Output]:
    """Return the outputs of all groups.

    Args:
        node: The lifecycle node.
        description: The robot.
        measured: Measured joint positions.
        now_ns: Returns the ROS time [ns].

    Raises:
        ConfigError: If the interfaces cannot be used together, or need a permission that was not given.
        MissingDependencyError: If message packages are missing.
    """
    names = {group: description.commands.of_group(group) for group in description.groups}
    interfaces = {name: command_interface(name) for name in dict.fromkeys(names.values()) if name != NOT_COMMANDED}
    _check_low_level(list(interfaces.values()), description)
    log.info("command interfaces of %s: %s", description.name, ", ".join(
        f"{group}: {name}" + (f" on {description.topics[group]}" if name in interfaces else "")
        for group, name in names.items()))
    _warn_of_shared_topics(node, description)
    outputs = []
    for name, interface in interfaces.items():
        groups = tuple(group for group in names if names[group] == name)
        for part in [groups] if interface.is_whole_robot else [(group,) for group in groups]:
            context = OutputContext(node, description, interface, part, description.topics[part[0]], measured, now_ns)
            outputs.append(_factory(interface)(context))
    return outputs


def _check_low_level(interfaces: list[CommandInterface], description: RobotDescription) -> None:
    low_level = [interface.name for interface in interfaces if interface.is_low_level]
    if len(low_level) > 1:
        raise ConfigError("command interfaces", low_level, "one low-level interface a robot", "Correct the profile.")
    if low_level and description.low_level_speed <= 0:
        raise ConfigError("parameter 'commands.allow_low_level'", False, f"true for {low_level[0]}",
                          "These commands bypass the robot's own safety: read docs/controllers.md first.")
    if low_level:
        log.warning("low-level commands (%s) bypass the robot's own safety: at most %.2f rad/s", low_level[0],
                    float(description.limits.velocity.max()))


def _warn_of_shared_topics(node: Any, description: RobotDescription) -> None:
    """Log topics that are outside the node's namespace: a second robot with this profile would have them, too."""
    namespace = node.get_namespace().rstrip("/")
    outside = {topic for topic in description.topics.values()
               if topic and not node.resolve_topic_name(topic).startswith(f"{namespace}/")}
    if outside:
        log.warning("outside the namespace %s: %s. Every node with this profile commands the same robot there; give "
                    "each robot relative topics, or its own commands.prefix", namespace, ", ".join(sorted(outside)))


def _factory(interface: CommandInterface) -> Callable[[OutputContext], Output]:
    """Return the callable that makes outputs of an interface; a name is imported."""
    if callable(interface.output):
        return interface.output
    module, _, name = interface.output.partition(":")
    factory: Callable[[OutputContext], Output] = getattr(import_module(module), name)
    return factory
