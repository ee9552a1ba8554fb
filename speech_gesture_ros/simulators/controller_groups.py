"""All controllers of a robot as one: windows are split by group, commands are returned for all joints."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import index_to_ns
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.joint_trajectory_controller import (
    JointTrajectoryController,
    Trajectory,
    TrajectoryPoint,
)

Array = npt.NDArray[np.float64]


class ControllerGroups:
    """One joint_trajectory_controller for each group of a robot.

    Args:
        description: Groups, joints and rest pose.
        start: (N,) positions held before the first trajectory [rad]; None for the rest pose.
    """

    def __init__(self, description: RobotDescription, start: Array | None = None) -> None:
        held = description.rest_q if start is None else start
        self._groups = {group: (names, description.indices(names)) for group, names in description.groups.items()}
        self._controllers = {
            group: JointTrajectoryController(names, start=held[joints])
            for group, (names, joints) in self._groups.items()
        }
        self._count = len(description.joint_names)

    @property
    def size(self) -> int:
        """Number of controllers."""
        return len(self._controllers)

    def accept(self, group: str, trajectory: Trajectory, now_ns: int) -> str | None:
        """Send one controller a trajectory; return its reason for a rejection, None if it accepts."""
        return self._controllers[group].accept(trajectory, now_ns)

    def perform(self, positions: Array, velocities: Array, stamp_ns: int, now_ns: int) -> list[str]:
        """Send every controller its part of a window; return the reasons of those that reject it.

        Args:
            positions: (K, N) at `KNOT_RATE` [rad].
            velocities: (K, N) [rad/s].
            stamp_ns: Time of the first row [ns].
            now_ns: The present [ns].
        """
        times_ns = [index_to_ns(k, KNOT_RATE) for k in range(len(positions))]
        reasons = []
        for group, (names, joints) in self._groups.items():
            points = tuple(map(TrajectoryPoint, times_ns, positions[:, joints], velocities[:, joints]))
            reasons.append(self.accept(group, Trajectory(stamp_ns, names, points), now_ns))
        return [reason for reason in reasons if reason]

    def sample(self, now_ns: int, measured: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
        """Return the commands of this cycle for all joints: (N,) positions [rad] and (N,) velocities [rad/s].

        Args:
            now_ns: The present [ns].
            measured: (N,) positions and velocities of the robot, from which the controllers bridge to a trajectory.
        """
        q, dq = np.zeros((2, self._count))
        for group, (_, joints) in self._groups.items():
            state = (measured[0][joints], measured[1][joints]) if measured is not None else None
            q[joints], dq[joints] = self._controllers[group].sample(now_ns, state)
        return q, dq
