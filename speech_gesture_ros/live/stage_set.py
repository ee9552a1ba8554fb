"""Picture of the page: robot and avatar side by side, the camera, and the names of everything that frames contain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import BLENDSHAPES
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.face.expressions import EXPRESSIONS
from speech_gesture_ros.face.style import STYLES
from speech_gesture_ros.live.avatar_body import AvatarBody
from speech_gesture_ros.live.page_requests import SLIDERS
from speech_gesture_ros.live.robot_geometry import RobotGeometry, robot_geometry
from speech_gesture_ros.pose.gesture_library import load_gestures
from speech_gesture_ros.rendering.staging import LEG_LENGTH_M, stage
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

GAP_M = 1.15  # from the robot to the avatar, for a robot of human size


class StageSet:
    """Robot and avatar on one floor.

    Args:
        description: The robot.
        skeleton: Of the human poses.
        avatar: The avatar.
        families: Families of gestures that the model weights.
        mesh_folders: Folders that may contain the meshes of the robot.

    Attributes:
        geometry: Shapes of the robot.
        families: As given.
        description: Everything that a page needs, as plain numbers and text.
    """

    def __init__(self, description: RobotDescription, skeleton: Skeleton, avatar: AvatarBody,
                 families: tuple[str, ...] = (), mesh_folders: list[Path] | None = None) -> None:
        self._drawn = MujocoRobot(description, mesh_folders=mesh_folders or [])
        self._drawn.show(description.rest_q)
        self.avatar, self.families = avatar, families
        staging = stage(self._drawn.model, self._drawn.data, description.body, skeleton, GAP_M)
        self.geometry: RobotGeometry = robot_geometry(self._drawn.model, staging.props)
        x, y, z = staging.human.origin
        floor = z - LEG_LENGTH_M * staging.scale
        gestures = load_gestures()
        self.description: dict[str, Any] = {
            "robot": description.name, "shapes": list(self.geometry.shapes), "bodies": len(self.geometry.bodies),
            "vertices": self.geometry.num_vertices, "floor": floor, "scale": staging.scale,
            "avatar": {"position": [x, y, floor], "yaw": staging.human.yaw, "scale": staging.scale,
                       "bones": list(avatar.bones)},
            "rest": {"robot": self.robot_frame(description.rest_q).reshape(-1).tolist(),
                     "body": avatar.rest.tolist()},
            "camera": {"look_at": list(map(float, staging.look_at)), "azimuth_deg": staging.azimuth_deg},
            "blendshapes": list(BLENDSHAPES), "sliders": {name: list(values) for name, values in SLIDERS.items()},
            "families": list(families), "face_styles": list(STYLES), "expressions": list(EXPRESSIONS),
            "gestures": [{"name": name, "meaning": gesture.meaning} for name, gesture in gestures.items()],
        }

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Known names for each kind of request that has one, except recordings."""
        return {"gesture": tuple(g["name"] for g in self.description["gestures"]), "expression": tuple(EXPRESSIONS),
                "face_style": tuple(STYLES), "family": self.families}

    def robot_frame(self, q: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Return the poses (B, 7) of the robot's bodies at positions (N,) [rad]."""
        self._drawn.show(q)
        return self.geometry.poses(self._drawn.data)

    def body_frame(self, joint_xyz: npt.NDArray[np.floating], hand_shapes: tuple[int, int]) -> npt.NDArray[np.float32]:
        """Return the next frame of the avatar's body, of joints (J, 3) of the skeleton [m] and shapes of the hands."""
        return self.avatar.frame(joint_xyz, hand_shapes)
