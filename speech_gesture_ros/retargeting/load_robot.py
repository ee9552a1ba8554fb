"""Robot from a configuration: URDF, profile, limits, SRDF and command interface put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.assets import resolve, share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.retargeting.describe import describe_robot
from speech_gesture_ros.robot.command_override import override_command_interface
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.profile import find_profile
from speech_gesture_ros.robot.urdf import load_urdf

NO_PROFILE = "none"  # value of `RobotConfig.profile`: everything is found in the URDF


@dataclass(frozen=True)
class RobotConfig:
    """Choice of a robot and of the files that describe it.

    Attributes:
        robot: Name in config/robots/, or the path of a URDF.
        robot_xml: URDF text, for example from a topic; used instead of `robot`.
        profile: Robot profile: a name in config/robots/, or a path; None takes the shipped profile whose `urdf_names`
            has the name in the URDF, if any; "none" takes none.
        joint_limits: Path of a `joint_limits` YAML (ros2_control, MoveIt) with priority over the URDF.
        srdf: Path of an SRDF with pairs of links that may touch; None takes the one beside the URDF, if any.
        interface: Command interface of all groups, by name; "" for the profile's.
        low_level_speed: Speed limit of joints under low-level commands [rad/s]; 0: low-level commands not allowed.
    """

    robot: str = "demo_humanoid"
    robot_xml: str | None = field(default=None, repr=False)
    profile: str | None = None
    joint_limits: str | None = None
    srdf: str | None = None
    interface: str = ""
    low_level_speed: float = 0.0


def load_robot(config: RobotConfig) -> RobotDescription:
    """Describe the robot that a configuration names.

    Raises:
        RobotError: If the URDF cannot be used.
        ConfigError: If no such robot or profile is found.
    """
    urdf: str | Path = config.robot_xml if config.robot_xml else resolve(config.robot, "config/robots")
    if isinstance(urdf, Path) and urdf.suffix == ".yaml":  # a robot's name finds its profile first
        if not urdf.with_suffix(".urdf").is_file():
            raise ConfigError(f"URDF of {urdf.stem}", "not shipped, only its profile is", "the path of a URDF",
                              "Give the URDF's path: its profile is found by the robot name in it.")
        urdf = urdf.with_suffix(".urdf")
    found = describe_robot(urdf, _profile(config, urdf), config.joint_limits, config.srdf)
    return override_command_interface(found, config.interface, config.low_level_speed)


def _profile(config: RobotConfig, urdf: str | Path) -> Path | None:
    """Return the configured profile, else the shipped one with the URDF's file name or robot name, if any."""
    if config.profile == NO_PROFILE:
        return None
    if config.profile:
        return resolve(config.profile, "config/robots")
    if isinstance(urdf, Path):
        beside = urdf.with_suffix(".yaml")
        if beside.is_file() and beside.parent.resolve() == (share_folder() / "config" / "robots").resolve():
            return beside
    return find_profile(load_urdf(urdf).name)
