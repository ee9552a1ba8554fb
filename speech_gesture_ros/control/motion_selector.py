"""Motion selector: the next knot of a robot, inside all limits and without self-collision.

Its choices in order: straight towards the target, collision recovery, the failsafe trajectory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.collision_recovery import CollisionRecovery
from speech_gesture_ros.control.governor import FailsafeTrajectory, Governor
from speech_gesture_ros.control.safety_report import SafetyReport
from speech_gesture_ros.control.self_collision import SelfCollisionChecker
from speech_gesture_ros.control.slow_entry import SlowEntry
from speech_gesture_ros.robot.description import JointLimits, RobotDescription

Array = npt.NDArray[np.float64]

PATH_SAMPLES = 12  # configurations checked on a straight path; the checker adds more where it is close


class MotionSelector:
    """Governor, self-collision checker, collision recovery and slow entry of one robot.

    Args:
        description: Limits, capsules and clearance poses.
        report: Counts of interventions, which this object increases.
    """

    def __init__(self, description: RobotDescription, report: SafetyReport) -> None:
        self._governor = Governor(description.limits)
        self._checker = SelfCollisionChecker(description)
        self._recovery = CollisionRecovery(description.clearance_poses)
        self._entry = SlowEntry(description.limits, self._governor.limits)
        self._report = report
        self.is_braking = False

    @property
    def limits(self) -> JointLimits:
        """Limits kept at knots."""
        return self._governor.limits

    @property
    def failsafe(self) -> FailsafeTrajectory:
        """Failsafe trajectory from the present knot."""
        return self._governor.failsafe

    def seed(self, q: Array) -> None:
        """Begin at rest at `q` (N,) [rad], with slow entry."""
        self._governor.seed(q)
        self._checker.accept_contact(q)
        self._recovery.reset()
        self.is_braking = False
        self._begin_entry()

    def brake(self) -> None:
        """Choose the failsafe trajectory from now on."""
        self.is_braking = True
        self._recovery.reset()

    def resume(self) -> None:
        """Choose motion towards targets again after `brake`, with slow entry."""
        if self.is_braking:
            self.is_braking = False
            self._begin_entry()

    def select(self, target: Array, target_next: Array) -> FailsafeTrajectory:
        """Return the motion from the next knot on, for targets (3, N) at the present and the next knot."""
        if self.is_braking:
            return self._governor.continue_failsafe()
        if not self._recovery.is_active or self.is_straight_path_free(target_next[0]):
            trajectory = self._towards(target, target_next)
            if trajectory is not None:
                self._recovery.reset()
                if self._entry.update(target_next[0], trajectory.states[0, 0]):
                    self._governor.limit_speed(self._entry.speed)
                return trajectory
        if self._entry.delay():
            self._governor.limit_speed(self._entry.speed)
        if not self._recovery.is_active:
            self._recovery.add_missed_target(target[0])
        self._recovery.add_missed_target(target_next[0])
        recovery_motion = self._recovery.next_motion(self._towards_rest_at, self._governor.state)
        if recovery_motion is None:
            self._report.collision_brakes += 1
            return self._governor.continue_failsafe()
        self._report.recovery_knots += 1
        return recovery_motion

    def advance(self, trajectory: FailsafeTrajectory) -> None:
        """Go to the next knot on a trajectory from `select` or `continue_failsafe`."""
        self._governor.accept(trajectory)
        if self._checker.is_in_contact:
            self._checker.accept_contact(trajectory.states[0, 0])

    def continue_failsafe(self) -> FailsafeTrajectory:
        """Return the rest of the failsafe trajectory, from the next knot on."""
        return self._governor.continue_failsafe()

    def is_straight_path_free(self, q: Array) -> bool:
        """Return whether the straight path from the present knot to `q` (N,) [rad] is free of self-collision."""
        return self._is_free(np.linspace(self._governor.state[0], q, PATH_SAMPLES))

    def _begin_entry(self) -> None:
        self._entry.begin()
        self._governor.limit_speed(self._entry.speed)

    def _towards(self, target: Array, target_next: Array) -> FailsafeTrajectory | None:
        """Return the governor's motion towards a target; None if it or its brake leads into self-collision."""
        trajectory = self._governor.propose(target, target_next)
        if not self._is_free(trajectory.states[:, 0]):
            return None
        self._report.clamped += int(trajectory.is_clamped.sum())
        self._report.failsafe_continued += int(trajectory.is_continued.sum())
        return trajectory

    def _towards_rest_at(self, q: Array) -> FailsafeTrajectory | None:
        """Return the motion towards rest at `q` (N,) [rad]; None if the straight path to it is not free."""
        target = np.stack([q, np.zeros_like(q), np.zeros_like(q)])
        return self._towards(target, target) if self.is_straight_path_free(q) else None

    def _is_free(self, path: Array) -> bool:
        return bool(np.isfinite(path).all()) and self._checker.first_collision(path) is None
