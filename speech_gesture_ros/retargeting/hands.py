"""Which way a robot's thumb points: without it nobody knows where the palm is.

A link called thumb says it. Without one, the thumb is taken to point forward while the arm hangs with its joints in
the middle of their range: hands are built so that they can be turned as far one way as the other. The inverse
kinematics, asked for hanging arms, finds that pose.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.targets import DIRECTIONS
from speech_gesture_ros.retargeting.trial_poses import with_fast_joints
from speech_gesture_ros.robot.arm_points import hand_axis
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.urdf import Urdf, load_urdf

Array = npt.NDArray[np.float64]
FRAMES = 400  # until the arms hang, and what is free has come to its middle


def find_thumbs(description: RobotDescription) -> dict[str, Array]:
    """Side to the thumb's direction (3,) in the frame of the hand link; sides without a hand are left out."""
    urdf = load_urdf(description.urdf)
    kinematics = Kinematics(urdf, description.joint_names)
    thumbs: dict[str, Array] = {}
    for side in ("left", "right"):
        thumb = _named_thumb(urdf, kinematics, description, side)
        if thumb is not None:
            thumbs[side] = thumb
    return thumbs if len(thumbs) == 2 else {**_thumbs_of_hanging_arms(description), **thumbs}


def _named_thumb(urdf: Urdf, kinematics: Kinematics, description: RobotDescription, side: str) -> Array | None:
    arm = description.body.left_arm if side == "left" else description.body.right_arm
    if arm is None or arm.hand is None:
        return None
    tips = [n for n in urdf.links if "thumb" in n.lower() and any(j.child == arm.wrist for j in urdf.path(n))]
    if not tips:
        return None
    ends = kinematics.positions(kinematics.points([arm.wrist, tips[0]], np.zeros((2, 3))))
    thumb = np.asarray(kinematics.rotation(arm.hand).T @ (ends[1] - ends[0]))
    axis = hand_axis(kinematics, arm)
    across = np.linalg.norm(thumb - axis * (axis @ thumb))
    return thumb if across > 0.2 * np.linalg.norm(thumb) else None


def _thumbs_of_hanging_arms(description: RobotDescription) -> dict[str, Array]:
    limits = description.limits
    middle = 0.5 * (limits.lower + limits.upper)
    ik = DifferentialIk(with_fast_joints(dataclasses.replace(description, rest_q=middle, collision_pairs=())))
    human = np.zeros((len(DIRECTIONS), 3))
    human[:, 2] = -1.0
    for name, axis in (("torso_left", 1), ("torso_up", 2), ("head_forward", 0), ("head_up", 2)):
        human[DIRECTIONS.index(name)] = np.eye(3)[axis]
    for _ in range(FRAMES):
        ik.step(human)
    forward = ik.robot_directions.chest()[:, 0]
    arms = {"left": description.body.left_arm, "right": description.body.right_arm}
    return {side: ik.rotation(arm.hand).T @ forward for side, arm in arms.items()
            if arm is not None and arm.hand is not None}
