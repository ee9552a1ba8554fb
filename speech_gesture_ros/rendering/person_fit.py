"""Keypoints of a motion in the picture of another person: the same directions, that person's lengths and place.

A bone seen from the front is shorter than it is; its longest view in a film is nearly its length. So each bone of the
motion keeps its direction in the picture and the share of its length that is visible, and takes the length of the
person.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.person_keypoints import (
    BODY_INDEX,
    FACE,
    HANDS,
    NUM_PERSON_POINTS,
)
from speech_gesture_ros.core.person_pose import person_from_pose
from speech_gesture_ros.core.skeleton import Skeleton

Floats = npt.NDArray[np.floating]

_HEAD = tuple(BODY_INDEX[name] for name in ("nose", "right_eye", "left_eye", "right_ear", "left_ear"))
_FRONTAL = slice(1, None)  # y and z: the head looks at the camera, so that its depth is never visible
USUAL_SHARE = 0.5  # of the pictures in which a keypoint must be known to be drawn where a pose does not determine it
LONG_PERCENTILE = 95.0  # of the visible lengths of a bone: its length
_BODY_PARENTS = {
    "nose": "neck", "right_eye": "nose", "left_eye": "nose", "right_ear": "right_eye", "left_ear": "left_eye",
    "mid_hip": "neck", "right_hip": "mid_hip", "left_hip": "mid_hip",
    **{f"{side}_{part}": "neck" if before == "neck" else f"{side}_{before}" for side in ("right", "left")
       for before, part in (("neck", "shoulder"), ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"),
                            ("knee", "ankle"))},
}


def _parents() -> npt.NDArray[np.int64]:
    parents = np.full(NUM_PERSON_POINTS, -1, dtype=np.int64)
    for name, parent in _BODY_PARENTS.items():
        parents[BODY_INDEX[name]] = BODY_INDEX[parent]
    for side, hand in HANDS.items():
        parents[hand] = hand.start
        parents[hand.start] = BODY_INDEX[f"{side}_wrist"]
    parents[FACE] = BODY_INDEX["nose"]
    return parents


PARENTS = _parents()  # (137,) keypoint that each one is placed from; -1: none, as the neck


def _in_order() -> tuple[int, ...]:
    """Return the keypoints with a parent, parents first."""
    order: list[int] = [BODY_INDEX["neck"]]
    for point in order:
        order += [int(child) for child in np.flatnonzero(point == PARENTS)]
    return tuple(order[1:])


_ORDER = _in_order()


def visible_lengths(person: Floats) -> npt.NDArray[np.float64]:
    """Return the (137,) long distance of each keypoint to its parent in (T, 137, 3) keypoints; 0 where unknown."""
    lengths = np.zeros(NUM_PERSON_POINTS)
    for point in _ORDER:
        parent = PARENTS[point]
        both = (person[:, point, 2] > 0) & (person[:, parent, 2] > 0)
        if both.any():
            distance = np.linalg.norm(person[both, point, :2] - person[both, parent, :2], axis=-1)
            lengths[point] = np.percentile(distance, LONG_PERCENTILE)
    return lengths


def fit_motion(joint_xyz: Floats, skeleton: Skeleton, person: Floats, lengths: Floats) -> npt.NDArray[np.float32]:
    """Return the keypoints of a motion in the picture of a person.

    Args:
        joint_xyz: (T, J, 3) canonical skeleton [m], seen from the front.
        skeleton: Names the joints.
        person: (137, 3) median keypoints of the person [pixels], with the share in which each is known.
        lengths: (137,) lengths of that person's bones in the picture [pixels], from `visible_lengths`.

    Returns:
        (T, 137, 3) x, y [pixels] and confidence; keypoints that the person's film lacks are unknown, those that only
        the film has, as the face, keep their usual place beside their parent.
    """
    points, known = person_from_pose(joint_xyz, skeleton)
    rest, _ = person_from_pose(skeleton.rest_xyz, skeleton)
    flat = np.stack([points[..., 1], -points[..., 2]], axis=-1)
    neck = BODY_INDEX["neck"]
    shoulder = BODY_INDEX["left_shoulder"]
    scale = lengths[shoulder] / max(float(np.linalg.norm(rest[shoulder] - rest[neck])), 1e-6)  # [pixels / m]
    out = np.zeros((*flat.shape[:-1], 3))
    out[:, neck, :2] = person[neck, :2] + scale * (flat[:, neck] - np.median(flat[:, neck], axis=0))
    out[:, neck, 2] = 1.0
    for point in _ORDER:
        parent = PARENTS[point]
        if person[point, 2] <= (0.0 if known[point] else USUAL_SHARE) or not out[0, parent, 2]:
            continue
        out[:, point, 2] = 1.0
        if not known[point]:
            out[:, point, :2] = out[:, parent, :2] + person[point, :2] - person[parent, :2]
            continue
        own = float(np.linalg.norm((rest[point] - rest[parent])[_FRONTAL if point in _HEAD else slice(None)]))
        ratio = lengths[point] / own if own > 1e-6 else scale
        out[:, point, :2] = out[:, parent, :2] + ratio * (flat[:, point] - flat[:, parent])
    return np.where(out[..., 2:] > 0, out, 0.0).astype(np.float32)
