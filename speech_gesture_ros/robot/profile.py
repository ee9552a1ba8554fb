"""Robot profile: overrides of what is found in the URDF. Every key but the name is optional."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.assets import resolve, share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.robot.commands import Commands
from speech_gesture_ros.robot.limits import Envelope


@dataclass(frozen=True)
class Profile:
    """Overrides for one robot.

    Attributes:
        name: Robot name.
        urdf_names: Robot names in URDFs, by which the profile is found; none: its name.
        controllers: Group to the topic, or action, of its commands; a group that is not named gets the default of its
            interface, ``<group>_controller/joint_trajectory`` for trajectories.
        commands: In which form the robot takes its commands.
        rest_pose: Joint name to its rest position [rad]; other joints keep the position that was found.
        locked_joints: Joints that are not commanded.
        joint_limits: Joint name to limits in the keys of ros2_control (see `stated_limits`): highest priority.
        joint_limits_file: A `joint_limits` YAML of ros2_control or MoveIt, with priority over the URDF. A path relative
            to the profile's folder.
        srdf: SRDF whose disabled pairs may touch. A path relative to the profile's folder.
        envelope: Share of the limits that gestures may use.
        fingers: Whether the joints beyond the wrists are commanded, as groups left_hand and right_hand: hand shapes.
        gesture_size: Size of gestures as a share of a person's, 0.2 to 1.5; none: from the arms' speeds.
    """

    name: str
    urdf_names: tuple[str, ...] = ()
    controllers: dict[str, str] = field(default_factory=dict)
    commands: Commands = field(default_factory=Commands)
    rest_pose: dict[str, float] = field(default_factory=dict)
    locked_joints: tuple[str, ...] = ()
    joint_limits: dict[str, dict[str, Any]] = field(default_factory=dict)
    joint_limits_file: str | None = None
    srdf: str | None = None
    envelope: Envelope = field(default_factory=Envelope)
    fingers: bool = False
    gesture_size: float | None = None

    def __post_init__(self) -> None:
        if self.gesture_size is not None and not 0.2 <= self.gesture_size <= 1.5:
            raise ConfigError(f"gesture_size of {self.name}", self.gesture_size, "0.2 to 1.5", "Give a share of 1.")

    def controller_topic(self, group: str) -> str:
        """Return the topic of a group's commands."""
        return self.controllers.get(group, self.commands.topic(group))


def load_profile(reference: str | Path) -> Profile:
    """Read a profile by name (config/robots) or path.

    Raises:
        ConfigError: If it is not found, or has an unknown key or a value of the wrong type.
    """
    path = resolve(reference, "config/robots")
    profile = from_mapping(Profile, load_yaml(path), str(path))
    return replace(profile, joint_limits_file=_beside(path, profile.joint_limits_file),
                   srdf=_beside(path, profile.srdf))


def find_profile(urdf_name: str) -> Path | None:
    """Return the profile in config/robots for the robot name in a URDF; None if there is none."""
    for path in sorted((share_folder() / "config" / "robots").glob("*.yaml")):
        data = load_yaml(path)
        if urdf_name in (data.get("urdf_names") or [data.get("name")]):
            return path
    return None


def _beside(profile: Path, reference: str | None) -> str | None:
    """Return a path that is relative to the folder of a profile."""
    return str(profile.parent / Path(reference).expanduser()) if reference else None
