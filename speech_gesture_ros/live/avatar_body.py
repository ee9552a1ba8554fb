"""Body of the avatar on the page: poses of the performed human to rotations of the bones of one avatar."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.gltf_reader import read_avatar
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.humanoid_bones import BONES
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.humanoid_rest import humanoid_rest
from speech_gesture_ros.pose.humanoid_stage import HumanoidStage


class AvatarBody:
    """Frames of the body of one avatar.

    Args:
        path: GLB file.
        skeleton: Of the poses.

    Attributes:
        path: As given.
        bones: Bones of a frame, in its order.
        rest: Frame (4 B,) of the skeleton at rest.

    Raises:
        InputError: If the file is no avatar, or a bone is missing.
    """

    bones = BONES

    def __init__(self, path: Path, skeleton: Skeleton) -> None:
        self.path = path
        avatar = read_avatar(path)
        self._stage = HumanoidStage(skeleton, humanoid_rest(avatar.bones, avatar.joints))
        self.rest = self.frame(skeleton.rest_xyz, (HandShape.REST, HandShape.REST))
        self._stage.reset()

    def frame(self, joint_xyz: npt.NDArray[np.floating], hand_shapes: tuple[int, int]) -> npt.NDArray[np.float32]:
        """Return the next frame: quaternions x, y, z, w of `bones` in their parents, (4 B,).

        Args:
            joint_xyz: (J, 3) joints of the skeleton [m].
            hand_shapes: `HandShape` of left and right hand.
        """
        pose = PoseChunk(0, np.asarray(joint_xyz)[None])
        bones = self._stage.push(pose, np.array([hand_shapes])).values
        return np.asarray(bones, dtype=np.float32).reshape(-1)
