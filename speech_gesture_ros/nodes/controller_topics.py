"""On which topic the controller of each group listens: as the profile says, or named after the group."""

from __future__ import annotations

from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.robot import RobotDescription
from speech_gesture_ros.pipeline.config import PipelineConfig
from speech_gesture_ros.retargeting.profile import Profile, load_profile


def controller_topics(config: PipelineConfig, description: RobotDescription) -> dict[str, str]:
    """Group to topic, for every group of a robot.

    Raises:
        ConfigError: If the profile that the configuration names is not found.
    """
    profile = _profile(config)
    return {group: profile.controller_topic(group) for group in description.groups}


def _profile(config: PipelineConfig) -> Profile:
    """The profile that `load_robot` takes."""
    if config.profile:
        return load_profile(config.profile)
    try:
        return load_profile(f"{Path(config.robot).stem}.yaml")
    except ConfigError:  # no profile under the robot's name
        return Profile(config.robot)
