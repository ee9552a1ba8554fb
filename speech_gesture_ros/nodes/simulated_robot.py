"""The robot that is not there, in real time: controllers that accept or reject, servos, physics, on one thread.

    accept(group, trajectory) ──► controller ──sample every 4 ms──► servo ──► physics every 2 ms

Simulated time follows the ROS clock step by step: a cycle that comes late is made up for with the times it should have
had, so the motion does not depend on how busy the machine is. After a longer stall (`MAX_LATE_S`) time is skipped, as
the world's would, and counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.robot import RobotDescription
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController, Trajectory
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

STEPS_PER_CYCLE = 2  # physics steps between two looks at the trajectory
MAX_LATE_S = 0.25
Vector = npt.NDArray[np.float64]


@dataclass
class RobotCounts:
    """What happened to the robot.

    Attributes:
        accepted: Trajectories taken.
        rejected: Trajectories refused.
        limit_violations: States with a joint outside its limits.
        self_contacts: States in which capsules touched.
        skipped_s: Simulated time left out because the machine stalled [s].
    """

    accepted: int = 0
    rejected: int = 0
    limit_violations: int = 0
    self_contacts: int = 0
    skipped_s: float = 0.0


class SimulatedRobot:
    """One robot with one controller a group, living on the ROS clock.

    Args:
        description: The robot.
        now_ns: The clock.
        on_state: Called with (N,) positions, (N,) velocities and their time [ns], `state_rate_hz` times a second.
        state_rate_hz: [Hz].

    Attributes:
        counts: What happened.
    """

    def __init__(self, description: RobotDescription, now_ns: Callable[[], int],
                 on_state: Callable[[Vector, Vector, int], None], state_rate_hz: float) -> None:
        self.counts = RobotCounts()
        self._description = description
        self._robot = MujocoRobot(description)
        self._now_ns = now_ns
        self._on_state = on_state
        self._state_period_ns = int(NS / state_rate_hz)
        self._lock = threading.Lock()
        self._controllers = {
            group: (JointTrajectoryController(names, start=description.rest_q[description.indices(names)]),
                    description.indices(names))
            for group, names in description.groups.items()
        }
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="physics", daemon=True)

    def start(self) -> None:
        """Let time pass."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._is_ending.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def accept(self, group: str, trajectory: Trajectory) -> str | None:
        """Give a controller a message; returns why it was rejected, None if it was not."""
        with self._lock:
            reason = self._controllers[group][0].accept(trajectory, self._now_ns())
            self.counts.accepted += reason is None
            self.counts.rejected += reason is not None
        return reason

    def _run(self) -> None:
        cycle_ns = STEPS_PER_CYCLE * round(self._robot.dt * NS)
        time_ns = self._now_ns()
        state_ns = time_ns
        while not self._is_ending.is_set():
            late_ns = self._now_ns() - time_ns
            if abs(late_ns) > MAX_LATE_S * NS:
                self.counts.skipped_s += late_ns / NS
                time_ns = state_ns = self._now_ns()
                continue
            if late_ns < 0:
                time.sleep(min(-late_ns, cycle_ns) / NS)
                continue
            self._cycle(time_ns)
            time_ns += cycle_ns
            if time_ns >= state_ns:
                state_ns += self._state_period_ns
                self._tell(time_ns)

    def _cycle(self, time_ns: int) -> None:
        q, dq = self._robot.joint_positions, self._robot.joint_velocities
        command, speed = np.empty_like(q), np.empty_like(q)
        with self._lock:
            for controller, joints in self._controllers.values():
                command[joints], speed[joints] = controller.sample(time_ns, (q[joints], dq[joints]))
        for step in range(STEPS_PER_CYCLE):
            self._robot.step(command + step * self._robot.dt * speed, speed)

    def _tell(self, time_ns: int) -> None:
        q, dq = self._robot.joint_positions, self._robot.joint_velocities
        limits = self._description.limits
        self.counts.limit_violations += bool(((q < limits.lower) | (q > limits.upper)).any())
        self.counts.self_contacts += bool(self._robot.self_contacts())
        self._on_state(q, dq, time_ns)
