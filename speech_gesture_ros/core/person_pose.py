"""Positions in space of a person's keypoints for poses of the canonical skeleton: what a camera would see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.keypoints import points_from_pose
from speech_gesture_ros.core.person_keypoints import BODY_INDEX, HANDS, person_from_keypoints
from speech_gesture_ros.core.skeleton import Skeleton

Floats = npt.NDArray[np.float64]

# Eyes and ears from the joint of the head, ahead, to the left and up [m].
EYE_M, EAR_M = (0.0955, 0.029, 0.049), (0.008, 0.077, 0.035)


def person_from_pose(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the keypoints of poses in space.

    Args:
        joint_xyz: (..., J, 3) canonical skeleton [m].
        skeleton: Names the joints.

    Returns:
        (..., 137, 3) positions [m], and a mask (137,) of the points that a pose determines: head, arms, hands, hips'
        middle.
    """
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    points = person_from_keypoints(points_from_pose(xyz, skeleton))
    neck, head, nose = (xyz[..., skeleton.index[name], :] for name in ("neck", "head", "nose"))
    ahead = _unit(nose - head)
    up = head - neck
    up = _unit(up - ahead * np.sum(up * ahead, axis=-1, keepdims=True))
    left = np.cross(up, ahead)
    points[..., BODY_INDEX["nose"], :] = nose
    points[..., BODY_INDEX["mid_hip"], :] = xyz[..., skeleton.index["pelvis"], :]
    for name, (x, y, z) in (("eye", EYE_M), ("ear", EAR_M)):
        for side, sign in (("left", 1.0), ("right", -1.0)):
            points[..., BODY_INDEX[f"{side}_{name}"], :] = head + x * ahead + sign * y * left + z * up
    known = np.zeros(points.shape[-2], dtype=bool)
    arms = [f"{side}_{part}" for side in HANDS for part in ("shoulder", "elbow", "wrist", "eye", "ear")]
    known[[BODY_INDEX[name] for name in ("nose", "neck", "mid_hip", *arms)]] = True
    for hand in HANDS.values():
        known[hand] = True
    return points, known


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
