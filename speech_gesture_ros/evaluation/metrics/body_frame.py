"""Wrists relative to the body: from between the shoulders, along the heading, in arm lengths.

        forward
           ^          heading: across the shoulder line, seen from above, its slow part (0.5 Hz)
    L o----+----o R   origin: halfway between the shoulders

The frame in which people were measured: walking, turning and swaying move the hands without a gesture.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import Floats, low_pass

HEADING_HZ = 0.5
SIDES = ("left", "right")


def wrists_in_body(joint_xyz: npt.NDArray[np.floating], fps: float, skeleton: Skeleton) -> Floats:
    """(T, J, 3) [m] to (T, 2, 3) left and right wrist as (forward, left, up) from between the shoulders [m]."""
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    hands = np.stack([xyz[:, skeleton.index[f"{side}_wrist"]] for side in SIDES], axis=1)
    return turn_to_heading(hands - between_shoulders(xyz, skeleton)[:, None], heading(xyz, fps, skeleton))


def wrists_from_shoulders(joint_xyz: npt.NDArray[np.floating], fps: float, skeleton: Skeleton) -> Floats:
    """(T, J, 3) [m] to (T, 2, 3) each wrist from its own shoulder as (forward, outward, up) in arm lengths."""
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    arms = np.stack([xyz[:, skeleton.index[f"{side}_wrist"]] - xyz[:, skeleton.index[f"{side}_shoulder"]]
                     for side in SIDES], axis=1)
    outward = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, 1.0]])
    return np.asarray(turn_to_heading(arms, heading(xyz, fps, skeleton)) * outward / arm_lengths(skeleton)[:, None])


def between_shoulders(joint_xyz: Floats, skeleton: Skeleton) -> Floats:
    """(T, J, 3) to the (T, 3) middle of the shoulders [m]."""
    left, right = (joint_xyz[:, skeleton.index[f"{side}_shoulder"]] for side in SIDES)
    return np.asarray(0.5 * (left + right))


def heading(joint_xyz: npt.NDArray[np.floating], fps: float, skeleton: Skeleton) -> Floats:
    """(T, J, 3) to (T, 2): the horizontal unit vector that points ahead."""
    across = joint_xyz[:, skeleton.index["left_shoulder"], :2] - joint_xyz[:, skeleton.index["right_shoulder"], :2]
    ahead = low_pass(np.stack([across[:, 1], -across[:, 0]], axis=1), fps, HEADING_HZ)
    return np.asarray(ahead / np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9))


def turn_to_heading(vectors: Floats, ahead: Floats) -> Floats:
    """Rotate (T, K, 3) vectors about the vertical so that (T, 2) `ahead` becomes forward."""
    c, s = ahead[:, None, 0], ahead[:, None, 1]
    return np.stack([c * vectors[..., 0] + s * vectors[..., 1], -s * vectors[..., 0] + c * vectors[..., 1],
                     vectors[..., 2]], axis=-1)


def arm_lengths(skeleton: Skeleton) -> Floats:
    """(2,) upper arm plus forearm, left and right [m]."""
    return np.array([sum(skeleton.bone_lengths[skeleton.index[f"{side}_{part}"]] for part in ("elbow", "wrist"))
                     for side in SIDES])
