"""A robot profile: what a user knows better than what can be found in the URDF. Every key is optional but the name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.config import from_mapping, load_yaml
from speech_gesture_ros.retargeting.limits import Envelope


@dataclass(frozen=True)
class Profile:
    """What is to be different from what the URDF suggests.

    Attributes:
        name: Robot name.
        controllers: Group to the topic of its joint_trajectory_controller; a group that is not named gets
            ``<group>_controller/joint_trajectory``.
        rest_pose: Joint name to its position at rest [rad]; joints not named keep what was found.
        locked_joints: Joints that gestures must not move.
        envelope: Share of the limits that gestures may use.
    """

    name: str
    controllers: dict[str, str] = field(default_factory=dict)
    rest_pose: dict[str, float] = field(default_factory=dict)
    locked_joints: tuple[str, ...] = ()
    envelope: Envelope = field(default_factory=Envelope)

    def controller_topic(self, group: str) -> str:
        """Topic on which the controller of a group listens."""
        return self.controllers.get(group, f"{group}_controller/joint_trajectory")


def load_profile(reference: str | Path) -> Profile:
    """Read a profile by name (config/robots) or path.

    Raises:
        ConfigError: If it is not found, or has an unknown key or a value of the wrong type.
    """
    path = resolve(reference, "config/robots")
    return from_mapping(Profile, load_yaml(path), str(path))
