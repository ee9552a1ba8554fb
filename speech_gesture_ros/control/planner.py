"""Joint frames in, windows out: what the robot has been promised is never changed, and always ends at rest.

    knot index      now                 newest
    ──────────┬──────┼──────────────────────┼───────────────┬────►
              │ committed: final, in every window           │
              └──────────── window ─────────┴─ brake tail ──┘   the tail is replaced by the next window, in time

Targets are turned into knots when a window is asked for, because only then is it known how far the robot has gone. If
it has run into the tail meanwhile (the input stalled), those tail knots have happened: they are committed, and the
motion goes on from there; targets for knots already committed are late and dropped. `FROZEN_KNOTS` further knots count
as gone, for they may be under way before the new window arrives; `FROZEN_KNOTS_AT_REST` where the robot stands, for
there no window before has motion that would bridge the time.

The robot is entered slowly: from `seed` and from `resume` all joints are slow for half a second, and each joint until
it has met its target once.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.collision_recovery import CollisionRecovery
from speech_gesture_ros.control.governor import FailsafeTrajectory, Governor
from speech_gesture_ros.control.interpolation import KnotTargetStage, TargetChunk
from speech_gesture_ros.control.safety_report import SafetyReport
from speech_gesture_ros.control.self_collision import SelfCollisionChecker
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

FROZEN_KNOTS = 1  # knots beyond now that a new window cannot change any more: 20 ms for transport
FROZEN_KNOTS_AT_REST = 4  # the same while nothing moves
ENTRY_SPEED = 0.5  # [1/s] of a joint that has not met its target yet (play_motion2's approach velocity)
ENTRY_KNOTS = KNOT_RATE // 2  # knots for which all joints are slow (its approach_min_duration)
TARGET_REACHED_RAD = 0.05  # [rad] a joint this close to its target has met it
SIGHT = 12  # configurations looked at on a straight way, and more between them where it is close
MAX_LEAD_IN_KNOTS = KNOT_RATE  # most knots at rest put before the first target, so that the window begins in the past


@dataclass(frozen=True)
class Plan:
    """Consecutive knots that end at rest; `core.window.Window` without a time.

    Attributes:
        start_index: Knot index of the first row.
        positions: (K, N) [rad].
        velocities: (K, N) [rad/s]; the last row is exactly 0.
        brakes: For each committed row, (M, 2, N) positions and velocities from it to rest, as soon as was proven.
    """

    start_index: int
    positions: Array
    velocities: Array
    brakes: tuple[Array, ...] = ()

    def __len__(self) -> int:
        return len(self.positions)


class MotionPlanner:
    """Plans the motion of one robot. Deterministic: the calls decide everything.

    Args:
        description: Limits, and capsules for self-collision.
    """

    def __init__(self, description: RobotDescription) -> None:
        self._limits = description.limits
        self._governor = Governor(description.limits)
        self._inner = self._governor.limits
        bulge = description.limits.velocity - self._inner.velocity  # speed between knots above that at knots
        self._entry_speed = np.maximum(ENTRY_SPEED - bulge, ENTRY_SPEED / 2)
        self._checker = SelfCollisionChecker(description)
        self._targets = KnotTargetStage()
        self._detour = CollisionRecovery(description.clearance_poses)
        self._report = SafetyReport()
        self._is_seeded = False
        self._is_braking = False

    @property
    def latency_s(self) -> float:
        """Delay of the interpolation [s]."""
        return self._targets.latency_s

    @property
    def report(self) -> SafetyReport:
        """Counts since the planner was made, as they are now."""
        return replace(self._report)

    @property
    def newest_index(self) -> int:
        """Newest knot that is committed or has a target; -1 before there is any."""
        return max(self._newest, self._pending[-1].stop_index - 1 if self._pending else -1) if self._is_seeded else -1

    @property
    def is_at_rest(self) -> bool:
        """Whether the newest committed knot is at rest."""
        return not self._is_seeded or self._governor.failsafe.is_at_rest

    def seed(self, q: Array) -> None:
        """Start anew, at rest where the robot stands. Targets and knots before it are forgotten.

        A position beyond a limit is taken as it is: from there the joint only moves inwards, slowly.

        Args:
            q: (N,) measured configuration [rad].

        Raises:
            RobotError: If it is not N finite values.
        """
        q = np.array(q, dtype=np.float64)
        if q.shape != (len(self._limits),) or not np.all(np.isfinite(q)):
            raise RobotError("measured configuration", q.tolist(), f"{len(self._limits)} finite values",
                             "Wait for complete joint states.")
        self._governor.seed(q)
        self._checker.accept_contact(q)
        self._targets.reset()
        self._pending: deque[TargetChunk] = deque()
        self._previous: Array | None = None  # target at the knot before the next pending one
        self._due = -1  # newest knot for which a target would now come late
        self._newest = -1  # committed knot; meaningful once there are rows
        # Of each committed knot up to `_newest` the way to rest promised there: (M, 2, N) positions, velocities.
        self._rows: deque[Array] = deque()
        self._detour.end()
        self._is_seeded, self._is_braking = True, False
        self._enter()

    def push(self, chunk: JointChunk) -> None:
        """Feed consecutive frames (T, N) [rad]; the first after `seed` says where on the stream the motion begins.

        Raises:
            RuntimeError: Before `seed`.
            RobotError: If the frames have the wrong number of joints.
            ValueError: If the chunk does not continue the stream.
        """
        self._require_seed()
        if chunk.values.ndim != 2 or chunk.values.shape[1] != len(self._limits):
            raise RobotError("shape of joint frames", chunk.values.shape, f"(T, {len(self._limits)})",
                             "Use the joints of the description, in its order.")
        # Control points inside the limits make a spline inside the limits; infinity must not become a limit.
        finite = np.where(np.isfinite(chunk.values), chunk.values, np.nan)
        inside = JointChunk(chunk.start_index, np.clip(finite, self._inner.lower, self._inner.upper))
        targets = self._targets.push(inside)
        if len(targets):
            self._pending.append(targets)

    def brake(self) -> None:
        """Stop: from now on targets are dropped and the promise in force, which ends at rest, is followed."""
        self._is_braking = True
        self._detour.end()

    def resume(self) -> None:
        """Follow targets again, slowly at first."""
        if self._is_braking:
            self._is_braking = False
            self._enter()

    def window(self, now_index: float) -> Plan:
        """Plan all that was pushed, and tell the motion from the knot before now to rest.

        Args:
            now_index: The present, as knot index on the stream; -inf or NaN: unknown, nothing has happened yet.

        Raises:
            RuntimeError: Before `seed`.
        """
        self._require_seed()
        now = math.floor(now_index) if math.isfinite(now_index) else None
        if not self._rows:
            self._begin(now)
        if now is not None:
            self._due = math.ceil(now_index) + FROZEN_KNOTS
            at_rest = FROZEN_KNOTS_AT_REST - FROZEN_KNOTS if self._governor.failsafe.is_at_rest else 0
            self._keep_until(max(self._due, min(self._due + at_rest, self.newest_index - 1)))  # not all: it must begin
        while self._pending:
            self._plan(self._pending.popleft())
        if now is not None:
            self._forget_before(now - 1)
        rows = np.concatenate([*(way[:1] for way in self._rows), self._rows[-1][1:]])
        start = self._newest - len(self._rows) + 1
        return Plan(start, rows[:, 0].copy(), rows[:, 1].copy(), tuple(self._rows))

    # -- committing knots ------------------------------------------------------------------------------------------

    def _begin(self, now: int | None) -> None:
        """Put the first knot, at rest, where the targets begin or where the present is."""
        first = self._pending[0].start_index if self._pending else (now or 0)
        lead_in = first - now + 1 if now is not None and 0 <= first - now < MAX_LEAD_IN_KNOTS else 0
        self._newest = first
        promised = self._governor.failsafe.states[:, :2]
        self._rows.extend([*([promised[:1]] * lead_in), promised])

    def _plan(self, targets: TargetChunk) -> None:
        unknown = np.logical_not(np.isfinite(targets.values).all(axis=(1, 2)))
        for index, (target, is_unknown) in enumerate(zip(targets.values, unknown), targets.start_index):
            previous = target if self._previous is None else self._previous
            self._previous = target
            if index <= self._newest:
                is_late = index <= self._due and (index < self._newest or previous is not target)
                self._report.late_targets += int(is_late)
                continue
            self._keep_until(index - 1)
            self._report.non_finite_targets += int(is_unknown)
            self._commit(self._choose(previous, target))

    def _choose(self, previous: Array, target: Array) -> FailsafeTrajectory:
        """Towards the target if that is allowed; else round what is in the way; else as promised."""
        if self._is_braking:
            return self._governor.continue_failsafe()
        if not self._detour.is_on or self._is_in_sight(target[0]):
            promise = self._towards(previous, target)
            if promise is not None:
                self._detour.end()
                self._meet(target[0], promise)
                return promise
        if not self._detour.is_on:
            self._detour.miss(previous[0])
        self._detour.miss(target[0])
        promise = self._detour.go_on(self._towards_still, self._governor.state)
        if promise is None:
            self._report.collision_brakes += 1
            return self._governor.continue_failsafe()
        self._report.recovery_knots += 1
        return promise

    def _towards(self, previous: Array, target: Array) -> FailsafeTrajectory | None:
        """The governor's next promise; None if it leads into the robot itself."""
        promise = self._governor.propose(previous, target)
        if not self._is_clear(promise.states[:, 0]):
            return None
        self._report.clamped += int(promise.is_clamped.sum())
        self._report.failsafe_continued += int(promise.is_continued.sum())
        return promise

    def _towards_still(self, q: Array) -> FailsafeTrajectory | None:
        """Towards a configuration (N,) that stands still; None if it is out of sight."""
        target = np.stack([q, np.zeros_like(q), np.zeros_like(q)])
        return self._towards(target, target) if self._is_in_sight(q) else None

    def _is_in_sight(self, q: Array) -> bool:
        """Whether the straight way from here to `q` (N,) is clear."""
        return self._is_clear(np.linspace(self._governor.state[0], q, SIGHT))

    def _is_clear(self, path: Array) -> bool:
        return bool(np.isfinite(path).all()) and self._checker.first_collision(path) is None

    def _commit(self, promise: FailsafeTrajectory) -> None:
        self._governor.accept(promise)
        self._newest += 1
        self._rows.append(promise.states[:, :2])
        self._report.knots += 1
        if self._checker.is_in_contact:
            self._checker.accept_contact(promise.states[0, 0])

    def _keep_until(self, index: int) -> None:
        """Commit the promise in force up to a knot the robot has passed, however long ago it came to rest."""
        while self._newest < index and not self._governor.failsafe.is_at_rest:
            self._commit(self._governor.continue_failsafe())
        missing = index - self._newest
        if missing > 0:
            self._rows.extend([self._governor.failsafe.states[:1, :2]] * min(missing, MAX_LEAD_IN_KNOTS))
            self._newest = index

    def _forget_before(self, index: int) -> None:
        while len(self._rows) > 1 and self._newest - len(self._rows) + 1 < index:
            self._rows.popleft()

    # -- slow entry ------------------------------------------------------------------------------------------------

    def _enter(self) -> None:
        self._entered = 0  # knots since
        self._has_met = np.zeros(len(self._limits), dtype=bool)
        self._governor.limit_speed(self._entry_speed)

    def _meet(self, target: Array, promise: FailsafeTrajectory) -> None:
        self._entered += 1
        if self._entered < ENTRY_KNOTS or self._has_met.all():
            return
        meets = self._has_met | (np.abs(target - promise.states[0, 0]) < TARGET_REACHED_RAD)
        if np.any(meets != self._has_met):
            self._has_met = meets
            self._governor.limit_speed(np.where(meets, self._limits.velocity, self._entry_speed))

    # -- small things ----------------------------------------------------------------------------------------------

    def _require_seed(self) -> None:
        if not self._is_seeded:
            raise RuntimeError("MotionPlanner does not know where the robot is: call seed() first")
