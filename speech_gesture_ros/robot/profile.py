"""A robot profile: what a user knows better than what can be found in the URDF. Every key is optional but the name."""

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
    """What is to be different from what the URDF suggests.

    Attributes:
        name: Robot name.
        urdf_names: What URDFs of this robot are called, by which its profile is found; none: as its name.
        controllers: Group to the topic, or action, that its commands go to; a group that is not named gets the usual
            one of its interface, ``<group>_controller/joint_trajectory`` for trajectories.
        commands: In which form the robot takes its commands.
        rest_pose: Joint name to its position at rest [rad]; joints not named keep what was found.
        locked_joints: Joints that gestures must not move.
        joint_limits: Joint name to limits in the keys of ros2_control (see `stated_limits`): before all other sources.
        joint_limits_file: A `joint_limits` YAML of ros2_control or MoveIt: before the URDF. A path, from the profile's
            folder on.
        srdf: SRDF whose disabled pairs need not be kept apart. A path, from the profile's folder on.
        envelope: Share of the limits that gestures may use.
        gesture_size: Share of a person's size that gestures have, 0.2 to 1.5; none: found from the arms' speeds.
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
    gesture_size: float | None = None

    def __post_init__(self) -> None:
        if self.gesture_size is not None and not 0.2 <= self.gesture_size <= 1.5:
            raise ConfigError(f"gesture_size of {self.name}", self.gesture_size, "0.2 to 1.5", "Give a share of 1.")

    def controller_topic(self, group: str) -> str:
        """Topic on which the controller of a group listens."""
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
    """The profile in config/robots for a robot by what its URDF calls it; None if there is none."""
    for path in sorted((share_folder() / "config" / "robots").glob("*.yaml")):
        data = load_yaml(path)
        if urdf_name in (data.get("urdf_names") or [data.get("name")]):
            return path
    return None


def _beside(profile: Path, reference: str | None) -> str | None:
    """A path that a profile gives, from its folder on."""
    return str(profile.parent / Path(reference).expanduser()) if reference else None
