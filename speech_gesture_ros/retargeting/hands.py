"""Thumb directions of a robot, from which the side of the palm follows.

A link called thumb gives it. Without one, the thumb is assumed to point forward while the arm hangs with its joints in
the middle of their range: most hands can turn as far one way as the other. Inverse kinematics with hanging arms as its
target finds that pose.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.targets import DIRECTIONS
from speech_gesture_ros.retargeting.trial_poses import with_fast_joints
from speech_gesture_ros.robot.arm_points import hand_axis
from speech_gesture_ros.robot.description import ArmLinks, RobotDescription
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.urdf import Urdf

Array = npt.NDArray[np.float64]
FRAMES = 400  # until the arms hang, and redundant joints have reached the middle of their range
ACROSS = 0.2  # share of the way from wrist to thumb that must be square to the hand


def find_thumbs(description: RobotDescription) -> dict[str, Array]:
    """Return each side's thumb direction (3,) in the frame of the hand link; sides without a hand are left out."""
    kinematics = description.kinematics()
    named = {side: _named_thumb(description.model.urdf, kinematics, arm)
             for side, arm in _arms_with_hands(description).items()}
    thumbs = {side: thumb for side, thumb in named.items() if thumb is not None}
    return thumbs if len(thumbs) == 2 else {**thumbs_of_hanging_arms(description), **thumbs}


def _arms_with_hands(description: RobotDescription) -> dict[str, ArmLinks]:
    arms = {"left": description.body.left_arm, "right": description.body.right_arm}
    return {side: arm for side, arm in arms.items() if arm is not None and arm.hand is not None}


def _named_thumb(urdf: Urdf, kinematics: Kinematics, arm: ArmLinks) -> Array | None:
    tips = [n for n in urdf.links if "thumb" in n.lower() and any(j.child == arm.wrist for j in urdf.path(n))]
    if not tips:
        return None
    ends = kinematics.origins(arm.wrist, tips[0])
    thumb = np.asarray(kinematics.rotation(arm.hand or arm.wrist).T @ (ends[1] - ends[0]))
    axis = hand_axis(kinematics, arm)
    across = np.linalg.norm(thumb - axis * (axis @ thumb))
    return thumb if across > ACROSS * np.linalg.norm(thumb) else None


def thumbs_of_hanging_arms(description: RobotDescription) -> dict[str, Array]:
    """Return the direction that is forward while the arms hang, in the frames of the hand links."""
    limits = description.limits
    middle = 0.5 * (limits.lower + limits.upper)
    ik = DifferentialIk(with_fast_joints(dataclasses.replace(description, rest_q=middle, collision_pairs=(),
                                                             thumbs={})))
    human = np.zeros((len(DIRECTIONS), 3))
    human[:, 2] = -1.0
    for name, axis in (("torso_left", 1), ("torso_up", 2), ("head_forward", 0), ("head_up", 2)):
        human[DIRECTIONS.index(name)] = np.eye(3)[axis]
    for _ in range(FRAMES):
        ik.step(human)
    forward = ik.robot_directions.chest()[:, 0]
    return {side: ik.rotation(arm.hand or arm.wrist).T @ forward
            for side, arm in _arms_with_hands(description).items()}
