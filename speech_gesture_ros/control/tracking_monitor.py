"""Tracking monitor: measured positions compared with recent commands.

    position │        ╭───── commanded
             │   ╭╌╌╌╌│╌╌╌╌╌╌ tolerance
             │   │  ╭─╯  ╭─── measured: correct if between the commands of the last LAG_S
             └───┴──┴────┴──► time

Servos lag, by a time that differs between robots. A joint has a tracking error only if it is outside the range of the
commands of the last half second, or if it does not move while its commands move around it. Then it is blocked, switched
off, or its controller does not execute the commands.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

LAG_S = 0.5  # longest lag of a servo
ERROR_TIME_S = 0.3  # an error that lasts shorter is ignored
STUCK_TIME_S = 1.0  # time over which the ranges of motion and of commands are compared
STUCK_SHARE = 0.1  # share of the commanded range below which a joint is stuck; even weak servos make more
MAX_TOLERANCE_SHARE = 0.5  # largest tolerance, as share of a joint's range


@dataclass(frozen=True)
class Deviation:
    """Joint with a tracking error beyond the tolerance.

    Attributes:
        joint: Its index.
        error: Distance from the recent commands [rad].
    """

    joint: int
    error: float


class TrackingMonitor:
    """Record of recent commands, and check of measured positions against them.

    Args:
        limits: Position limits of the robot.
        tolerance: Largest tracking error [rad, m]; 0: no check.
    """

    def __init__(self, limits: JointLimits, tolerance: float) -> None:
        self._tolerance = np.minimum(tolerance, MAX_TOLERANCE_SHARE * (limits.upper - limits.lower))
        self._is_off = tolerance <= 0
        self.reset(np.zeros(len(limits)))

    def reset(self, q: Array) -> None:
        """Forget all commands; until a window is recorded the command is rest at `q` (N,) [rad]."""
        self._times_ns = np.zeros(1, dtype=np.int64)
        self._commands = np.array(q, dtype=np.float64)[None]
        self._error_since_ns: int | None = None
        self._measured: deque[tuple[int, Array]] = deque()  # of the last `STUCK_TIME_S`

    def record(self, window: Window) -> None:
        """Record a published window; from its first knot on it replaces earlier commands."""
        kept = max(1, int(np.searchsorted(self._times_ns, window.stamp_ns)))
        first = max(0, int(np.searchsorted(self._times_ns, window.stamp_ns - int(STUCK_TIME_S * NS), "right")) - 1)
        rows = np.arange(len(window), dtype=np.int64)
        times_ns = window.stamp_ns + rows * index_to_ns(1, KNOT_RATE)
        self._times_ns = np.concatenate([self._times_ns[min(first, kept - 1):kept], times_ns])
        self._commands = np.concatenate([self._commands[min(first, kept - 1):kept], window.positions])

    def commanded(self, now_ns: int) -> tuple[Array, Array]:
        """Return position (N,) [rad] and velocity (N,) [rad/s] commanded for a time [ns]; rest outside of windows."""
        after = int(np.searchsorted(self._times_ns, now_ns, "right"))
        if not 0 < after < len(self._times_ns):
            q = self._commands[0 if after == 0 else -1]
            return q, np.zeros_like(q)
        (begin_ns, end_ns), (first, second) = self._times_ns[after - 1:after + 1], self._commands[after - 1:after + 1]
        velocity = (second - first) * NS / (end_ns - begin_ns)
        return first + velocity * (now_ns - begin_ns) / NS, velocity

    def compare(self, commanded: Array, q: Array) -> Deviation | None:
        """Return the joint with the largest error between (N,) `commanded` and `q` [rad]; None if within tolerance."""
        error = np.abs(commanded - q)
        over = error - self._tolerance
        worst = int(np.argmax(over))
        return None if self._is_off or over[worst] <= 0 else Deviation(worst, float(error[worst]))

    def check(self, q: Array, now_ns: int) -> Deviation | None:
        """Check a measurement (N,) [rad] at `now_ns`; return the joint with the largest lasting error, None without."""
        if self._is_off:
            return None
        stuck = self._stuck_joint(q, now_ns)
        if stuck is not None:
            return stuck
        recent = self._commands_between(now_ns - int(LAG_S * NS), now_ns)
        excess = np.maximum(recent.min(axis=0) - q, q - recent.max(axis=0))
        over = excess - self._tolerance
        if not np.any(over > 0):
            self._error_since_ns = None
            return None
        if self._error_since_ns is None or now_ns < self._error_since_ns:
            self._error_since_ns = now_ns
        if now_ns - self._error_since_ns < ERROR_TIME_S * NS:
            return None
        worst = int(np.argmax(over))
        return Deviation(worst, float(excess[worst]))

    def _commands_between(self, begin_ns: int, end_ns: int) -> Array:
        """Return the commands (K, N) of a period, with the one before and the one after it."""
        first = max(0, int(np.searchsorted(self._times_ns, begin_ns, "right")) - 1)
        last = min(len(self._times_ns), int(np.searchsorted(self._times_ns, end_ns)) + 1)
        return self._commands[min(first, last - 1):last]

    def _stuck_joint(self, q: Array, now_ns: int) -> Deviation | None:
        """Return a joint that does not move although its commands do."""
        self._measured.append((now_ns, q))
        while now_ns - self._measured[0][0] > STUCK_TIME_S * NS:
            self._measured.popleft()
        begin_ns = self._measured[0][0]
        if now_ns - begin_ns < 0.9 * STUCK_TIME_S * NS:
            return None
        commands = self._commands_between(begin_ns, now_ns)
        commanded_range, range_moved = np.ptp(commands, axis=0), np.ptp([q for _, q in self._measured], axis=0)
        is_stuck = (commanded_range > 2 * self._tolerance) & (range_moved < STUCK_SHARE * commanded_range)
        if not is_stuck.any():
            return None
        worst = int(np.argmax(np.where(is_stuck, commanded_range, 0.0)))
        return Deviation(worst, float(np.abs(commands[:, worst] - q[worst]).max()))
