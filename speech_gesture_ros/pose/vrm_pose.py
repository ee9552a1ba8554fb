"""Poses of the performed human as local rotations of the bones of a VRM avatar, since its T-pose, in Unity's axes.

    joints of the human ─► HumanoidStage, at rest in the T-pose ─► rotations ─► bones that the avatar has ─► Unity

In VRM 0.x, and in the normalised bones of VRM 1.0, a bone in the T-pose has the axes of the world, so that the identity
is the T-pose (vrm-c/vrm-specification). Unity's axes are left-handed: x to the right, y up, z ahead. They are the
mirror image of the axes X left, Y up, Z ahead, in which the rotations are computed: with M = diag(-1, 1, 1) a rotation
R is M R M there, and its quaternion (x, y, z, w) is (x, -y, -z, w).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.humanoid_bones import BONE_INDEX, BONES, PARENTS
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.humanoid_rest import humanoid_rest
from speech_gesture_ros.pose.humanoid_stage import HumanoidStage
from speech_gesture_ros.pose.tpose import tpose_joints

Array = npt.NDArray[np.float64]

NOT_REQUIRED = ("upperChest",)  # of the bones that move; many avatars do not have it
INTO_PARENT = ("upperChest", "chest")  # a turn of a bone that the avatar does not have is that of the bone below it
INTO_CHILD = {"neck": "head", "leftShoulder": "leftUpperArm", "rightShoulder": "rightUpperArm"}  # or after it


class VrmPose:
    """Poses of one stream to the rotations of one VRM avatar.

    Args:
        skeleton: Of the poses, with the joints of the canonical upper body.
        bones: Those that the avatar has; None: any avatar of VRM, so that `NOT_REQUIRED` bones are not turned.
    """

    def __init__(self, skeleton: Skeleton, bones: Collection[str] | None = None) -> None:
        joints = tpose_joints(skeleton)
        self._stage = HumanoidStage(skeleton, humanoid_rest(BONES, np.array([joints[name] for name in BONES])))
        present = set(BONES) - set(NOT_REQUIRED) if bones is None else set(bones)
        self._absent = [name for name in BONES if name not in present]

    def rotations(self, joint_xyz: npt.NDArray[np.floating],
                  hand_shapes: tuple[int, int] = (HandShape.REST, HandShape.REST)) -> dict[str, Array]:
        """Return the rotations of the next pose, at 25 Hz.

        Args:
            joint_xyz: (J, 3) joints of the skeleton [m]; x ahead, y left, z up; an unusable one repeats the last.
            hand_shapes: `HandShape` of left and right hand.

        Returns:
            Bone of `core.humanoid_bones.BONES` to its quaternion (4,) x, y, z, w relative to its parent, in Unity's
            axes. Bones that the avatar does not have are the identity.
        """
        pose = PoseChunk(0, np.asarray(joint_xyz)[None])
        local = self._stage.push(pose, np.array([hand_shapes])).values[0]
        for name in reversed(self._absent):
            _give_away(local, name)
        return dict(zip(BONES, unity_quaternions(local)))


def unity_quaternions(quaternions: npt.NDArray[np.floating]) -> Array:
    """Convert rotations (..., 4) x, y, z, w from the axes X left, Y up, Z ahead to Unity's."""
    return np.asarray(quaternions, dtype=np.float64) * (1.0, -1.0, -1.0, 1.0)


def unity_positions(positions: npt.NDArray[np.floating]) -> Array:
    """Convert positions (..., 3) from the axes X left, Y up, Z ahead to Unity's."""
    return np.asarray(positions, dtype=np.float64) * (-1.0, 1.0, 1.0)


def human_positions(skeleton: Skeleton) -> dict[str, Array]:
    """Return positions of the bones of a human in the T-pose relative to their parents, (3,) [m], in Unity's axes."""
    at = tpose_joints(skeleton)
    return {name: unity_positions(at[name] - at[BONES[parent]] if parent >= 0 else at[name])
            for name, parent in zip(BONES, PARENTS)}


def _give_away(local: Array, name: str) -> None:
    """Turn the bone below or after an absent one by its rotation, in place; others, such as fingers, are left out."""
    bone, turn = BONE_INDEX[name], Rotation.from_quat(local[BONE_INDEX[name]])
    if name in INTO_PARENT:
        local[PARENTS[bone]] = (Rotation.from_quat(local[PARENTS[bone]]) * turn).as_quat(canonical=True)
    elif name in INTO_CHILD:
        child = BONE_INDEX[INTO_CHILD[name]]
        local[child] = (turn * Rotation.from_quat(local[child])).as_quat(canonical=True)
    local[bone] = (0.0, 0.0, 0.0, 1.0)
