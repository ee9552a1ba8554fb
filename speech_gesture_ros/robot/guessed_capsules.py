"""Capsules for parts without collision shapes: bones between joint origins, as thick as bodies of that size are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.arm_points import wrist_point
from speech_gesture_ros.robot.description import ArmLinks, BodyLinks, Capsule, capsule_between
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]
HUMAN_ARM_M = 0.53  # shoulder to wrist of the human skeleton, to which the radii below belong
BONE_RADIUS_M, TRUNK_RADIUS_M, HEAD_RADIUS_M = 0.045, 0.10, 0.10
TRUNK_LENGTH_M = 0.42  # from the neck downwards


def guess_capsules(tree: JointTree, kinematics: Kinematics, body: BodyLinks) -> list[Capsule]:
    """Return capsules for trunk, arms and head of a robot with two arms; none for other robots.

    Args:
        tree: The joints of the robot.
        kinematics: At zero.
        body: Links of the body parts.
    """
    def origin(link: str) -> Array:
        return np.asarray(kinematics.origins(link)[0])

    def bone(link: str, start: Array, stop: Array, radius: float) -> Capsule:
        rotation, at = kinematics.rotation(link).T, origin(link)
        return capsule_between(link, rotation @ (start - at), rotation @ (stop - at), radius)

    capsules: list[Capsule] = []
    arms = [a for a in (body.left_arm, body.right_arm) if a is not None]
    if len(arms) < 2:
        return capsules
    scale = np.mean([_arm_length(kinematics, a) for a in arms]) / HUMAN_ARM_M
    shoulders = [origin(a.shoulder) for a in arms]
    width = float(np.linalg.norm(shoulders[0] - shoulders[1]))
    neck = 0.5 * (shoulders[0] + shoulders[1])
    trunk_radius = min(TRUNK_RADIUS_M * scale, 0.3 * width)
    foot = neck - np.array([0, 0, TRUNK_LENGTH_M * scale])
    capsules.append(bone(body.torso, neck - np.array([0, 0, trunk_radius]), foot, trunk_radius))
    for arm in arms:
        link_of_wrist, offset = wrist_point(tree, kinematics, arm)
        wrist = np.asarray(kinematics.positions(kinematics.model.points([link_of_wrist], offset[None]))[0])
        segments = [(arm.shoulder, origin(arm.elbow)), (arm.elbow, wrist)]
        segments += [(arm.wrist, origin(arm.hand))] if arm.hand is not None else []
        for link, stop in segments:
            start = origin(link)
            if np.linalg.norm(stop - start) > 0.02:
                along = (stop - start) * (0.15 if link == arm.shoulder else 0.0)
                capsules.append(bone(link, start + along, stop, BONE_RADIUS_M * scale))
    if body.head is not None:
        radius = HEAD_RADIUS_M * min(scale, 1.2)
        centre = origin(body.head) + np.array([0, 0, 0.5 * radius])
        capsules.append(bone(body.head, centre, centre, radius))
    return capsules


def _arm_length(kinematics: Kinematics, arm: ArmLinks) -> float:
    """Return the length of upper arm and forearm together [m]."""
    points = kinematics.origins(arm.shoulder, arm.elbow, arm.wrist)
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
