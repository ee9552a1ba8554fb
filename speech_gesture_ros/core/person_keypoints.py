"""Keypoints of a whole person in a picture: the 137 points of OpenPose, in its order, and the lines between them.

    0 .. 24    body (BODY_25): nose, neck, right and left arm, hips, legs, eyes, ears, feet
    25 .. 45   left hand: wrist, then four points from palm to tip of thumb, index, middle, ring and little finger
    46 .. 66   right hand, likewise
    67 .. 136  face: outline, brows, nose, eyes, lips, pupils

Right and left are those of the person. A keypoint is x, y [pixels, or m] and a confidence; confidence 0 means that it
is unknown. The names and the order are those of OpenPose (Cao et al., 2019).
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX, NUM_KEYPOINTS

Floats = npt.NDArray[np.floating]

BODY_NAMES: tuple[str, ...] = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe",
    "right_heel",
)
BODY_INDEX = {name: i for i, name in enumerate(BODY_NAMES)}
HAND_POINTS, FACE_POINTS = 21, 70
LEFT_HAND = slice(len(BODY_NAMES), len(BODY_NAMES) + HAND_POINTS)
RIGHT_HAND = slice(LEFT_HAND.stop, LEFT_HAND.stop + HAND_POINTS)
FACE = slice(RIGHT_HAND.stop, RIGHT_HAND.stop + FACE_POINTS)
NUM_PERSON_POINTS = FACE.stop
PARTS: dict[str, slice] = {  # in OpenPose's JSON
    "pose_keypoints_2d": slice(0, len(BODY_NAMES)), "hand_left_keypoints_2d": LEFT_HAND,
    "hand_right_keypoints_2d": RIGHT_HAND, "face_keypoints_2d": FACE,
}
HANDS = {"left": LEFT_HAND, "right": RIGHT_HAND}
KNUCKLE = 9  # of the middle finger, in a hand
_LIMBS = {
    "head": (("neck", "nose"), ("nose", "right_eye"), ("right_eye", "right_ear"), ("nose", "left_eye"),
             ("left_eye", "left_ear")),
    "trunk": (("neck", "mid_hip"), ("mid_hip", "right_hip"), ("mid_hip", "left_hip")),
    **{f"{side}_{part}": ((f"{side}_{start}" if start != "neck" else start, f"{side}_{part}"),)
       for side in ("right", "left")
       for start, part in (("neck", "shoulder"), ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"),
                           ("knee", "ankle"))},
}
_FACE_LINES = {  # first and last point, and whether the line is closed
    "outline": (0, 16, False), "right_brow": (17, 21, False), "left_brow": (22, 26, False), "bridge": (27, 30, False),
    "nostrils": (31, 35, False), "right_lid": (36, 41, True), "left_lid": (42, 47, True), "lips": (48, 59, True),
    "mouth": (60, 67, True),
}


def _lines() -> dict[str, tuple[tuple[int, int], ...]]:
    lines = {name: tuple((BODY_INDEX[a], BODY_INDEX[b]) for a, b in pairs) for name, pairs in _LIMBS.items()}
    for side, hand in HANDS.items():
        for finger in range(5):
            points = [0, *range(1 + 4 * finger, 5 + 4 * finger)]
            lines[f"{side}_finger{finger}"] = tuple(
                (hand.start + a, hand.start + b) for a, b in itertools.pairwise(points))
    for name, (first, last, is_closed) in _FACE_LINES.items():
        points = [*range(FACE.start + first, FACE.start + last + 1), *([FACE.start + first] if is_closed else [])]
        lines[name] = tuple(itertools.pairwise(points))
    return lines


PERSON_LINES = _lines()  # name of a part to the pairs of points that are joined


def person_from_keypoints(keypoints: Floats) -> npt.NDArray[np.float64]:
    """Return (..., 137, 3) of the 49 keypoints of Speech2Gesture; what they lack is unknown.

    Args:
        keypoints: (..., 49, 2 or 3) x, y and, if given, confidence; without it all are known.
    """
    values = np.asarray(keypoints, dtype=np.float64)
    if values.shape[-1] == 2:
        values = np.concatenate([values, np.ones((*values.shape[:-1], 1))], axis=-1)
    out = np.zeros((*values.shape[:-2], NUM_PERSON_POINTS, 3))
    for name in ("neck", *(f"{side}_{part}" for side in HANDS for part in ("shoulder", "elbow", "wrist"))):
        out[..., BODY_INDEX[name], :] = values[..., KEYPOINT_INDEX[name], :]
    for side, hand in HANDS.items():
        first = KEYPOINT_INDEX[f"{side}_hand_root"]
        out[..., hand, :] = values[..., first:first + HAND_POINTS, :]
    return out


def keypoints_from_person(person: Floats) -> npt.NDArray[np.float64]:
    """Return the (..., 49, 3) keypoints of Speech2Gesture of (..., 137, 3)."""
    values = np.asarray(person, dtype=np.float64)
    out = np.zeros((*values.shape[:-2], NUM_KEYPOINTS, 3))
    for name in ("neck", *(f"{side}_{part}" for side in HANDS for part in ("shoulder", "elbow", "wrist"))):
        out[..., KEYPOINT_INDEX[name], :] = values[..., BODY_INDEX[name], :]
    for side, hand in HANDS.items():
        first = KEYPOINT_INDEX[f"{side}_hand_root"]
        out[..., first:first + HAND_POINTS, :] = values[..., hand, :]
    return out
