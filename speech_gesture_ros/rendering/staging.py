r"""Places of robot, human and camera: side by side, both facing the viewer, shoulders at the same height.

                    camera
                   /      \
              robot   ──   human         from above; both face the camera

Both are seen from the same side: the human is turned by the angle between the two lines of sight, because otherwise the
same direction would look different. The robot's size and heading follow from its arms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.shapes import Shape, Vector
from speech_gesture_ros.rendering.skeleton_view import HumanPlacement
from speech_gesture_ros.robot.description import BodyLinks

TURN_DEG = 12.0  # of the camera towards their left, so that the depth of a gesture is visible
ELEVATION_DEG = -6.0
FOV_DEG = 11.0  # small, so that both are seen from nearly the same side
VIEW_HEIGHT_M = 1.34  # visible height, for a robot of human size
VIEW_CENTRE_M = -0.14  # middle of the picture relative to the shoulders
LEG_LENGTH_M = 0.95  # height of the pelvis
PEDESTAL_COLOUR = (0.62, 0.64, 0.67)
MIN_WIDTH_SHARE = 0.7  # of the shoulder width in the scale, for arms that end at the elbow
GAP_M = 1.32  # from the robot to the human
VISIBLE_GROUPS = 3  # geom groups 0, 1, 2 of a MuJoCo model are drawn


@dataclass(frozen=True)
class Staging:
    """Human and camera around one robot.

    Attributes:
        human: Place of the human.
        look_at: (3,) middle of the picture [m].
        distance: Of the camera [m].
        azimuth_deg: Direction the camera looks, about z from x.
        scale: Size of the robot relative to a human.
        props: Further shapes, such as a pedestal.
    """

    human: HumanPlacement
    look_at: Vector
    distance: float
    azimuth_deg: float
    scale: float
    props: tuple[Shape, ...] = ()


def stage(model: Any, data: Any, body: BodyLinks, skeleton: Skeleton, gap: float = GAP_M) -> Staging:
    """Place human and camera around a robot in its rest pose (kinematics computed).

    For a robot without legs the floor of the model is lowered to the feet of the human, and the robot stands on a
    pedestal.
    """
    shoulders, arm_length, width, yaw = _shoulders(data, body)
    human_arm = float(sum(skeleton.bone_lengths[skeleton.index[n]] for n in ("left_elbow", "left_wrist")))
    human_width = 2 * float(skeleton.rest_xyz[skeleton.index["left_shoulder"], 1])
    # From the arms, unless they are too short: some robots end at the elbow.
    scale = max(arm_length / human_arm, MIN_WIDTH_SHARE * width / human_width) or 1.0
    left = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    rest_xyz = skeleton.rest_xyz
    human_shoulders = (rest_xyz[skeleton.index["left_shoulder"]] + rest_xyz[skeleton.index["right_shoulder"]]) / 2
    beside = shoulders + gap * scale * left
    origin = beside - scale * np.array([0.0, 0.0, human_shoulders[2]])
    distance = VIEW_HEIGHT_M * scale / 2 / np.tan(np.radians(FOV_DEG / 2))
    between = float(np.arctan2(gap * scale, distance))  # angle between the lines of sight to robot and human [rad]
    human = HumanPlacement((float(origin[0]), float(origin[1]), float(origin[2])), yaw - between, scale)
    props = _lower_floor(model, data, float(origin[2]) - LEG_LENGTH_M * scale, scale, data.body(body.base).xpos)
    look_at = shoulders + gap / 2 * scale * left + np.array([0.0, 0.0, VIEW_CENTRE_M * scale])
    azimuth = float(np.degrees(yaw - between / 2) + 180.0 + TURN_DEG)
    return Staging(human, look_at, float(distance), azimuth, scale, props)


def _lower_floor(model: Any, data: Any, height: float, scale: float, base: Vector) -> tuple[Shape, ...]:
    """Lower the floor to the feet of the human; returns the pedestal of the robot, if it needs one."""
    floor = model.geom("floor")
    before = float(floor.pos[2])
    if height >= before - 0.02 * scale:
        return ()
    floor.pos[2] = height
    model.geom_sameframe[floor.id] = 0  # otherwise a floor compiled at height 0 keeps the height of its body
    data.geom("floor").xpos[2] = height
    middle = np.array([base[0], base[1], (height + before) / 2])
    size = (0.13 * scale, 0.13 * scale, (before - height) / 2)
    return (Shape("cylinder", middle, np.eye(3), size, PEDESTAL_COLOUR),)


def _shoulders(data: Any, body: BodyLinks) -> tuple[Vector, float, float, float]:
    """Point between the shoulders [m], arm length and shoulder width [m] (0 if unknown), heading [rad]."""
    arms = [arm for arm in (body.left_arm, body.right_arm) if arm]

    def position(link: str) -> Vector:
        return np.array(data.body(link).xpos)

    if not arms:
        return position(body.head or body.torso), 0.0, 0.0, 0.0
    points = [[position(name) for name in (arm.shoulder, arm.elbow, arm.wrist)] for arm in arms]
    length = float(np.mean([np.linalg.norm(e - s) + np.linalg.norm(w - e) for s, e, w in points]))
    middle = np.mean([p[0] for p in points], axis=0)
    if len(arms) < 2:
        return middle, length, 0.0, 0.0
    across = points[0][0] - points[1][0]  # towards the robot's left
    width = float(np.linalg.norm(across))
    return middle, length, width, float(np.arctan2(-across[0], across[1]))
