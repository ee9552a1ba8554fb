"""Channels of a robot's face, read from YAML: joints that follow blendshapes, such as a jaw, lids or antennas.

    topic: jaw_controller/joint_trajectory
    joints:
      jaw_joint:
        shapes: {jawOpen: 1.0, mouthClose: -1.0}     # a closed mouth closes the jaw
        rest: 0.0                                    # position where the sum of the shapes is 0 [rad, m]
        full: 0.35                                   # position where it is 1
        max_velocity: 5.0                            # [rad/s, m/s]
        max_acceleration: 60.0                       # [rad/s², m/s²]

A pair without its side, such as eyeBlink, is the mean of both sides. Joints of one file have one controller.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.face.rigs.linear_table import blendshape_weights

Array = npt.NDArray[np.float64]

MAX_JOINTS = 32
MAX_POSITION = 10.0  # [rad, m]
RATES = (1e-3, 1e4)  # of velocity and acceleration
MAX_WEIGHT = 10.0


@dataclass(frozen=True)
class FaceJoint:
    """One joint of a face.

    Attributes:
        shapes: Blendshape to its weight in the sum that moves the joint.
        rest: Position at the sum 0 [rad, m].
        full: Position at the sum 1.
        max_velocity: Limit [rad/s, m/s].
        max_acceleration: Limit [rad/s², m/s²].
    """

    shapes: dict[str, float]
    rest: float
    full: float
    max_velocity: float = 5.0
    max_acceleration: float = 60.0

    def __post_init__(self) -> None:
        if not self.shapes:
            raise ConfigError("shapes of a face joint", {}, "one blendshape or more", "Add one, such as jawOpen: 1.0.")
        blendshape_weights(self.shapes)
        for name, low, high in (("rest", -MAX_POSITION, MAX_POSITION), ("full", -MAX_POSITION, MAX_POSITION),
                                ("max_velocity", *RATES), ("max_acceleration", *RATES)):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name} of a face joint", getattr(self, name), f"{low:g} to {high:g}", "Correct it.")
        for shape, weight in self.shapes.items():
            if not abs(weight) <= MAX_WEIGHT:
                raise ConfigError(f"weight of {shape} in a face joint", weight, f"-{MAX_WEIGHT:g} to {MAX_WEIGHT:g}",
                                  "Correct it.")


@dataclass(frozen=True)
class FaceChannelMap:
    """Joints of one controller.

    Attributes:
        topic: Topic of the controller, for trajectories.
        joints: Name of each joint to its movement.
    """

    topic: str
    joints: dict[str, FaceJoint]

    def __post_init__(self) -> None:
        if not self.topic.strip():
            raise ConfigError("topic of face channels", self.topic, "the topic of a controller",
                              "Write, for example, jaw_controller/joint_trajectory.")
        if not 1 <= len(self.joints) <= MAX_JOINTS:
            raise ConfigError("number of face joints", len(self.joints), f"1 to {MAX_JOINTS}",
                              "Use one file for each controller.")

    def targets(self, shapes: npt.NDArray[np.floating]) -> Array:
        """Return the positions (T, J) for blendshapes (T, 52), without limits of speed [rad, m]."""
        joints = self.joints.values()
        matrix = np.stack([blendshape_weights(joint.shapes) for joint in joints], axis=1)
        share = np.clip(np.asarray(shapes, dtype=np.float64) @ matrix, 0.0, 1.0)
        rest, full = (np.array([getattr(joint, name) for joint in joints]) for name in ("rest", "full"))
        return np.asarray(rest + share * (full - rest))


def load_channel_map(reference: str | Path) -> FaceChannelMap:
    """Read the channels of a face: a name in config/faces, or the path of a YAML file.

    Raises:
        ConfigError: If it cannot be read, or a value in it is wrong.
    """
    name = str(reference)
    path = resolve(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml", "config/faces")
    return from_mapping(FaceChannelMap, load_yaml(path), str(path))


def jaw_map(joint: str, open_angle: float, topic: str, max_velocity: float = 5.0, max_acceleration: float = 60.0
            ) -> FaceChannelMap:
    """Return the map of a jaw alone.

    Args:
        joint: Its name.
        open_angle: Position of the open jaw, 0 is closed [rad].
        topic: Topic of its controller.
        max_velocity: Limit [rad/s].
        max_acceleration: Limit [rad/s²].

    Raises:
        ConfigError: If a value is out of range.
    """
    shapes = {"jawOpen": 1.0, "mouthClose": -1.0}
    return FaceChannelMap(topic, {joint: FaceJoint(shapes, 0.0, open_angle, max_velocity, max_acceleration)})
