"""Blend of face animations, frame by frame, with weights whose sum is made 1.

    blendshapes, visemes    weighted mean
    contact of the lips     held where animations with at least half of the weight hold it
    eyelids and gaze        those of the animation with the largest weight, so that no eye is half shut for a blink
                            that only one of them has
    head angles             weighted mean

All begin at the same time. The shorter ones end the blend, or all are stretched to the duration of the first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import FaceAnimation, at_times
from speech_gesture_ros.face.contacts import closed_frames, keep_contacts

MAX_ANIMATIONS = 16

_EYES = [i for name, i in BLENDSHAPE_INDEX.items() if name.startswith(("eyeBlink", "eyeLook"))]


def blend_animations(animations: Sequence[FaceAnimation], weights: Sequence[float],
                     stretch: bool = False) -> FaceAnimation:
    """Blend animations.

    Args:
        animations: 1 to 16 of them.
        weights: One for each, from 0 on, not all 0.
        stretch: Stretch all to the duration of the first; otherwise the shortest ends the blend.

    Raises:
        ConfigError: If the numbers differ, or a weight is negative or not finite, or all are 0.
    """
    if not 1 <= len(animations) <= MAX_ANIMATIONS or len(weights) != len(animations):
        raise ConfigError("animations and weights", (len(animations), len(weights)), f"as many, 1 to {MAX_ANIMATIONS}",
                          "Give each animation a weight.")
    total = sum(weights)
    if not (0.0 < total < float("inf") and min(weights) >= 0.0):
        raise ConfigError("weights of the animations", list(weights), "0 or more, not all 0", "Correct the weights.")
    shares = np.array(weights) / total
    faces = [_of_length(face, len(animations[0])) for face in animations] if stretch else list(animations)
    count = min(len(face) for face in faces)
    shapes, visemes, head = (np.tensordot(shares, np.stack([getattr(face, name)[:count] for face in faces]), 1)
                             for name in ("shapes", "visemes", "head"))
    main = int(np.argmax(shares))
    shapes[:, _EYES] = faces[main].shapes[:count, _EYES]
    closed = shares @ np.stack([closed_frames(face.shapes[:count]) for face in faces]) >= 0.5 - 1e-9
    kept = keep_contacts(shapes.astype(np.float32), closed)
    return FaceAnimation(kept, visemes.astype(np.float32), head.astype(np.float32))


def _of_length(face: FaceAnimation, count: int) -> FaceAnimation:
    if len(face) == count:
        return face
    last = (count - 1) / FACE_RATE
    return at_times(face, np.linspace(0.0, last, len(face)), np.arange(count) / FACE_RATE)
