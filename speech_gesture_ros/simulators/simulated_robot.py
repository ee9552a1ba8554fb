"""Simulated robot in real time: controllers, servos and physics on one thread.

    accept(group, trajectory) ──► controller ──sample every 8 ms──► servo ──► physics every 2 ms

Simulated time follows the ROS clock cycle by cycle: late cycles are computed with the times at which they were due, and
messages are accepted at that time, so that the motion does not depend on the load of the machine. After a longer stall
(`MAX_LATE_S`) time is skipped, and counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.controller_groups import ControllerGroups
from speech_gesture_ros.simulators.joint_trajectory_controller import Trajectory
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

STEPS_PER_CYCLE = 4  # physics steps between two samples of the trajectory
MAX_LATE_S = 1.0
LIMIT_SLACK = 0.01  # share of a joint's range by which a servo may overshoot without a violation
Vector = npt.NDArray[np.float64]


@dataclass
class RobotCounts:
    """Counts of one simulated robot.

    Attributes:
        accepted: Trajectories that a controller accepted.
        rejected: Trajectories that a controller rejected.
        limit_violations: States with a joint outside its limits.
        self_contacts: States in which capsules touched.
        skipped_s: Simulated time skipped because the machine stalled [s].
    """

    accepted: int = 0
    rejected: int = 0
    limit_violations: int = 0
    self_contacts: int = 0
    skipped_s: float = 0.0


class SimulatedRobot:
    """Robot in MuJoCo with one controller for each group, driven by a clock.

    Args:
        description: The robot.
        now_ns: Returns the ROS time [ns].
        on_state: Called with (N,) positions, (N,) velocities and their time [ns], `state_rate_hz` times a second.
        state_rate_hz: Rate of the states [Hz].

    Attributes:
        counts: Counts since the start.
    """

    def __init__(self, description: RobotDescription, now_ns: Callable[[], int],
                 on_state: Callable[[Vector, Vector, int], None], state_rate_hz: float) -> None:
        self.counts = RobotCounts()
        self._robot = MujocoRobot(description)
        self._now_ns = now_ns
        self._on_state = on_state
        self._state_period_ns = int(NS / state_rate_hz)
        self._lock = threading.Lock()
        self._time_ns = now_ns()  # of the next cycle
        slack = LIMIT_SLACK * (description.limits.upper - description.limits.lower)
        self._lower, self._upper = description.limits.lower - slack, description.limits.upper + slack
        self._controllers = ControllerGroups(description)
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="physics", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._is_ending.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def accept(self, group: str, trajectory: Trajectory) -> str | None:
        """Send one controller a trajectory; return its reason for a rejection, None if it accepts."""
        with self._lock:
            reason = self._controllers.accept(group, trajectory, self._time_ns)
            self.counts.accepted += reason is None
            self.counts.rejected += reason is not None
        return reason

    def perform(self, positions: Vector, velocities: Vector, stamp_ns: int) -> None:
        """Send every controller its part of a window.

        Args:
            positions: (K, N) at `KNOT_RATE` [rad].
            velocities: (K, N) [rad/s].
            stamp_ns: Time of the first row [ns].
        """
        with self._lock:
            rejected = len(self._controllers.perform(positions, velocities, stamp_ns, self._time_ns))
            self.counts.accepted += self._controllers.size - rejected
            self.counts.rejected += rejected

    def _run(self) -> None:
        cycle_ns = STEPS_PER_CYCLE * round(self._robot.dt * NS)
        state_ns = self._time_ns = self._now_ns()
        while not self._is_ending.is_set():
            late_ns = self._now_ns() - self._time_ns
            if abs(late_ns) > MAX_LATE_S * NS:
                self.counts.skipped_s += late_ns / NS
                state_ns = self._time_ns = self._now_ns()
                continue
            if late_ns < 0:
                time.sleep(min(-late_ns, cycle_ns) / NS)
                continue
            self._cycle()
            self._time_ns += cycle_ns
            if self._time_ns >= state_ns:
                state_ns += self._state_period_ns
                self._report()

    def _cycle(self) -> None:
        measured = self._robot.joint_positions, self._robot.joint_velocities
        with self._lock:
            command, speed = self._controllers.sample(self._time_ns, measured)
        for step in range(STEPS_PER_CYCLE):
            self._robot.step(command + step * self._robot.dt * speed, speed)

    def _report(self) -> None:
        q, dq = self._robot.joint_positions, self._robot.joint_velocities
        self.counts.limit_violations += bool(((q < self._lower) | (q > self._upper)).any())
        self.counts.self_contacts += bool(self._robot.self_contacts())
        self._on_state(q, dq, self._time_ns)
