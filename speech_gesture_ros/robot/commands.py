"""Section `commands` of a robot profile: the command interface of each group, and the joints in its messages.

    commands:                      # every key is optional
      interface: forward_position  # command interface of all groups: a name in the registry
      groups: {torso: trajectory}  # groups with another interface; none: the group is not commanded
      rate_hz: 100.0               # rate of interfaces without trajectories
      order: {left_arm: [...]}     # exactly the joints of a controller, in its order
      joints: {l_elbow: {name: LElbow, sign: -1.0}}

All other keys, of `commands` and of its joints, are options of an interface (`command_interfaces.shipped`).
docs/controllers.md states what each interface needs on the robot's side.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, fields
from typing import Any

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import OTHER_KEYS
from speech_gesture_ros.robot.command_interfaces import CommandInterface, command_interface, known_options
from speech_gesture_ros.robot.command_interfaces.shipped import TRAJECTORY_INTERFACE

NOT_COMMANDED = "none"  # in place of an interface: the group is not commanded
MAX_OFFSET_RAD = 6.3
MIN_RATE_HZ, MAX_RATE_HZ = 5.0, 1000.0


@dataclass(frozen=True)
class JointCommand:
    """Conversion of one joint: the value in a message is ``sign * position + offset``.

    Attributes:
        name: Name in messages; empty for that in the URDF.
        sign: 1, or -1 where the robot counts in the opposite direction.
        offset: Reading of the robot where the URDF has zero [rad].
        options: Keys that belong to the command interface.
    """

    name: str = ""
    sign: float = 1.0
    offset: float = 0.0
    options: dict[str, Any] = field(default_factory=dict, metadata=OTHER_KEYS)

    def __post_init__(self) -> None:
        if self.sign not in (1.0, -1.0):
            raise ConfigError("sign of a joint command", self.sign, "1 or -1", "Correct the profile.")
        if not -MAX_OFFSET_RAD <= self.offset <= MAX_OFFSET_RAD:
            raise ConfigError("offset of a joint command", self.offset, f"{-MAX_OFFSET_RAD:g} to {MAX_OFFSET_RAD:g}",
                              "Correct the profile.")


@dataclass(frozen=True)
class Commands:
    """Command interfaces of a robot.

    Attributes:
        interface: Interface of all groups that are not in `groups`.
        groups: Group to its own interface, or to `NOT_COMMANDED`.
        rate_hz: Rate of interfaces without trajectories [Hz].
        order: Group to all joints of its controller, in its order, where they are not exactly those of the group.
            Joints that gestures do not move are held where they were measured.
        joints: URDF joint name to its conversion.
        options: Keys that belong to the interfaces.

    Raises:
        ConfigError: If an interface or key is not known, or a value is out of range.
    """

    interface: str = TRAJECTORY_INTERFACE
    groups: dict[str, str] = field(default_factory=dict)
    rate_hz: float = 100.0
    order: dict[str, tuple[str, ...]] = field(default_factory=dict)
    joints: dict[str, JointCommand] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict, metadata=OTHER_KEYS)

    def __post_init__(self) -> None:
        if not MIN_RATE_HZ <= self.rate_hz <= MAX_RATE_HZ:
            raise ConfigError("commands: rate_hz", self.rate_hz, f"{MIN_RATE_HZ:g} to {MAX_RATE_HZ:g}",
                              "Correct the profile.")
        self._check_keys()
        for name in sorted({self.interface, *self.groups.values()} - {NOT_COMMANDED}):
            interface = command_interface(name)
            interface.read_options(self.options)
            for joint, command in self.joints.items():
                interface.read_joint_options(joint, command.options)

    def _check_keys(self) -> None:
        """Refuse keys that no interface has."""
        if not self.options and not any(command.options for command in self.joints.values()):
            return
        known, known_of_joints = known_options()
        _check_known("commands", self.options, known | {f.name for f in fields(Commands)})
        for joint, command in self.joints.items():
            allowed = known_of_joints | {f.name for f in fields(JointCommand)}
            _check_known(f"commands.joints: {joint}", command.options, allowed)

    def of_group(self, group: str) -> str:
        """Return the name of a group's interface, `NOT_COMMANDED` for a group that is not commanded."""
        return self.groups.get(group, self.interface)

    def interface_of(self, group: str) -> CommandInterface | None:
        """Return the interface of a group, None for a group that is not commanded."""
        name = self.of_group(group)
        return None if name == NOT_COMMANDED else command_interface(name)

    def topic(self, group: str) -> str:
        """Return the topic of a group that the profile gives none for; "" for a group that is not commanded."""
        interface = self.interface_of(group)
        return interface.topic.format(group=group) if interface else ""

    def controller_joints(self, group: str, joints: Sequence[str]) -> tuple[str, ...]:
        """Return all joints of the controller of a group, in its order.

        Args:
            group: The group.
            joints: Its joints, which are those of the controller unless `order` states others.
        """
        return tuple(self.order.get(group, joints))

    def joint(self, name: str) -> JointCommand:
        """Return the conversion of a joint."""
        return self.joints.get(name, JointCommand())


def _check_known(where: str, options: dict[str, Any], allowed: Set[str]) -> None:
    """Raise `ConfigError` for a key that is not allowed."""
    for key in options:
        if key not in allowed:
            raise ConfigError(f"{where}: key", key, f"one of {sorted(allowed - {'options'})}", "Remove or rename it.")
