"""Blend of two poses bone by bone, which keeps bone lengths.

An average of joint positions shortens limbs. Here each bone rotates from one direction to the other along the great
circle, and its length is interpolated: equal lengths do not change.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton

Array = npt.NDArray[np.float64]

MIN_SINE = 1e-9  # |sin| of the angle below which two directions are parallel


def blend_poses(skeleton: Skeleton, idle: npt.NDArray[np.floating], speaking: npt.NDArray[np.floating],
                weight: npt.ArrayLike) -> Array:
    """Blend two poses bone by bone.

    Args:
        skeleton: Skeleton of both.
        idle: (T, J, 3) pose at weight 0 [m].
        speaking: (T, J, 3) pose at weight 1 [m].
        weight: (T,) share of the speaking pose in [0, 1].

    Returns:
        (T, J, 3) [m]; a bone of equal length in both poses has that length in the blend.
    """
    share = np.asarray(weight, dtype=np.float64)[:, None, None]
    mixed = np.where(share < 1.0, idle, speaking).astype(np.float64, copy=False)
    between = np.flatnonzero((share > 0.0) & (share < 1.0))  # the other frames are one of the poses
    if len(between):
        mixed[between] = _mix(skeleton, idle[between], speaking[between], share[between])
    return mixed


def _mix(skeleton: Skeleton, idle: npt.NDArray[np.floating], speaking: npt.NDArray[np.floating], share: Array) -> Array:
    first, second = skeleton.bones_from_xyz(idle), skeleton.bones_from_xyz(speaking)
    mixed = first + share * (second - first)  # for the root, which is a position and not a bone
    mixed[:, 1:] = turn_towards(first[:, 1:], second[:, 1:], share)
    return skeleton.xyz_from_bones(mixed)


def turn_towards(first: Array, second: Array, share: Array) -> Array:
    """Rotate bones (T, K, 3) on the great circle from `first` to `second` by a share, broadcast to (T, K, 1)."""
    length_1, length_2 = bone_length(first), bone_length(second)
    a = first / np.maximum(length_1, MIN_SINE)
    b = second / np.maximum(length_2, MIN_SINE)
    cosine = np.einsum("tjc,tjc->tj", a, b)[..., None]
    across = b - cosine * a
    sine = bone_length(across)
    sideways = across / np.maximum(sine, MIN_SINE)
    is_parallel = sine[..., 0] <= MIN_SINE
    if is_parallel.any():  # opposite directions define no plane: the most horizontal one is taken
        sideways[is_parallel] = _any_perpendicular(a[is_parallel])
    angle = np.arctan2(sine, cosine) * share
    length = length_1 + share * (length_2 - length_1)
    return np.asarray(length * (np.cos(angle) * a + np.sin(angle) * sideways))


def bone_length(vectors: Array) -> Array:
    """Lengths of vectors, (T, K, 3) to (T, K, 1)."""
    return np.asarray(np.sqrt(np.einsum("tjc,tjc->tj", vectors, vectors))[..., None])


def _any_perpendicular(a: Array) -> Array:
    steep = np.abs(a[..., 2:]) > 0.9
    reference = np.where(steep, np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    normal = np.cross(reference, a)
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), MIN_SINE))
