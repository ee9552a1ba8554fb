"""Motion of a whole recording, as files show it: the speech, the human's poses and the robot's commands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOTS_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GeneratedMotion:
    """Human and robot from the first sample of the speech on; both begin at time 0.

    Attributes:
        speech: (S,) mono at `SAMPLE_RATE`, in [-1, 1].
        skeleton: Of the human.
        joint_xyz: (T, J, 3) human joints at `POSE_RATE` [m].
        description: The robot.
        positions: (K, N) commands at `KNOT_RATE`, inside all limits, from rest to rest [rad]; K of 2 T - 1 or more.
        velocities: (K, N) [rad/s].
    """

    speech: npt.NDArray[np.floating]
    skeleton: Skeleton
    joint_xyz: npt.NDArray[np.floating]
    description: RobotDescription
    positions: Array
    velocities: Array

    @property
    def q(self) -> Array:
        """(T, N) commands at the times of the human's poses [rad]."""
        return self.positions[::KNOTS_PER_POSE][: len(self.joint_xyz)]

    @property
    def q_to_rest(self) -> Array:
        """(T', N) commands at `POSE_RATE` until the robot rests [rad]; T' is T or more."""
        rows = self.positions[::KNOTS_PER_POSE]
        is_end_missing = (len(self.positions) - 1) % KNOTS_PER_POSE != 0
        return np.concatenate([rows, self.positions[-1:]]) if is_end_missing else rows
