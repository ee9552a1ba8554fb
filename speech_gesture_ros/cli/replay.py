"""The judge: what the recorded messages made a robot do, by the rules of its controllers, and whether it was allowed.

Independent of what any node says of itself: the messages are given once more to a joint_trajectory_controller each,
at the times they were recorded; its command is sampled, and limits and self-contact are looked at there, and at the
measured joint states.

Between windows the clock of the stream may be slewed (`core.timebase.MAX_SLEW`), which moves knots by microseconds;
acceleration and jerk are therefore means over one knot (20 ms), and `SLACK` covers what is left.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.cli.recording import Command, Recording
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.robot.description import JointLimits, RobotDescription
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController

Array = npt.NDArray[np.float64]

CYCLE_HZ = 250  # how often commands are sampled
SLACK = {"position": 1e-6, "velocity": 1e-3, "acceleration": 0.05, "jerk": 0.10}  # relative to the limit (its range)
MEASURED_SLACK = {"position": 0.01, "velocity": 0.05}  # a servo follows, it does not copy


@dataclass(frozen=True)
class Violations:
    """How often a limit was exceeded (joint-samples), and the largest share of the limit that was used."""

    position: int = 0
    velocity: int = 0
    acceleration: int = 0
    jerk: int = 0
    largest_use: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All together."""
        return self.position + self.velocity + self.acceleration + self.jerk


@dataclass(frozen=True)
class Judgement:
    """What was found.

    Attributes:
        commanded: Limits in the commands.
        measured: Position and velocity limits in the joint states.
        rejected: Reasons of rejection, one a message.
        self_collisions: Samples of the measured motion in which links touched.
        colliding_links: Which.
        tracking_error_rad: 99th percentile of |measured - commanded|.
        command_times_ns: (T,) sampling times [ns].
        command_q: (T, N) commands [rad].
    """

    commanded: Violations
    measured: Violations
    rejected: tuple[str, ...]
    self_collisions: int
    colliding_links: tuple[str, ...]
    tracking_error_rad: float
    command_times_ns: npt.NDArray[np.int64]
    command_q: Array

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        return {
            "limit_violations": self.commanded.total + self.measured.total,
            "commanded": asdict(self.commanded), "measured": asdict(self.measured),
            "rejected_trajectories": len(self.rejected), "rejections": sorted(set(self.rejected)),
            "self_collisions": self.self_collisions, "colliding_links": list(self.colliding_links),
            "tracking_error_p99_rad": self.tracking_error_rad,
        }


def judge(recording: Recording, description: RobotDescription, robot: Any) -> Judgement:
    """Replay and judge a recording.

    Args:
        recording: What went over the wire.
        description: Limits and groups.
        robot: `simulators.MujocoRobot` of the same description, for self-contact.
    """
    times_ns, q, dq, rejected = replay(recording, description)
    contacts = [robot.self_contacts(row) for row in recording.q]
    touching = sorted({" - ".join(pair) for pairs in contacts for pair in pairs})
    commanded_then = _resample(times_ns, q, recording.joint_times_ns)
    during = (recording.joint_times_ns >= times_ns[0]) if len(times_ns) else np.zeros(0, dtype=bool)
    error = np.abs(recording.q - commanded_then)[during]
    return Judgement(
        commanded=check_commands(q, dq, description.limits),
        measured=_check(MEASURED_SLACK, {"position": recording.q, "velocity": recording.dq}, description.limits),
        rejected=tuple(rejected), self_collisions=sum(bool(pairs) for pairs in contacts),
        colliding_links=tuple(touching),
        tracking_error_rad=float(np.percentile(error, 99)) if error.size else float("nan"),
        command_times_ns=times_ns, command_q=q,
    )


def replay(recording: Recording, description: RobotDescription
           ) -> tuple[npt.NDArray[np.int64], Array, Array, list[str]]:
    """Commands of all controllers, sampled at `CYCLE_HZ` from the first message on.

    Returns:
        Times (T,) [ns], positions (T, N), velocities (T, N), and the reasons of rejections.
    """
    if not recording.commands:
        return np.zeros(0, dtype=np.int64), *np.zeros((2, 0, len(description.joint_names))), []
    begin_ns, end_ns = recording.commands[0].received_ns, _last_ns(recording.commands)
    times_ns = np.arange(begin_ns, end_ns, NS // CYCLE_HZ, dtype=np.int64)
    q, dq = np.zeros((2, len(times_ns), len(description.joint_names)))
    start = _resample(recording.joint_times_ns, recording.q, times_ns[:1])[0]
    rejected: list[str] = []
    for group, names in description.groups.items():
        columns = description.indices(names)
        controller = JointTrajectoryController(names, start=start[columns])
        waiting = [c for c in recording.commands if group == c.group or names == c.trajectory.joint_names][::-1]
        for k, now_ns in enumerate(times_ns.tolist()):
            while waiting and waiting[-1].received_ns <= now_ns:
                command = waiting.pop()
                if reason := controller.accept(command.trajectory, command.received_ns):
                    rejected.append(f"{group}: {reason}")
            q[k, columns], dq[k, columns] = controller.sample(now_ns)
    return times_ns, q, dq, rejected


def check_commands(q: Array, dq: Array, limits: JointLimits) -> Violations:
    """Limits in commands sampled at `CYCLE_HZ`: (T, N) positions and velocities."""
    knot = CYCLE_HZ // KNOT_RATE
    acceleration = (dq[knot:] - dq[:-knot]) * KNOT_RATE
    jerk = (acceleration[knot:] - acceleration[:-knot]) * KNOT_RATE
    return _check(SLACK, {"position": q, "velocity": dq, "acceleration": acceleration, "jerk": jerk}, limits)


def _check(slack: dict[str, float], values: dict[str, Array], limits: JointLimits) -> Violations:
    middle, half = (limits.upper + limits.lower) / 2, (limits.upper - limits.lower) / 2
    counts, use = {}, {}
    for kind, rows in values.items():
        share = np.abs(rows - middle) / half if kind == "position" else np.abs(rows) / getattr(limits, kind)
        counts[kind] = int(np.sum(share > 1.0 + slack[kind]))
        use[kind] = float(share.max(initial=0.0))
    return Violations(**counts, largest_use=use)


def _last_ns(commands: tuple[Command, ...]) -> int:
    """When the last window ends [ns]."""
    last = commands[-1]
    return last.trajectory.stamp_ns + max((p.time_from_start_ns for p in last.trajectory.points), default=0)


def _resample(times_ns: npt.NDArray[np.int64], rows: Array, wanted_ns: npt.NDArray[np.int64]) -> Array:
    """Rows at other times, linear between, held beyond the ends; (T, N) to (W, N)."""
    if not len(times_ns):
        return np.zeros((len(wanted_ns), rows.shape[1]))
    base = times_ns[0]
    return np.stack([np.interp(wanted_ns - base, times_ns - base, column) for column in rows.T], axis=1)
