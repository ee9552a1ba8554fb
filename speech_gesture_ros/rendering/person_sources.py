"""Keypoints of a person in square pictures, from a motion file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_arrays import array_names, read_arrays
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.person_keypoints import BODY_INDEX, NUM_PERSON_POINTS
from speech_gesture_ros.core.person_pose import person_from_pose
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.person_fit import PARENTS

Floats = npt.NDArray[np.float64]

VISIBLE_M, NECK_AT = 1.5, 0.3  # height of the picture [m]; of the neck in it, as a share from the top


def is_motion(path: Path) -> bool:
    """Return whether a .npz file holds poses."""
    return "joint_xyz" in array_names(path, "motion file")


def read_motion(path: Path, skeleton: Skeleton) -> npt.NDArray[np.float32]:
    """Read the (T, J, 3) poses at 25 Hz [m] of a file that `speech-gesture generate` wrote.

    Raises:
        InputError: If it has none, or they are of another skeleton or rate, or not finite.
    """
    arrays = read_arrays(path, "motion file", ("joint_xyz", "rate_hz", "skeleton_joints"))
    xyz = arrays.get("joint_xyz")
    if xyz is None or xyz.ndim != 3 or xyz.shape[1:] != (len(skeleton), 3) or not len(xyz):
        raise InputError(f"array 'joint_xyz' of {path}", None if xyz is None else xyz.shape,
                         f"(T, {len(skeleton)}, 3)", "Write it with `speech-gesture generate`.")
    names = tuple(str(name) for name in arrays.get("skeleton_joints", np.array(skeleton.names)))
    rate = float(arrays.get("rate_hz", np.array(POSE_RATE)).reshape(-1)[0])
    if names != skeleton.names or rate != POSE_RATE:
        raise InputError(f"skeleton and rate of {path}", (names, rate), f"{skeleton.names} at {POSE_RATE} Hz",
                         "Write it with `speech-gesture generate`.")
    if not np.isfinite(xyz).all():
        raise InputError(f"poses of {path}", "NaN or infinity", "finite", "Write the file again.")
    return np.asarray(xyz, dtype=np.float32)


def usual_person(skeleton: Skeleton, size: int) -> tuple[Floats, Floats]:
    """Return the median keypoints (137, 3) and the lengths (137,) of the skeleton in the middle of a picture [pixels].

    They have the form that `person_fit.fit_motion` takes.
    """
    points, known = person_from_pose(skeleton.rest_xyz, skeleton)
    scale = size / VISIBLE_M
    neck = BODY_INDEX["neck"]
    person = np.zeros((NUM_PERSON_POINTS, 3))
    person[:, 0] = size / 2 + scale * (points[:, 1] - points[neck, 1])
    person[:, 1] = size * NECK_AT - scale * (points[:, 2] - points[neck, 2])
    person[:, 2] = known
    parents = np.maximum(PARENTS, 0)
    lengths = scale * np.linalg.norm(points - points[parents], axis=-1)
    heads = [BODY_INDEX[name] for name in ("nose", "right_eye", "left_eye", "right_ear", "left_ear")]
    lengths[heads] = scale * np.linalg.norm((points - points[parents])[heads][:, 1:], axis=-1)
    return person, np.where((PARENTS >= 0) & known, lengths, 0.0)
