"""Network joints to the canonical skeleton: directions from the network, lengths from the skeleton.

The published weights give 46 joints in cm, y up, facing -z, so that +x is the right hand's side: hips, spine (4),
neck (2), head, then collar bone, shoulder, elbow, wrist and five fingers of three joints, thumb first, of the *right*
arm (8 to 26) and of the left one (27 to 45).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton

Array = npt.NDArray[np.float64]

_M_PER_CM = 0.01
_MIN_LENGTH_M = 1e-6  # below it a bone has no direction

_RIGHT_SHOULDER, _LEFT_SHOULDER, _NECK, _HEAD = 9, 28, 5, 7
# Bone of the canonical skeleton, named by its end, to the two published joints that give its direction.
_BONES = {
    "spine1": (0, 1), "spine2": (1, 3), "chest": (3, 4), "neck": (4, _NECK), "head": (_NECK, _HEAD),
    "left_shoulder": (4, _LEFT_SHOULDER), "left_elbow": (_LEFT_SHOULDER, 29), "left_wrist": (29, 30),
    "left_hand": (30, 37), "left_thumb": (30, 32),
    "right_shoulder": (4, _RIGHT_SHOULDER), "right_elbow": (_RIGHT_SHOULDER, 10), "right_wrist": (10, 11),
    "right_hand": (11, 18), "right_thumb": (11, 13),
}


def from_published(positions: npt.NDArray[np.floating], skeleton: Skeleton) -> Array:
    """Convert 46 published joints to canonical ones.

    Args:
        positions: (T, 46, 3) [cm].
        skeleton: The canonical one; `_BONES` has every bone of it but the nose's.

    Returns:
        (T, J, 3) [m].
    """
    x, y, z = np.moveaxis(np.asarray(positions, dtype=np.float64) * _M_PER_CM, -1, 0)
    joints = np.stack([-z, -x, y], axis=-1)
    bones = np.zeros((len(joints), len(skeleton), 3))
    for name, (begin, end) in _BONES.items():
        bones[:, skeleton.index[name]] = joints[:, end] - joints[:, begin]
    # These data have no gaze: the nose points where the shoulders face, up or down with the neck.
    across = joints[:, _LEFT_SHOULDER] - joints[:, _RIGHT_SHOULDER]
    bones[:, skeleton.index["nose"]] = np.cross(across, joints[:, _HEAD] - joints[:, _NECK])
    return with_lengths(bones, skeleton)


def from_canonical(positions: npt.NDArray[np.floating], skeleton: Skeleton) -> Array:
    """(T, J, 3) canonical joints [cm] to [m], with the skeleton's bone lengths and its root at the origin."""
    return with_lengths(skeleton.bones_from_xyz(np.asarray(positions, dtype=np.float64) * _M_PER_CM), skeleton)


def with_lengths(bones: Array, skeleton: Skeleton) -> Array:
    """Joint positions (T, J, 3) [m] from bone vectors of any length; a bone of length 0 keeps its rest direction."""
    length = np.linalg.norm(bones, axis=-1, keepdims=True)
    rest = skeleton.offsets
    unit = np.where(length > _MIN_LENGTH_M, bones / np.maximum(length, _MIN_LENGTH_M), 0.0)
    scaled = np.where(length > _MIN_LENGTH_M, unit * skeleton.bone_lengths[:, None], rest)
    scaled[:, 0] = 0.0
    return skeleton.xyz_from_bones(scaled)
