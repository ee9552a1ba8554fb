"""Ideal robot in counted time: simulated controllers, joints that follow exactly or with the lag of a servo.

    window, or trajectory of a group ──► controllers ── step(now) ──► commanded ──► joints ──► q

Made for tests of code that commands a robot: nothing depends on the speed of the machine, and everything that the
controllers command is recorded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.controller_groups import ControllerGroups
from speech_gesture_ros.simulators.joint_trajectory_controller import Trajectory

Array = npt.NDArray[np.float64]


class IdealRobot:
    """Robot with one joint_trajectory_controller for each group.

    Args:
        description: The robot.
        servo_s: Time constant of the joints [s]; 0 for joints that follow their commands exactly.
        start: (N,) positions at first [rad]; None for the rest pose.

    Attributes:
        q: (N,) present positions [rad].
        is_blocked: True while the joints do not move, whatever is commanded.
        times_ns: ROS time of every step [ns].
        commanded: (N,) positions commanded at every step [rad].
        measured: (N,) positions after every step [rad].
        speeds: (N,) velocities commanded at every step [rad/s].
        jumps: Change of the command at the arrival of every window or trajectory: the larger of position [rad] and
            velocity [rad/s].
        rejected: Reasons of the controllers for rejected trajectories.
    """

    def __init__(self, description: RobotDescription, servo_s: float = 0.0, start: Array | None = None) -> None:
        self._description, self._servo_s = description, servo_s
        self._controllers = ControllerGroups(description, start)
        self.q: Array = (description.rest_q if start is None else start).copy()
        self.is_blocked = False
        self.times_ns: list[int] = []
        self.commanded: list[Array] = []
        self.measured: list[Array] = []
        self.speeds: list[Array] = []
        self.jumps: list[float] = []
        self.rejected: list[str] = []

    def follow(self, window: Window, now_ns: int) -> None:
        """Send all controllers their part of a window that arrives at a ROS time [ns]."""
        before = self.command(now_ns)
        self.rejected += self._controllers.perform(window.positions, window.velocities, window.stamp_ns, now_ns)
        self._record_jump(before, now_ns)

    def accept(self, group: str, trajectory: Trajectory, now_ns: int) -> str | None:
        """Send one controller a trajectory that arrives at a ROS time [ns]; return its reason for a rejection."""
        before = self.command(now_ns)
        reason = self._controllers.accept(group, trajectory, now_ns)
        self.rejected += [reason] if reason else []
        self._record_jump(before, now_ns)
        return reason

    def _record_jump(self, before: tuple[Array, Array], now_ns: int) -> None:
        self.jumps.append(max(float(np.abs(a - b).max()) for a, b in zip(before, self.command(now_ns))))

    def command(self, now_ns: int) -> tuple[Array, Array]:
        """Return the (N,) positions [rad] and velocities [rad/s] that the controllers command at a ROS time [ns]."""
        return self._controllers.sample(now_ns)

    def step(self, now_ns: int) -> Array:
        """Let the time become `now_ns` [ns], record the commands, and return the (N,) measured positions [rad]."""
        position, speed = self.command(now_ns)
        passed_s = (now_ns - self.times_ns[-1]) / NS if self.times_ns else 0.0
        self.times_ns.append(now_ns)
        self.commanded.append(position)
        self.speeds.append(speed)
        if not self.is_blocked:
            share = min(1.0, max(0.0, passed_s) / self._servo_s) if self._servo_s > 0 else 1.0
            self.q = self.q + share * (position - self.q)
        self.measured.append(self.q)
        return self.q

    def place(self, q: Array) -> None:
        """Move the joints to (N,) positions [rad] from outside; the controllers drop their trajectories there."""
        self._controllers = ControllerGroups(self._description, start=q)
        self.q = np.array(q, dtype=np.float64)
