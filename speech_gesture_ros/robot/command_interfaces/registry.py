"""Registry of command interfaces: name, default topic, options of a profile, and the output that sends commands.

    profile: `commands:` ──► CommandInterface ── options, checked ──► output ──► messages

The shipped interfaces are in `shipped`. A package of its own adds one either by `register_interface` before the robot
is described, or by an entry point in the group `speech_gesture_ros.command_interfaces` that names its
`CommandInterface`. This module does not import ROS; the output is named by a string and imported by the node.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping

log = logging.getLogger(__name__)

ENTRY_POINT_GROUP = "speech_gesture_ros.command_interfaces"


@dataclass(frozen=True)
class NoOptions:
    """Options of an interface that has none."""


@dataclass(frozen=True)
class CommandInterface:
    """One form in which robots take commands.

    Attributes:
        name: Name in profiles and parameters.
        topic: Topic, or action, of a group that the profile gives none for; ``{group}`` is replaced.
        output: Callable that makes the output from an `OutputContext` (nodes/outputs/output.py), or its place as
            ``package.module:callable``.
        options: Dataclass of the keys that the interface adds to `commands` of a profile.
        joint_options: Dataclass of the keys that it adds to each joint of `commands.joints`.
        is_whole_robot: True if one message commands all groups that have this interface.
        is_low_level: True if commands bypass the robot's own safety; allowed only by a parameter.
        is_controller: True if a ros2_control controller takes the commands; its name is the topic without the last
            part.
        takes_goals: True if that controller also executes FollowJointTrajectory goals.
    """

    name: str
    topic: str
    output: str | Callable[[Any], Any]
    options: type[Any] = NoOptions
    joint_options: type[Any] = NoOptions
    is_whole_robot: bool = False
    is_low_level: bool = False
    is_controller: bool = False
    takes_goals: bool = False

    def read_options(self, values: Mapping[str, Any]) -> Any:
        """Return `options` from the option keys of a profile; keys of other interfaces are ignored.

        Raises:
            ConfigError: If a value has the wrong type or is out of range.
        """
        return _read(self.options, values, f"commands of interface {self.name}")

    def read_joint_options(self, joint: str, values: Mapping[str, Any]) -> Any:
        """Return `joint_options` from the option keys of a joint; keys of other interfaces are ignored.

        Raises:
            ConfigError: If a value has the wrong type or is out of range.
        """
        return _read(self.joint_options, values, f"commands.joints of interface {self.name}: {joint}")


def _read(options: type[Any], values: Mapping[str, Any], where: str) -> Any:
    names = {f.name for f in fields(options)}
    return from_mapping(options, {key: value for key, value in values.items() if key in names}, where)


_INTERFACES: dict[str, CommandInterface] = {}


def register_interface(interface: CommandInterface) -> CommandInterface:
    """Add an interface to the registry and return it; registering the same one again changes nothing.

    Raises:
        ConfigError: If another interface has the name.
    """
    if _INTERFACES.setdefault(interface.name, interface) != interface:
        raise ConfigError("name of a command interface", interface.name, "not registered yet", "Choose another name.")
    return interface


def command_interface(name: str) -> CommandInterface:
    """Return the interface with a name.

    Raises:
        ConfigError: If there is none; the message lists all names.
    """
    if name not in _INTERFACES:
        _load_entry_points()
    if name not in _INTERFACES:
        raise ConfigError("command interface", name, f"one of {', '.join(_INTERFACES)}", "Correct the profile.")
    return _INTERFACES[name]


def known_options() -> tuple[frozenset[str], frozenset[str]]:
    """Return the option keys of all interfaces: those of `commands`, and those of one joint."""
    _load_entry_points()
    found = _INTERFACES.values()
    return (frozenset(f.name for interface in found for f in fields(interface.options)),
            frozenset(f.name for interface in found for f in fields(interface.joint_options)))


@cache
def _load_entry_points() -> None:
    """Register the interfaces of other packages, once; a package that fails is logged and left out."""
    for entry_point in entry_points(group=ENTRY_POINT_GROUP):
        try:
            register_interface(entry_point.load())
        except Exception:
            log.exception("command interface %s (%s) cannot be loaded", entry_point.name, entry_point.value)
