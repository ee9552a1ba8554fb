"""Poses with the arms well off the body: from wherever arms are entangled, the way to rest mostly leads past one.

They are found by inverse kinematics, as the rest pose is; those that are not clear are left out.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.trial_poses import solve_pose, standing_human, with_fast_joints
from speech_gesture_ros.robot.capsules import REST_CLEARANCE_M
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.urdf import load_urdf

Array = npt.NDArray[np.float64]

OPEN_DEG = ((60, 10, 10, 0), (85, 0, 0, 30))  # see `standing_human`: forearms ahead of spread arms; a wide welcome
FRAMES = 100


def clearance_poses(description: RobotDescription) -> tuple[Array, ...]:
    """Configurations (N,), the one to try first first.

    Args:
        description: The robot with its rest pose and the pairs that are watched.
    """
    loose = with_fast_joints(dataclasses.replace(description, collision_pairs=()))
    kinematics = Kinematics(load_urdf(description.urdf), description.joint_names)
    watched = CapsulePairs(kinematics, description.capsules, description.collision_pairs)
    found = []
    for pose in OPEN_DEG:
        q = solve_pose(loose, {}, standing_human(*pose), FRAMES)
        kinematics.update(q)
        if watched.smallest_clearance() > REST_CLEARANCE_M:
            found.append(q)
    return tuple(found)
