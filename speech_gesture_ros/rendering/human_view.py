"""View of the drawn human alone, with the keypoints that its pictures show: films whose keypoints are known exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.person_pose import person_from_pose
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering import opengl
from speech_gesture_ros.rendering.plain_view import PlainView
from speech_gesture_ros.rendering.robot_view import RobotView, View
from speech_gesture_ros.rendering.skeleton_view import HumanPlacement, human_shapes
from speech_gesture_ros.rendering.staging import ELEVATION_DEG, FOV_DEG, LEG_LENGTH_M, TURN_DEG, Staging

Floats = npt.NDArray[np.float64]

VIEW_HEIGHT_M, VIEW_CENTRE_M = 1.5, -0.2  # visible height; middle of the picture relative to the shoulders
SCENE = """<mujoco>
  <visual><headlight ambient=".45 .45 .45" diffuse=".4 .4 .4" specular="0 0 0"/>
    <global offwidth="{size}" offheight="{size}"/></visual>
  <asset><texture name="sky" type="skybox" builtin="gradient" rgb1=".80 .825 .85" rgb2=".94 .95 .96" width="64"
    height="384"/></asset>
  <worldbody><light pos="2 1 3" dir="-2 -1 -2.5" directional="true" diffuse=".5 .5 .5"/>
    <geom type="plane" size="20 20 .1" rgba=".80 .825 .85 1"/></worldbody>
</mujoco>"""


class HumanView:
    """Draws the human alone.

    Args:
        skeleton: Of the poses.
        size: Width and height of the pictures [pixels].

    Raises:
        MissingDependencyError: If mujoco is not installed.
    """

    def __init__(self, skeleton: Skeleton, size: int) -> None:
        try:
            import mujoco
        except ImportError as error:
            raise MissingDependencyError("mujoco", "Drawing a human", "pip install 'speech_gesture_ros[sim]'"
                                         ) from error
        self._skeleton, self._size = skeleton, size
        shoulders = LEG_LENGTH_M + float(skeleton.rest_xyz[skeleton.index["left_shoulder"], 2])
        distance = VIEW_HEIGHT_M / 2 / float(np.tan(np.radians(FOV_DEG / 2)))
        self._staging = Staging(HumanPlacement((0.0, 0.0, LEG_LENGTH_M)),
                                np.array([0.0, 0.0, shoulders + VIEW_CENTRE_M]), distance, 180.0 + TURN_DEG, 1.0)
        model = mujoco.MjModel.from_xml_string(SCENE.format(size=size))
        data = mujoco.MjData(model)
        mujoco.mj_forward(model, data)
        backend = opengl.find_backend()
        self._view: View = (RobotView(model, data, self._staging, size, size, backend) if backend else
                            PlainView(model, data, self._staging, size, size))

    def draw(self, joint_xyz: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
        """(size, size, 3) picture of one (J, 3) pose [m]."""
        return self._view.render(human_shapes(self._skeleton, joint_xyz, self._staging.human))

    def keypoints(self, joint_xyz: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """(..., 137, 3) keypoints x, y [pixels] and confidence in the pictures of (..., J, 3) poses [m]."""
        points, known = person_from_pose(joint_xyz, self._skeleton)
        at = project(self._staging, self._size, self._staging.human.apply(points))
        confidence = np.broadcast_to(known, at.shape[:-1])[..., None]
        return np.concatenate([at * confidence, confidence], axis=-1).astype(np.float32)

    def close(self) -> None:
        """Free the resources of the drawing."""
        self._view.close()


def project(staging: Staging, size: int, xyz: Floats) -> Floats:
    """Return the places (..., 2) in a square picture [pixels] of points (..., 3) [m]; pixel 0 has its centre at 0."""
    azimuth, elevation = np.radians(staging.azimuth_deg), np.radians(ELEVATION_DEG)
    ahead = np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])
    right = np.cross(ahead, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    relative = xyz - (staging.look_at - staging.distance * ahead)
    focal = size / 2 / np.tan(np.radians(FOV_DEG / 2))
    depth = relative @ ahead
    x, y = relative @ right / depth, relative @ np.cross(right, ahead) / depth
    return np.stack([size / 2 - 0.5 + focal * x, size / 2 - 0.5 - focal * y], axis=-1)
