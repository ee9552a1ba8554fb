"""Robot from a configuration: URDF, profile, limits, SRDF and command interface put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.assets import resolve, share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.retargeting.describe import describe_robot
from speech_gesture_ros.robot.command_override import override_command_interface
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.model import RobotModel, load_model
from speech_gesture_ros.robot.profile import find_profile

NO_PROFILE = "none"  # value of `RobotConfig.profile`: everything is found in the URDF


@dataclass(frozen=True)
class RobotConfig:
    """Choice of a robot and of the files that describe it.

    Attributes:
        robot: Name in config/robots/, or the path of a URDF or MJCF file.
        robot_xml: URDF text, for example from a topic; used instead of `robot`.
        profile: Robot profile: a name in config/robots/, or a path; None takes the shipped profile whose `urdf_names`
            has the name in the URDF, if any; "none" takes none.
        joint_limits: Path of a `joint_limits` YAML (ros2_control, MoveIt) with priority over the URDF.
        srdf: Path of an SRDF with pairs of links that may touch; None takes the one beside the URDF, if any.
        interface: Command interface of all groups, by name; "" for the profile's.
        low_level_speed: Speed limit of joints under low-level commands [rad/s]; 0: low-level commands not allowed.
        topic_prefix: Text before every relative topic of commands and motor states, such as "robot1/"; "" for none.
    """

    robot: str = "demo_humanoid"
    robot_xml: str | None = field(default=None, repr=False)
    profile: str | None = None
    joint_limits: str | None = None
    srdf: str | None = None
    interface: str = ""
    low_level_speed: float = 0.0
    topic_prefix: str = ""


def load_robot(config: RobotConfig) -> RobotDescription:
    """Describe the robot that a configuration names.

    Raises:
        RobotError: If the URDF cannot be used.
        ConfigError: If no such robot or profile is found.
    """
    model = load_model(config.robot_xml or _robot_file(config.robot))
    found = describe_robot(model, _profile(config, model), config.joint_limits, config.srdf)
    return override_command_interface(found, config.interface, config.low_level_speed, config.topic_prefix)


def _robot_file(reference: str) -> Path:
    """Return the URDF or MJCF that a name in config/robots, or a path, means."""
    try:
        path = resolve(reference, "config/robots")
    except ConfigError:
        shipped = sorted(p.stem for p in (share_folder() / "config" / "robots").glob("*.urdf"))
        raise ConfigError("robot", reference, f"the path of a URDF or MJCF file, or one of {', '.join(shipped)}",
                          "Check the spelling. Profiles of other robots are found by the name in their URDF.") from None
    if path.suffix != ".yaml":
        return path
    if not path.with_suffix(".urdf").is_file():  # a name in config/robots is that of a profile first
        raise ConfigError(f"URDF of {path.stem}", "not shipped, only its profile is", "the path of a URDF",
                          "Give the URDF's path: its profile is found by the robot name in it.")
    return path.with_suffix(".urdf")


def _profile(config: RobotConfig, model: RobotModel) -> Path | None:
    """Return the configured profile, else the shipped one with the URDF's file name or robot name, if any."""
    if config.profile == NO_PROFILE:
        return None
    if config.profile:
        return resolve(config.profile, "config/robots")
    if model.urdf.file is not None:
        beside = model.urdf.file.with_suffix(".yaml")
        if beside.is_file() and beside.parent.resolve() == (share_folder() / "config" / "robots").resolve():
            return beside
    return find_profile(model.urdf.name)
