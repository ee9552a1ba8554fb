r"""Where robot, person and camera stand: side by side, both facing the viewer, shoulders at one height.

                    camera
                   /      \
              robot   ──   person        seen from above; both look towards the camera

The camera sees both from the same side, or one would seem to point elsewhere than the other: the person is turned by
the angle between the two lines of sight. Nothing about the robot's size or heading is assumed: its arms tell its left
from its right and its scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.shapes import Shape, Vector
from speech_gesture_ros.rendering.skeleton_view import PersonPlacement
from speech_gesture_ros.robot.description import BodyLinks

TURN_DEG = 12.0  # how far towards their left the camera stands: depth of a gesture shows
ELEVATION_DEG = -6.0
FOV_DEG = 11.0  # a long lens: both are seen from nearly the same side
VIEW_HEIGHT = 1.34  # what the picture shows from bottom to top, for a robot of human size [m]
VIEW_CENTRE = -0.14  # middle of the picture relative to the shoulders [m]
LEG_LENGTH = 0.95  # height of the pelvis [m]
PEDESTAL = (0.62, 0.64, 0.67)
LEAST_WIDTH_SHARE = 0.7
GAP = 1.32  # from the robot to the person [m]


@dataclass(frozen=True)
class Staging:
    """Person and camera around one robot.

    Attributes:
        person: Where the person stands.
        look_at: (3,) middle of the picture [m].
        distance: Of the camera [m].
        azimuth_deg: Direction the camera looks, about z from x.
        scale: Size of the robot relative to a human.
        props: What stands there besides.
    """

    person: PersonPlacement
    look_at: Vector
    distance: float
    azimuth_deg: float
    scale: float
    props: tuple[Shape, ...] = ()


def stage(model: Any, data: Any, body: BodyLinks, skeleton: Skeleton, gap: float = GAP) -> Staging:
    """Arrange person and camera around a robot in its rest pose (kinematics computed).

    A robot without legs would have the person up to the waist in its floor: then the floor of the model is lowered
    and the robot put on a pedestal.
    """
    shoulders, arm_length, width, yaw = _shoulders(data, body)
    human_arm = float(sum(skeleton.bone_lengths[skeleton.index[n]] for n in ("left_elbow", "left_wrist")))
    human_width = 2 * float(skeleton.rest_xyz[skeleton.index["left_shoulder"], 1])
    # By the arms, unless they are too short to be whole: some robots end at the elbow.
    scale = max(arm_length / human_arm, LEAST_WIDTH_SHARE * width / human_width) or 1.0
    left = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    human = skeleton.rest_xyz
    human_shoulders = (human[skeleton.index["left_shoulder"]] + human[skeleton.index["right_shoulder"]]) / 2
    beside = shoulders + gap * scale * left
    origin = beside - scale * np.array([0.0, 0.0, human_shoulders[2]])
    distance = VIEW_HEIGHT * scale / 2 / np.tan(np.radians(FOV_DEG / 2))
    between = float(np.arctan2(gap * scale, distance))  # angle of the lines of sight to robot and person [rad]
    person = PersonPlacement((float(origin[0]), float(origin[1]), float(origin[2])), yaw - between, scale)
    props = _lower_floor(model, data, float(origin[2]) - LEG_LENGTH * scale, scale, data.body(body.base).xpos)
    look_at = shoulders + gap / 2 * scale * left + np.array([0.0, 0.0, VIEW_CENTRE * scale])
    azimuth = float(np.degrees(yaw - between / 2) + 180.0 + TURN_DEG)
    return Staging(person, look_at, float(distance), azimuth, scale, props)


def _lower_floor(model: Any, data: Any, height: float, scale: float, base: Vector) -> tuple[Shape, ...]:
    """Lower the floor to where the person stands; returns the pedestal the robot then needs."""
    floor = model.geom("floor")
    before = float(floor.pos[2])
    if height >= before - 0.02 * scale:
        return ()
    floor.pos[2] = height
    model.geom_sameframe[floor.id] = 0  # a floor compiled at height 0 would stay with its body otherwise
    data.geom("floor").xpos[2] = height
    middle = np.array([base[0], base[1], (height + before) / 2])
    size = (0.13 * scale, 0.13 * scale, (before - height) / 2)
    return (Shape("cylinder", middle, np.eye(3), size, PEDESTAL),)


def _shoulders(data: Any, body: BodyLinks) -> tuple[Vector, float, float, float]:
    """Point between the shoulders [m], length of an arm and width of the shoulders [m] (0: unknown), heading [rad]."""
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
