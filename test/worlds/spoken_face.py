"""A face that says "papa mama baba" between pauses, made by the rules from timed phones: lips close six times."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.core.face_channels import VISEME_COLUMNS
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import FaceAnimation, face_animation
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.face_stage import FaceStage
from speech_gesture_ros.face.style import FaceStyle
from speech_gesture_ros.pipeline.speech_to_face import face_of_phones

PHONES = [TimedPhone(name, 0.4 + 0.1 * i, 0.5 + 0.1 * i) for i, name in enumerate(
    ("p", "aa", "p", "aa", "m", "aa", "m", "aa", "b", "aa", "b", "aa"))]
FRAMES = 3 * FACE_RATE


def spoken_face(style: FaceStyle | None = None, seed: int = 0) -> FaceAnimation:
    frames = face_of_phones(PHONES, FRAMES, FaceStage(style, seed=seed))
    return face_animation(frames.shapes.values, frames.articulation.values[:, VISEME_COLUMNS])


def smallest_gaps(face: FaceAnimation, rate: float = FACE_RATE, stretch: float = 1.0) -> list[float]:
    """Return the smallest gap of the lips within each p, m and b."""
    gap, times = lip_gap(face.shapes), np.arange(len(face)) / rate / stretch
    within = [(times >= p.start_s - 1e-6) & (times <= p.end_s + 1e-6) for p in PHONES if p.name in "pmb"]
    return [float(gap[frames].min()) for frames in within]


def vowel_gaps(face: FaceAnimation) -> list[float]:
    """Return the largest gap of the lips within each vowel."""
    gap, times = lip_gap(face.shapes), np.arange(len(face)) / FACE_RATE
    return [float(gap[(times >= p.start_s) & (times <= p.end_s)].max()) for p in PHONES if p.name == "aa"]
