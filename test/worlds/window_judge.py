"""Judge of everything that a gesture node commands: each message to a controller is checked when it is received.

    JointTrajectory ──► finite? inside limits? at rest in the end? accepted by the controller? ──► faults, counted
                   └──► ideal robot: does the command jump?

A message ends in the past if it did when the middleware received it; its jump is that of a message which arrives
`TRANSPORT_S` after it was published, or earlier, as the node expects. So a slow judge finds no faults of its own.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from speech_gesture_ros.agent.window_sender import TRANSPORT_S
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.conversions import trajectory_from_message
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.ideal_robot import IdealRobot

SLACK = 1e-6  # [rad, rad/s] beyond a limit
MAX_JUMP = 0.05  # change of the command at the arrival of a message [rad, rad/s]: rounding and drift are smaller
NOT_FINITE, OUTSIDE, FAST, MOVING, PAST, REJECTED, JUMP = FAULTS = (
    "not finite", "outside limits", "too fast", "moving at the end", "past", "rejected", "jump")


class WindowJudge:
    """Robot and judge.

    Args:
        description: The robot.

    Attributes:
        robot: Ideal robot that follows all messages.
        windows: Number of messages.
        faults: Number of messages with each of `FAULTS`.
        examples: First message of each fault, in words.
        is_jump_allowed: True while a jump is no fault of the node: the robot's joint states are false, or the process
            is stopped, perhaps between its last look at the clock and the network.
        allowed_jumps: Jumps found meanwhile [rad, rad/s].
    """

    def __init__(self, description: RobotDescription) -> None:
        self._description = description
        self.robot = IdealRobot(description)
        self.windows = 0
        self.faults: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.is_jump_allowed = False
        self.allowed_jumps: list[float] = []

    def take(self, group: str, message: Any, published_ns: int, received_ns: int) -> None:
        """Judge a message with the ROS times at which it was published and received [ns]."""
        self.windows += 1
        trajectory = trajectory_from_message(message)
        positions = np.array([point.positions for point in trajectory.points])
        velocities = np.array([point.velocities for point in trajectory.points])
        if not (np.isfinite(positions).all() and np.isfinite(velocities).all()):
            self._count(NOT_FINITE, f"{group}: {positions}")
            return
        joints = self._description.indices(trajectory.joint_names)
        if positions.shape != velocities.shape or positions.shape[1] != len(joints):
            self._count(REJECTED, f"{group}: {len(joints)} joints, positions of {positions.shape}")
            return
        limits = self._description.limits
        excess = np.maximum(limits.lower[joints] - positions, positions - limits.upper[joints])
        if excess.max() > SLACK:
            self._count(OUTSIDE, f"{group}: {excess.max():.4f} beyond a limit")
        if (np.abs(velocities) - limits.velocity[joints]).max() > SLACK:
            self._count(FAST, f"{group}: {np.abs(velocities).max():.3f} rad/s")
        if np.any(velocities[-1]):
            self._count(MOVING, f"{group}: {velocities[-1]}")
        reason = self.robot.accept(group, trajectory, min(received_ns, published_ns + round(TRANSPORT_S * NS)))
        late_ns = received_ns - trajectory.stamp_ns - trajectory.points[-1].time_from_start_ns
        if late_ns >= 0:
            self._count(PAST, f"{group}: over for {late_ns / NS:.3f} s")
        elif reason is not None:
            self._count(REJECTED, f"{group}: {reason}")
        elif self.robot.jumps[-1] > MAX_JUMP and self.is_jump_allowed:
            self.allowed_jumps.append(self.robot.jumps[-1])
        elif self.robot.jumps[-1] > MAX_JUMP:
            self._count(JUMP, f"{group}: {self.robot.jumps[-1]:.3f}")

    def _count(self, fault: str, example: str) -> None:
        self.faults[fault] += 1
        self.examples.setdefault(fault, example)
