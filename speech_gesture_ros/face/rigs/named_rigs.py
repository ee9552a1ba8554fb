"""Rigs by name, and robots' faces by file: each turns an animation of a face into named channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.animation import FaceAnimation
from speech_gesture_ros.face.channel_map import load_channel_map
from speech_gesture_ros.face.joint_follower import JointFollower
from speech_gesture_ros.face.rigs.facs import ACTION_UNITS, action_units
from speech_gesture_ros.face.rigs.live_link import LIVE_LINK_COLUMNS, live_link_rows
from speech_gesture_ros.face.rigs.mouth_shapes import visemes_from_shapes
from speech_gesture_ros.face.rigs.openxr import OPENXR_VISEMES
from speech_gesture_ros.face.rigs.pau import PAU_CHANNELS, pau_from_shapes
from speech_gesture_ros.face.rigs.vrm import VRM_EXPRESSIONS, vrm_from_shapes

Array = npt.NDArray[np.float64]

YAML_ENDINGS = (".yaml", ".yml")
_JAW_OPEN, _MOUTH_CLOSE = BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["mouthClose"]


@dataclass(frozen=True)
class NamedRig:
    """A rig that faces are retargeted to.

    Attributes:
        channels: Names of its channels.
        values: Function from an animation of T frames to (T, C) values.
        summary: One line about it.
    """

    channels: tuple[str, ...]
    values: Callable[[FaceAnimation], Array]
    summary: str


def _visemes(face: FaceAnimation) -> Array:
    """Return the visemes of the animation; where a file has none, those nearest to the shapes."""
    given = face.visemes.astype(np.float64)
    missing = ~given.any(axis=1)
    if missing.any():
        given[missing] = visemes_from_shapes(face.shapes[missing])
    return given


def _jaw(face: FaceAnimation) -> Array:
    """Return how far a jaw opens (T, 1) that carries the lower lip: closed lips are a closed jaw."""
    opened = np.asarray(face.shapes[:, _JAW_OPEN] - face.shapes[:, _MOUTH_CLOSE], dtype=np.float64)
    return np.clip(opened, 0.0, 1.0)[:, None]


NAMED_RIGS = {
    "vrm": NamedRig(VRM_EXPRESSIONS, lambda face: vrm_from_shapes(face.shapes), "expressions of VRM 1.0"),
    "openxr": NamedRig(OPENXR_VISEMES, _visemes, "15 visemes of OpenXR and Oculus"),
    "facs": NamedRig(tuple(f"AU{unit:02d}" for unit in ACTION_UNITS), lambda face: action_units(face.shapes),
                     "action units of the Facial Action Coding System"),
    "pau": NamedRig(PAU_CHANNELS, lambda face: pau_from_shapes(face.shapes, face.head), "Hanson's shape keys"),
    "livelink": NamedRig(LIVE_LINK_COLUMNS, lambda face: live_link_rows(face.shapes, face.head), "Live Link's columns"),
    "jaw": NamedRig(("jaw",), _jaw, "a jaw alone, 0 closed to 1 open"),
}


def named_rig(name: str) -> NamedRig:
    """Return a rig by its name, or the joints of a robot's face in a file of `face.channel_map`.

    Joints follow within their limits of velocity and acceleration, as on the robot; their values are in rad or m.

    Raises:
        ConfigError: If the name is unknown, or the file wrong.
    """
    if name in NAMED_RIGS:
        return NAMED_RIGS[name]
    if not name.endswith(YAML_ENDINGS):
        raise ConfigError("rig", name, f"one of {', '.join(NAMED_RIGS)}, or a file of joints (.yaml)",
                          "Check the spelling.")
    channels = load_channel_map(name)
    ends = np.array([[joint.rest, joint.full] for joint in channels.joints.values()])

    def positions(face: FaceAnimation) -> Array:
        followed = JointFollower(channels).push(face.shapes)[0]
        return np.asarray(np.clip(followed, ends.min(axis=1), ends.max(axis=1)))

    return NamedRig(tuple(channels.joints), positions, "joints of a robot's face")
