"""Animation of a face: frames of blendshapes, visemes and head angles at `FACE_RATE`, for tools that change files.

Head angles are about the neck, in axes of REP-103 (x forward, y to the left, z up): yaw above 0 turns the face to its
left, pitch above 0 lowers it, roll above 0 tilts it to its right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPES, VISEMES
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.contacts import closed_frames, keep_contacts

Array = npt.NDArray[np.float32]

HEAD_ANGLES = ("headYaw", "headPitch", "headRoll")
MAX_HOURS = 5
MAX_FRAMES = MAX_HOURS * 3600 * FACE_RATE
MAX_HEAD_RAD = np.pi


@dataclass(frozen=True)
class FaceAnimation:
    """T frames; values are checked, those of shapes and visemes are limited to [0, 1].

    Attributes:
        shapes: (T, 52) blendshapes, in the order of `core.face_channels.BLENDSHAPES`.
        visemes: (T, 15) shares of the visemes; all 0 if the source has none.
        head: (T, 3) yaw, pitch and roll [rad].

    Raises:
        InputError: If a value is not finite, there is no frame, or there are more than `MAX_FRAMES`.
    """

    shapes: Array
    visemes: Array
    head: Array

    def __post_init__(self) -> None:
        count = len(self.shapes)
        if not 1 <= count <= MAX_FRAMES:
            raise InputError("frames of the face", count, f"1 to {MAX_FRAMES} ({MAX_HOURS} hours)", "Cut it.")
        for name, width in (("shapes", len(BLENDSHAPES)), ("visemes", len(VISEMES)), ("head", len(HEAD_ANGLES))):
            values = np.asarray(getattr(self, name), dtype=np.float32)
            if values.shape != (count, width):
                raise InputError(f"{name} of the face", values.shape, str((count, width)), "Complete the frames.")
            if not np.isfinite(values).all():
                frame = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
                raise InputError(f"{name} of frame {frame}", "not a number", "finite", "Correct the frame.")
            low, high = (-MAX_HEAD_RAD, MAX_HEAD_RAD) if name == "head" else (0.0, 1.0)
            object.__setattr__(self, name, np.clip(values, low, high))

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def duration_s(self) -> float:
        """Length [s]."""
        return len(self) / FACE_RATE


def face_animation(shapes: npt.NDArray[np.floating], visemes: npt.NDArray[np.floating] | None = None,
                   head: npt.NDArray[np.floating] | None = None) -> FaceAnimation:
    """Return an animation of (T, 52) shapes; without visemes (T, 15) or head angles (T, 3) they are 0.

    Raises:
        InputError: As `FaceAnimation`.
    """
    given = (shapes, visemes, head)
    zeros = (np.zeros((len(shapes), width)) for width in (len(BLENDSHAPES), len(VISEMES), len(HEAD_ANGLES)))
    return FaceAnimation(*(np.asarray(zero if values is None else values, np.float32)
                           for values, zero in zip(given, zeros)))


def at_times(animation: FaceAnimation, times_s: npt.NDArray[np.float64],
             wanted_s: npt.NDArray[np.float64]) -> FaceAnimation:
    """Interpolate an animation linearly; frames in which the lips touch keep their contact.

    A wanted frame is closed if the source frame nearest to it is, or if it is nearest to a closed one: a closure of one
    frame stays one at any rate.

    Args:
        animation: Its rows are at `times_s`.
        times_s: (T,) increasing [s].
        wanted_s: (N,) increasing [s]; before and after the animation its ends are held.
    """
    def resampled(values: Array) -> npt.NDArray[np.float64]:
        columns = [np.interp(wanted_s, times_s, values[:, i]) for i in range(values.shape[1])]
        return np.stack(columns, axis=1)

    was_closed = closed_frames(animation.shapes)
    closed = was_closed[_nearest(times_s, wanted_s)]
    within = was_closed & (times_s >= wanted_s[0]) & (times_s <= wanted_s[-1])
    closed[_nearest(wanted_s, times_s[within])] = True
    shapes = keep_contacts(resampled(animation.shapes).astype(np.float32), closed)
    return face_animation(shapes, resampled(animation.visemes), resampled(animation.head))


def at_face_rate(animation: FaceAnimation, times_s: npt.NDArray[np.float64]) -> FaceAnimation:
    """Return an animation whose rows are at `times_s` (T,) at `FACE_RATE` from its first frame on."""
    start = times_s - times_s[0]
    count = int(float(start[-1]) * FACE_RATE + 0.05) + 1
    wanted = np.arange(count) / FACE_RATE
    if count == len(start) and np.abs(start - wanted).max() < 0.05 / FACE_RATE:
        return animation
    return at_times(animation, start, wanted)


def _nearest(grid: npt.NDArray[np.float64], times: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return the index in an increasing grid of the place nearest to each time."""
    if len(grid) == 1:
        return np.zeros(len(times), np.intp)
    right = np.clip(np.searchsorted(grid, times), 1, len(grid) - 1)
    return np.asarray(right - (times - grid[right - 1] <= grid[right] - times))
