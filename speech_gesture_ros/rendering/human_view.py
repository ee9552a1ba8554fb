"""View of the avatar alone, with the keypoints that its pictures show: films whose keypoints are known exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.avatar_keypoints import AvatarKeypoints
from speech_gesture_ros.rendering.avatar_view import CLOSED, AvatarView
from speech_gesture_ros.rendering.camera import camera_at
from speech_gesture_ros.rendering.skeleton_view import HumanPlacement
from speech_gesture_ros.rendering.staging import ELEVATION_DEG, FOV_DEG, LEG_LENGTH_M, TURN_DEG

Floats = npt.NDArray[np.floating]
Picture = npt.NDArray[np.uint8]

VIEW_HEIGHT_M, VIEW_CENTRE_M = 1.5, -0.2  # visible height; middle of the picture relative to the shoulders
WALL, FLOOR = (240, 242, 243), (204, 210, 217)  # colours of the top and the bottom row


class HumanView:
    """Draws the shipped avatar before a plain wall.

    Args:
        skeleton: Of the poses.
        size: Width and height of the pictures [pixels].
    """

    def __init__(self, skeleton: Skeleton, size: int) -> None:
        shoulders = LEG_LENGTH_M + float(skeleton.rest_xyz[skeleton.index["left_shoulder"], 2])
        distance = VIEW_HEIGHT_M / 2 / float(np.tan(np.radians(FOV_DEG / 2)))
        self._camera = camera_at(np.array([0.0, 0.0, shoulders + VIEW_CENTRE_M]), distance, 180.0 + TURN_DEG,
                                 ELEVATION_DEG, FOV_DEG, size, size)
        self._avatar = AvatarView(skeleton, HumanPlacement((0.0, 0.0, LEG_LENGTH_M)))
        self._keypoints = AvatarKeypoints(self._avatar.model)
        rows = np.linspace(WALL, FLOOR, size).round().astype(np.uint8)
        self._wall = np.repeat(rows[:, None], size, axis=1)

    def draw(self, joint_xyz: Floats, shapes: Floats = CLOSED) -> tuple[Picture, npt.NDArray[np.float32]]:
        """Draw the next pose of a stream.

        Args:
            joint_xyz: (J, 3) pose [m].
            shapes: (52,) blendshapes.

        Returns:
            (size, size, 3) picture, and its (137, 3) keypoints: x, y [pixels, 0 in the centre of the first one] and
            confidence.
        """
        points, normals, joints = self._avatar.place(joint_xyz, shapes)
        at, _ = self._camera.project(self._keypoints.find(points, joints))
        known = self._keypoints.known[:, None]
        keypoints = np.concatenate([(at - 0.5) * known, known], axis=1).astype(np.float32)
        return self._avatar.picture(self._wall, self._camera, points, normals), keypoints
