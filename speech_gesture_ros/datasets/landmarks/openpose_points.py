"""Points of MediaPipe's body and face in OpenPose's layout."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.person_keypoints import BODY_INDEX, BODY_NAMES, FACE_POINTS

Floats = npt.NDArray[np.float64]

BODY = slice(0, len(BODY_NAMES))
# Points of MediaPipe's body; left is the person's.
BODY_LANDMARKS = {
    "nose": 0, "left_eye": 2, "right_eye": 5, "left_ear": 7, "right_ear": 8, "left_shoulder": 11, "right_shoulder": 12,
    "left_elbow": 13, "right_elbow": 14, "left_wrist": 15, "right_wrist": 16, "left_hip": 23, "right_hip": 24,
    "left_knee": 25, "right_knee": 26, "left_ankle": 27, "right_ankle": 28, "left_heel": 29, "right_heel": 30,
    "left_big_toe": 31, "right_big_toe": 32,
}
_MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}
# Points of MediaPipe's face at the 68 points of Sagonas et al. (300-W, 2013), which OpenPose's face has, too.
_OUTLINE = (162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389)
_BROWS = (71, 63, 105, 66, 107, 336, 296, 334, 293, 301)
_NOSE = (168, 197, 5, 4, 75, 97, 2, 326, 305)
_EYES = (33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380)
_LIPS = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181)
_MOUTH = (78, 82, 13, 312, 308, 317, 14, 87)
FACE_LANDMARKS = (*_OUTLINE, *_BROWS, *_NOSE, *_EYES, *_LIPS, *_MOUTH)
_RIGHT_EYE, _LEFT_EYE = slice(36, 42), slice(42, 48)


def body_points(landmarks: npt.NDArray[np.floating]) -> Floats:
    """Return (25, 3) points of (33 or more, 3) landmarks: x, y, confidence; small toes are unknown."""
    out = np.zeros((len(BODY_NAMES), 3))
    for name, number in BODY_LANDMARKS.items():
        out[BODY_INDEX[name]] = landmarks[number]
    for name, ends in _MIDDLES.items():
        first, second = (landmarks[BODY_LANDMARKS[end]] for end in ends)
        out[BODY_INDEX[name], :2] = (first[:2] + second[:2]) / 2
        out[BODY_INDEX[name], 2] = min(first[2], second[2])
    return out


def face_points(landmarks: npt.NDArray[np.floating], confidence: float) -> Floats:
    """Return (70, 3) points of (468, 2) landmarks: 68 of the face, then the middles of the right and the left eye."""
    points = np.asarray(landmarks, dtype=np.float64)[list(FACE_LANDMARKS)]
    pupils = np.stack([points[eye].mean(axis=0) for eye in (_RIGHT_EYE, _LEFT_EYE)])
    at = np.concatenate([points, pupils])
    return np.concatenate([at, np.full((FACE_POINTS, 1), confidence)], axis=1)
