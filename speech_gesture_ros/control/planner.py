"""Motion planner: joint frames in, plans out; frozen knots never change, and every plan ends at rest.

    knot index      now                 newest
    ──────────┬──────┼──────────────────────┼───────────────┬────►
              │ committed: the same in every later plan     │
              └──────────── plan ───────────┴─ brake tail ──┘   the next plan replaces the tail before it begins

Knots are computed from targets when a plan is requested, because only then the present is known. If the present has
entered the tail (the input stalled), those knots of the tail were executed: they are committed, and motion continues
from there; targets of committed knots are late and dropped. `FROZEN_KNOTS` more knots count as executed, because they
may be before the new window arrives; `FROZEN_KNOTS_AT_REST` where the robot rests, because there no earlier window
covers the transport time with motion.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.governor import FailsafeTrajectory
from speech_gesture_ros.control.interpolation import KnotTargetStage, TargetChunk
from speech_gesture_ros.control.motion_selector import MotionSelector
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.safety_report import SafetyReport
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

FROZEN_KNOTS = 1  # knots after now that a new window cannot change any more: 20 ms of transport
FROZEN_KNOTS_AT_REST = 4  # the same while the robot rests
MAX_LEAD_IN_KNOTS = KNOT_RATE  # most knots at rest put before the first target, so that the window begins in the past


class MotionPlanner:
    """Planner of one robot's motion. Deterministic: its results depend on the calls only.

    Args:
        description: Limits, capsules for self-collision, and clearance poses.
        smooth_targets: Whether targets are smoothed over three frames, with 40 ms more latency.
    """

    def __init__(self, description: RobotDescription, smooth_targets: bool = True) -> None:
        self._num_joints = len(description.limits)
        self._report = SafetyReport()
        self._selector = MotionSelector(description, self._report)
        self._targets = KnotTargetStage(smooth_targets)
        self._is_seeded = False

    @property
    def latency_s(self) -> float:
        """Delay of the interpolation [s]."""
        return self._targets.latency_s

    @property
    def report(self) -> SafetyReport:
        """Copy of the counts since the planner was made."""
        return replace(self._report)

    @property
    def newest_index(self) -> int:
        """Newest knot that is committed or has a target; -1 before there is one."""
        if not self._is_seeded:
            return -1
        return max([self._newest, *(targets.stop_index - 1 for targets in self._pending)])

    @property
    def is_at_rest(self) -> bool:
        """True if the newest committed knot is at rest."""
        return not self._is_seeded or self._selector.failsafe.is_at_rest

    def seed(self, q: Array) -> None:
        """Begin at rest at the measured configuration; earlier targets and knots are forgotten.

        A position beyond a limit is kept: from there the joint moves inwards only, slowly.

        Args:
            q: (N,) measured configuration [rad].

        Raises:
            RobotError: If it is not N finite values.
        """
        q = np.array(q, dtype=np.float64)
        if q.shape != (self._num_joints,) or not np.all(np.isfinite(q)):
            raise RobotError("measured configuration", q.tolist(), f"{self._num_joints} finite values",
                             "Wait for complete joint states.")
        self._selector.seed(q)
        self._targets.reset()
        self._pending: deque[TargetChunk] = deque()
        self._previous: Array | None = None  # target at the knot before the next pending one
        self._newest_frozen = -1  # newest knot for which a target comes too late
        self._newest = -1  # newest committed knot; undefined until there are rows
        # Failsafe trajectory of each committed knot up to `_newest`: (M, 2, N) positions, velocities.
        self._rows: deque[Array] = deque()
        self._is_seeded = True

    def push(self, chunk: JointChunk) -> None:
        """Take consecutive frames (T, N) [rad]; the index of the first after `seed` is where the motion begins.

        Raises:
            RuntimeError: Before `seed`.
            RobotError: If the frames have the wrong number of joints.
            ValueError: If the chunk does not continue the stream.
        """
        self._require_seed()
        if chunk.values.ndim != 2 or chunk.values.shape[1] != self._num_joints:
            raise RobotError("shape of joint frames", chunk.values.shape, f"(T, {self._num_joints})",
                             "Use the joints of the description, in its order.")
        # Control points inside the limits give a spline inside the limits; infinity must not be clipped to a limit.
        finite = np.where(np.isfinite(chunk.values), chunk.values, np.nan)
        limits = self._selector.limits
        targets = self._targets.push(JointChunk(chunk.start_index, np.clip(finite, limits.lower, limits.upper)))
        if len(targets):
            self._pending.append(targets)

    def brake(self) -> None:
        """Stop: from now on follow the failsafe trajectory to rest and drop targets."""
        self._selector.brake()

    def resume(self) -> None:
        """Follow targets again, with slow entry."""
        self._selector.resume()

    def plan(self, now_index: float) -> Plan:
        """Return the plan for all frames pushed so far, from the knot before now to rest.

        Args:
            now_index: Present, as knot index on the stream; -inf or NaN: unknown, no knot was executed yet.

        Raises:
            RuntimeError: Before `seed`.
        """
        self._require_seed()
        now = math.floor(now_index) if math.isfinite(now_index) else None
        if not self._rows:
            self._commit_first(now)
        if now is not None:
            self._newest_frozen = math.ceil(now_index) + FROZEN_KNOTS
            at_rest = FROZEN_KNOTS_AT_REST - FROZEN_KNOTS if self._selector.failsafe.is_at_rest else 0
            # At rest, one target stays unfrozen, so that motion can begin.
            self._commit_until(max(self._newest_frozen, min(self._newest_frozen + at_rest, self.newest_index - 1)))
        while self._pending:
            self._commit_targets(self._pending.popleft())
        if now is not None:
            self._forget_before(now - 1)
        rows = np.concatenate([*(failsafe[:1] for failsafe in self._rows), self._rows[-1][1:]])
        start = self._newest - len(self._rows) + 1
        return Plan(start, rows[:, 0].copy(), rows[:, 1].copy(), tuple(self._rows))

    # -- committing knots ------------------------------------------------------------------------------------------

    def _commit_first(self, now: int | None) -> None:
        """Commit the first knot, at rest, where the targets begin or at the present, with a lead-in of rest."""
        first = self._pending[0].start_index if self._pending else (now or 0)
        is_ahead = now is not None and 0 <= first - now < MAX_LEAD_IN_KNOTS
        lead_in = MAX_LEAD_IN_KNOTS if is_ahead else 0  # what is before the present is forgotten at once
        self._newest = first
        failsafe = self._selector.failsafe.states[:, :2]
        self._rows.extend([*([failsafe[:1]] * lead_in), failsafe])

    def _commit_targets(self, targets: TargetChunk) -> None:
        is_unknown = np.logical_not(np.isfinite(targets.values).all(axis=(1, 2)))
        for index, (target, target_is_unknown) in enumerate(zip(targets.values, is_unknown), targets.start_index):
            previous = target if self._previous is None else self._previous
            self._previous = target
            if index <= self._newest:
                is_late = index <= self._newest_frozen and (index < self._newest or previous is not target)
                self._report.late_targets += int(is_late)
                continue
            self._commit_until(index - 1)
            self._report.non_finite_targets += int(target_is_unknown)
            self._commit(self._selector.select(previous, target))

    def _commit_until(self, index: int) -> None:
        """Commit the failsafe trajectory up to a knot; beyond its end, rest."""
        while self._newest < index and not self._selector.failsafe.is_at_rest:
            self._commit(self._selector.continue_failsafe())
        missing = index - self._newest
        if missing > 0:
            self._rows.extend([self._selector.failsafe.states[:, :2]] * min(missing, MAX_LEAD_IN_KNOTS))
            self._newest = index

    def _commit(self, failsafe: FailsafeTrajectory) -> None:
        self._selector.advance(failsafe)
        self._newest += 1
        self._rows.append(failsafe.states[:, :2])
        self._report.knots += 1

    def _forget_before(self, index: int) -> None:
        while len(self._rows) > 1 and self._newest - len(self._rows) + 1 < index:
            self._rows.popleft()

    def _require_seed(self) -> None:
        if not self._is_seeded:
            raise RuntimeError("MotionPlanner has no measured configuration: call seed() first")
