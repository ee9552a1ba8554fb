"""Named human poses and the configuration that the robot reaches for each, to be inspected in a picture.

The metrics of `robot_check` do not show a wrong elbow or a turned palm; a picture does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.robot_motions import standing_joints
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.rest_pose import resting_human
from speech_gesture_ros.retargeting.targets import DIRECTIONS, HumanDirections
from speech_gesture_ros.retargeting.trial_poses import standing_human
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

HOLD_S = 5.0  # in each pose
RESTING_SPREAD_DEG = 10.0
# Upper arm: outwards and forwards from hanging; forearm: inwards from straight ahead, and upwards [degrees].
POSES_DEG = {
    "ready": (12, 8, 20, 5), "open": (25, 10, -35, 20), "palms up": (18, 15, -10, 5), "up": (20, 35, 5, 45),
    "wide": (60, 10, -60, 15), "inwards": (14, 10, 65, 10), "pointing": (20, 60, 0, 25),
}
LOOK_DEG = (35.0, 12.0)  # aside and down


@dataclass(frozen=True)
class RobotPose:
    """Name, (N,) configuration of the robot [rad], (J, 3) the human's joints [m]."""

    name: str
    q: Array
    joint_xyz: npt.NDArray[np.floating]


def human_poses(skeleton: Skeleton) -> dict[str, Array]:
    """Name to (J, 3) [m]."""
    directions = {"at rest": resting_human(RESTING_SPREAD_DEG)}
    directions |= {name: standing_human(*angles) for name, angles in POSES_DEG.items()}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        directions["palms up"][DIRECTIONS.index(f"{side}_thumb")] = (0.0, sign, 0.2)
    poses = {name: standing_joints(skeleton, d) for name, d in directions.items()}
    poses["looking aside"] = _looking(skeleton, poses["ready"])
    return poses


def _looking(skeleton: Skeleton, joint_xyz: Array) -> Array:
    """The same with the face turned to the left and down."""
    aside, down = np.radians(LOOK_DEG)
    ahead = np.array([np.cos(down) * np.cos(aside), np.cos(down) * np.sin(aside), -np.sin(down)])
    bones = skeleton.bones_from_xyz(joint_xyz)
    nose = skeleton.index["nose"]
    bones[nose] = skeleton.bone_lengths[nose] * ahead
    return np.asarray(skeleton.xyz_from_bones(bones))


def settled_poses(description: RobotDescription, skeleton: Skeleton) -> list[RobotPose]:
    """Configuration of the robot for each pose, in order from the rest pose, each held for `HOLD_S`."""
    ik, human = DifferentialIk(description), HumanDirections(skeleton)
    poses = []
    for name, joint_xyz in human_poses(skeleton).items():
        directions = human.read(joint_xyz)
        if name == "at rest" or directions is None:
            poses.append(RobotPose(name, np.array(description.rest_q), joint_xyz))
            continue
        for _ in range(round(HOLD_S * POSE_RATE)):
            ik.step(directions)
        poses.append(RobotPose(name, ik.state.q.copy(), joint_xyz))
    return poses
