"""Whether the robot goes where it is told: measured positions against what was commanded lately.

    position │        ╭───── commanded
             │   ╭╌╌╌╌│╌╌╌╌╌╌ tolerance
             │   │  ╭─╯  ╭─── measured: anywhere a command was within the last LAG_S is right
             └───┴──┴────┴──► time

Servos trail, each robot's by its own time; a joint is in error only where no command of the last half second was, or
where it stays while commands go to and fro about it. Then it is held, blocked, switched off, or not listening to us.
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

LAG_S = 0.5  # how far servos may trail
PATIENCE_S = 0.3  # how long a joint may be off
STUCK_S = 1.0  # how long a joint is watched that might be stuck
STUCK = 0.1  # share of the way commanded that even a weak servo makes
SHARE = 0.5  # most of a joint's range that the tolerance may be: short joints are held to less


@dataclass(frozen=True)
class Deviation:
    """A joint that is not where it was told to be.

    Attributes:
        joint: Its index.
        error: How far it is from what was commanded lately [rad].
    """

    joint: int
    error: float


class TrackingMonitor:
    """Remembers what was commanded and judges what is measured.

    Args:
        limits: Position limits of the robot.
        tolerance: Largest error [rad, m]; 0 tolerates everything.
    """

    def __init__(self, limits: JointLimits, tolerance: float) -> None:
        self._tolerance = np.minimum(tolerance, SHARE * (limits.upper - limits.lower))
        self._is_off = tolerance <= 0
        self.reset(np.zeros(len(limits)))

    def reset(self, q: Array) -> None:
        """Begin anew: until told otherwise the robot is to stand at (N,) [rad]."""
        self._times_ns = np.zeros(1, dtype=np.int64)
        self._commands = np.array(q, dtype=np.float64)[None]
        self._since_ns: int | None = None
        self._measured: deque[tuple[int, Array]] = deque()  # of the last `STUCK_S`

    def record(self, window: Window) -> None:
        """Take a window that was published: from its beginning on it replaces what was commanded before."""
        kept = max(1, int(np.searchsorted(self._times_ns, window.stamp_ns)))
        first = max(0, int(np.searchsorted(self._times_ns, window.stamp_ns - int(STUCK_S * NS), "right")) - 1)
        rows = np.arange(len(window), dtype=np.int64)
        times_ns = window.stamp_ns + rows * index_to_ns(1, KNOT_RATE)
        self._times_ns = np.concatenate([self._times_ns[min(first, kept - 1):kept], times_ns])
        self._commands = np.concatenate([self._commands[min(first, kept - 1):kept], window.positions])

    def compare(self, commanded: Array, q: Array) -> Deviation | None:
        """The joint that is farthest from where it is held, (N,) both, if that is not where it is."""
        error = np.abs(commanded - q)
        over = error - self._tolerance
        worst = int(np.argmax(over))
        return None if self._is_off or over[worst] <= 0 else Deviation(worst, float(error[worst]))

    def check(self, q: Array, now_ns: int) -> Deviation | None:
        """Judge a measurement (N,) [rad]; returns the worst joint once it has been off for too long."""
        if self._is_off:
            return None
        stuck = self._stuck(q, now_ns)
        if stuck is not None:
            return stuck
        recent = self._since(now_ns - int(LAG_S * NS), now_ns)
        excess = np.maximum(recent.min(axis=0) - q, q - recent.max(axis=0))
        over = excess - self._tolerance
        if not np.any(over > 0):
            self._since_ns = None
            return None
        if self._since_ns is None or now_ns < self._since_ns:
            self._since_ns = now_ns
        if now_ns - self._since_ns < PATIENCE_S * NS:
            return None
        worst = int(np.argmax(over))
        return Deviation(worst, float(excess[worst]))

    def _since(self, begin_ns: int, end_ns: int) -> Array:
        """Commands of a time, and those on either side of it."""
        first = max(0, int(np.searchsorted(self._times_ns, begin_ns, "right")) - 1)
        last = min(len(self._times_ns), int(np.searchsorted(self._times_ns, end_ns)) + 1)
        return self._commands[min(first, last - 1):last]

    def _stuck(self, q: Array, now_ns: int) -> Deviation | None:
        """A joint that stands while it is commanded to and fro."""
        self._measured.append((now_ns, q))
        while now_ns - self._measured[0][0] > STUCK_S * NS:
            self._measured.popleft()
        begin_ns = self._measured[0][0]
        if now_ns - begin_ns < 0.9 * STUCK_S * NS:
            return None
        commands = self._since(begin_ns, now_ns)
        way, made = np.ptp(commands, axis=0), np.ptp([q for _, q in self._measured], axis=0)
        is_stuck = (way > 2 * self._tolerance) & (made < STUCK * way)
        if not is_stuck.any():
            return None
        worst = int(np.argmax(np.where(is_stuck, way, 0.0)))
        return Deviation(worst, float(np.abs(commands[:, worst] - q[worst]).max()))
