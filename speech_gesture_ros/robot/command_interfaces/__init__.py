"""Command interfaces: the forms in which robots take commands, and the registry that finds them by name."""

from speech_gesture_ros.robot.command_interfaces import shipped  # noqa: F401 - registers the shipped interfaces
from speech_gesture_ros.robot.command_interfaces.registry import (
    CommandInterface,
    NoOptions,
    command_interface,
    known_options,
    register_interface,
)

__all__ = ["CommandInterface", "NoOptions", "command_interface", "known_options", "register_interface"]
