"""Clearance poses: configurations with the arms well away from the body, by inverse kinematics.

From most configurations in collision the way to the rest pose leads past one of them. Poses that are not clear of
collision are left out.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.trial_poses import solve_pose, standing_human, with_fast_joints
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.collision_pairs import REST_CLEARANCE_M
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

POSES_DEG = ((60, 10, 10, 0), (85, 0, 0, 30))  # see `standing_human`: forearms ahead of spread arms; arms wide open
FRAMES = 100


def clearance_poses(description: RobotDescription) -> tuple[Array, ...]:
    """Return configurations (N,), in the order in which they are to be tried.

    Args:
        description: The robot with its rest pose and collision pairs.
    """
    unchecked = with_fast_joints(dataclasses.replace(description, collision_pairs=(), thumbs={}))
    kinematics = description.kinematics()
    pairs = CapsulePairs(kinematics, description.capsules, description.collision_pairs, description.pair_surplus)
    found = []
    for pose in POSES_DEG:
        q = solve_pose(unchecked, standing_human(*pose), FRAMES)
        kinematics.update(q)
        if pairs.smallest_clearance() > REST_CLEARANCE_M:
            found.append(q)
    return tuple(found)
