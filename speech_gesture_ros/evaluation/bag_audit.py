"""Audit of a recorded run: recorded trajectory messages replayed through simulated controllers, and limits checked.

Independent of the diagnostics of any node: each message is given to a joint_trajectory_controller at the time at which
it was recorded; limits are checked in the command of the controllers and in the measured joint states, self-contact in
the joint states. Positions of a continuous joint are taken as the equal angles nearest to the middle of its limits:
a whole turn is no violation.

Between windows the clock of the stream may be slewed (`core.timebase.MAX_SLEW`), which moves knots by microseconds;
acceleration and jerk are therefore means over one knot interval (20 ms), and `TOLERANCE` covers the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.whole_turns import WholeTurns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.evaluation.bag_alignment import interpolate
from speech_gesture_ros.evaluation.bag_recording import BagRecording, RecordedTrajectory
from speech_gesture_ros.evaluation.limit_violations import LimitViolations, count_violations, window_derivatives
from speech_gesture_ros.robot.description import JointLimits, RobotDescription
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController

Array = npt.NDArray[np.float64]

CYCLE_RATE = 250  # at which commands are sampled [Hz]
# Excess that does not count, relative to the limit (position: to half the range).
TOLERANCE = {"position": 1e-6, "velocity": 1e-3, "acceleration": 0.05, "jerk": 0.10}
MEASURED_TOLERANCE = {"position": 0.01, "velocity": 0.05}  # of a servo that follows the command


@dataclass(frozen=True)
class BagAudit:
    """Faults found in one recorded run.

    Attributes:
        commanded: Commands beyond joint limits.
        measured: Joint states beyond position and velocity limits.
        rejected: Reasons of rejection, one for each rejected message.
        self_collisions: Joint states in which links touch.
        colliding_links: Names of the pairs.
        tracking_error_rad: 99th percentile of |measured - commanded|.
    """

    commanded: LimitViolations
    measured: LimitViolations
    rejected: tuple[str, ...]
    self_collisions: int
    colliding_links: tuple[str, ...]
    tracking_error_rad: float

    def as_dict(self) -> dict[str, Any]:
        """Counts for a report."""
        return {
            "limit_violations": self.commanded.total + self.measured.total,
            "commanded": _as_dict(self.commanded), "measured": _as_dict(self.measured),
            "rejected_trajectories": len(self.rejected), "rejections": sorted(set(self.rejected)),
            "self_collisions": self.self_collisions, "colliding_links": list(self.colliding_links),
            "tracking_error_p99_rad": self.tracking_error_rad,
        }


def audit_recording(recording: BagRecording, description: RobotDescription, robot: Any) -> BagAudit:
    """Replay and check a recording.

    Args:
        recording: Messages of the run.
        description: Limits and groups.
        robot: `simulators.MujocoRobot` of the same description, for self-contact.
    """
    times_ns, q, dq, rejected = replay(recording, description)
    contacts = [robot.self_contacts(row) for row in recording.q]
    touching = sorted({" - ".join(pair) for pairs in contacts for pair in pairs})
    commanded_then = _interpolate(times_ns, q, recording.joint_times_ns)
    during = (recording.joint_times_ns >= times_ns[0]) if len(times_ns) else np.zeros(0, dtype=bool)
    turns, limits = WholeTurns(description), description.limits
    error = np.abs(turns.near(recording.q, commanded_then) - commanded_then)[during]
    middle = 0.5 * (limits.lower + limits.upper)
    return BagAudit(
        commanded=check_commands(turns.near(q, middle), dq, limits),
        measured=count_violations({"position": turns.near(recording.q, middle), "velocity": recording.dq}, limits,
                                  MEASURED_TOLERANCE),
        rejected=tuple(rejected), self_collisions=sum(bool(pairs) for pairs in contacts),
        colliding_links=tuple(touching),
        tracking_error_rad=float(np.percentile(error, 99)) if error.size else float("nan"),
    )


def replay(recording: BagRecording, description: RobotDescription
           ) -> tuple[npt.NDArray[np.int64], Array, Array, list[str]]:
    """Commands of all controllers, sampled at `CYCLE_RATE` from the first message on.

    Returns:
        Times (T,) [ns], positions (T, N), velocities (T, N), and the reasons of rejections.
    """
    if not recording.trajectories:
        return np.zeros(0, dtype=np.int64), *np.zeros((2, 0, len(description.joint_names))), []
    begin_ns, end_ns = recording.trajectories[0].received_ns, _end_ns(recording.trajectories[-1])
    times_ns = np.arange(begin_ns, end_ns, NS // CYCLE_RATE, dtype=np.int64)
    q, dq = np.zeros((2, len(times_ns), len(description.joint_names)))
    start = _interpolate(recording.joint_times_ns, recording.q, times_ns[:1])[0]
    rejected: list[str] = []
    for group, names in description.groups.items():
        columns = description.indices(names)
        controller = JointTrajectoryController(names, start=start[columns])
        waiting = [t for t in recording.trajectories if group == t.group or names == t.trajectory.joint_names][::-1]
        for k, now_ns in enumerate(times_ns.tolist()):
            while waiting and waiting[-1].received_ns <= now_ns:
                message = waiting.pop()
                if reason := controller.accept(message.trajectory, message.received_ns):
                    rejected.append(f"{group}: {reason}")
            q[k, columns], dq[k, columns] = controller.sample(now_ns)
    return times_ns, q, dq, rejected


def check_commands(q: Array, dq: Array, limits: JointLimits) -> LimitViolations:
    """Limit violations of commands sampled at `CYCLE_RATE`: (T, N) positions [rad] and velocities [rad/s]."""
    return count_violations(window_derivatives(q, dq, CYCLE_RATE // KNOT_RATE, KNOT_RATE), limits, TOLERANCE)


def _as_dict(violations: LimitViolations) -> dict[str, Any]:
    return {**violations.counts, "largest_use": violations.largest_use}


def _end_ns(message: RecordedTrajectory) -> int:
    """Time at which a window ends [ns]."""
    return message.trajectory.stamp_ns + max((p.time_from_start_ns for p in message.trajectory.points), default=0)


def _interpolate(times_ns: npt.NDArray[np.int64], rows: Array, wanted_ns: npt.NDArray[np.int64]) -> Array:
    """Rows at other times; zeros if there are no rows."""
    return interpolate(times_ns, rows, wanted_ns) if len(times_ns) else np.zeros((len(wanted_ns), rows.shape[1]))
