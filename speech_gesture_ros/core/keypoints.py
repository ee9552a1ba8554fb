r"""Keypoints of a person in an image: the 49 of Speech2Gesture, in its order, and their values for a skeleton pose.

        0 neck (between the shoulders)
    1  -----+-----  4       1 2 3 right shoulder, elbow, wrist; 4 5 6 left
    2             5         7 .. 27 left hand, 28 .. 48 right hand, each: wrist, then four points from palm to tip of
    3             6                 thumb, index, middle, ring and little finger

The view is from the front: x grows to the right of the image, the person's left; y grows downwards. Order and rate are
those of Ginosar et al., CVPR 2019; the points of a hand those of OpenPose.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton

Floats = npt.NDArray[np.float64]

KEYPOINT_RATE = 15  # [Hz]
_FINGERS = ("thumb", "index", "middle", "ring", "little")
_HAND = ("root", *(f"{finger}{i}" for finger in _FINGERS for i in range(1, 5)))
KEYPOINT_NAMES: tuple[str, ...] = (
    "neck", *(f"{side}_{part}" for side in ("right", "left") for part in ("shoulder", "elbow", "wrist")),
    *(f"left_hand_{name}" for name in _HAND), *(f"right_hand_{name}" for name in _HAND),
)
NUM_KEYPOINTS = len(KEYPOINT_NAMES)
ROOT_KEYPOINT = 0  # keypoint that the others are relative to
KEYPOINT_INDEX = {name: i for i, name in enumerate(KEYPOINT_NAMES)}
HAND_POINT, THUMB_POINT = "middle1", "thumb3"  # hand keypoints of the skeleton joints hand and thumb


def _bones() -> tuple[tuple[int, int], ...]:
    pairs: list[tuple[str, str]] = []
    for side in ("right", "left"):
        arm = ["neck", *(f"{side}_{part}" for part in ("shoulder", "elbow", "wrist"))]
        for finger in _FINGERS:
            fingers = [f"{side}_hand_root", *(f"{side}_hand_{finger}{i}" for i in range(1, 5))]
            pairs += itertools.pairwise(fingers)
        pairs += [*itertools.pairwise(arm), (f"{side}_wrist", f"{side}_hand_root")]
    return tuple((KEYPOINT_INDEX[a], KEYPOINT_INDEX[b]) for a, b in pairs)


KEYPOINT_BONES = _bones()  # pairs of keypoints joined by a line


def keypoints_from_pose(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> Floats:
    """Return the keypoints of poses seen from the front (orthographic), relative to the point between the shoulders.

    Args:
        joint_xyz: (..., J, 3) canonical skeleton [m].
        skeleton: Names the joints.

    Returns:
        (..., 49, 2) image coordinates x, y [m]. Fingers are slightly spread in the plane of hand and thumb.
    """
    points = points_from_pose(joint_xyz, skeleton)
    relative = points - points[..., ROOT_KEYPOINT:ROOT_KEYPOINT + 1, :]
    return np.stack([relative[..., 1], -relative[..., 2]], axis=-1)


def points_from_pose(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> Floats:
    """Return the (..., 49, 3) positions in space of the keypoints of (..., J, 3) poses [m]."""
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    at = {name: xyz[..., i, :] for name, i in skeleton.index.items()}
    points = np.empty((*xyz.shape[:-2], NUM_KEYPOINTS, 3))
    points[..., ROOT_KEYPOINT, :] = (at["left_shoulder"] + at["right_shoulder"]) / 2
    for side in ("left", "right"):
        for part in ("shoulder", "elbow", "wrist"):
            points[..., KEYPOINT_INDEX[f"{side}_{part}"], :] = at[f"{side}_{part}"]
        first = KEYPOINT_INDEX[f"{side}_hand_root"]
        points[..., first:first + len(_HAND), :] = _hand(*(at[f"{side}_{part}"] for part in ("wrist", "hand", "thumb")))
    return points


def shoulder_width(keypoints: npt.NDArray[np.floating]) -> float:
    """Return the median distance between the shoulders of (T, 49, 2 or 3) keypoints, in their unit."""
    across = keypoints[:, KEYPOINT_INDEX["left_shoulder"], :2] - keypoints[:, KEYPOINT_INDEX["right_shoulder"], :2]
    return float(np.median(np.linalg.norm(across, axis=-1)))


def _hand(wrist: Floats, hand: Floats, thumb: Floats) -> Floats:
    """Return the points (..., 21, 3) of an open hand in the plane of hand bone and thumb; arguments (..., 3) [m]."""
    along, out = hand - wrist, thumb - wrist
    aside = out - along * (np.sum(out * along, -1) / np.maximum(np.sum(along * along, -1), 1e-12))[..., None]
    points = [wrist]
    points += [wrist + share * out for share in (0.35, 0.7, 1.0, 1.3)]
    for spread in (0.45, 0.0, -0.4, -0.8):  # in thumb widths: index, middle, ring, little
        tip = 0.85 if spread > -0.8 else 0.65  # beyond the knuckle, in lengths of the hand bone
        points += [hand + spread * (1 + 0.25 * share) * aside + share * tip * along for share in (0.0, 0.5, 0.8, 1.0)]
    return np.stack(points, axis=-2)
