"""Positions of all joints, assembled from messages that may each report a part of the robot.

Readings from times after that of a new message are forgotten: the clock was set back since.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.robot.description import JointLimits
from speech_gesture_ros.robot.urdf import UrdfJoint

log = logging.getLogger(__name__)

OUTSIDE_RAD = 0.5  # farther outside its limits no joint is: measurement errors are smaller [rad, m]
MAX_POSITION = 1e4  # of joints without limits [rad, m]
JUMP_RAD = 0.1  # a step of a position that is undone by the next one [rad, m]
MAX_REVERSALS = 5  # in one second


Bounds = tuple[float, float]  # of positions that are accepted [rad, m]
UNLIMITED: Bounds = (-MAX_POSITION, MAX_POSITION)


def position_bounds(joints: Iterable[UrdfJoint]) -> dict[str, Bounds]:
    """Return the bounds of the positions that are accepted of each joint."""
    return {joint.name: UNLIMITED if joint.kind == "continuous" or joint.lower is None or joint.upper is None
            else (joint.lower - OUTSIDE_RAD, joint.upper + OUTSIDE_RAD) for joint in joints}


class _Changes:
    """Times at which a joint jumped and jumped back at once; from turn to turn is no jump of a continuous joint."""

    def __init__(self, *, is_continuous: bool) -> None:
        self._is_continuous = is_continuous
        self._before: tuple[float, float] | None = None  # the two positions received last
        self._reversals_ns: deque[int] = deque(maxlen=MAX_REVERSALS)

    def take(self, position: float, now_ns: int) -> None:
        older, newer = self._before or (position, position)
        first, second = self._way(older, newer), self._way(newer, position)
        if min(abs(first), abs(second)) > JUMP_RAD and first * second < 0:
            self._reversals_ns.append(now_ns)
        self._before = newer, position

    def _way(self, start: float, stop: float) -> float:
        return math.remainder(stop - start, 2 * math.pi) if self._is_continuous else stop - start

    def is_contradictory(self, now_ns: int) -> bool:
        return len(self._reversals_ns) == MAX_REVERSALS and 0 <= now_ns - self._reversals_ns[0] < NS


class JointReadings:
    """Latest position of each joint and the time at which it was received.

    A position far outside the limits of its joint (a unit or a name that is wrong, a broken encoder) counts as not
    received, so that the robot is not engaged there.

    Args:
        joint_names: The N joints of interest; others are ignored.
        limits: Their position limits; None: every position within `MAX_POSITION` is taken.
        continuous: Joints that may have turned any number of times.
    """

    def __init__(self, joint_names: Sequence[str], limits: JointLimits | None = None,
                 continuous: Collection[str] = ()) -> None:
        self._index = {name: i for i, name in enumerate(joint_names)}
        self._q = np.zeros(len(joint_names))
        self._received_ns = np.full(len(joint_names), -1, dtype=np.int64)
        self._low, self._high = np.full((2, len(joint_names)), [[-MAX_POSITION], [MAX_POSITION]])
        if limits is not None:
            is_bounded = np.array([name not in continuous for name in joint_names], dtype=bool)
            self._low = np.where(is_bounded, limits.lower - OUTSIDE_RAD, self._low)
            self._high = np.where(is_bounded, limits.upper + OUTSIDE_RAD, self._high)
        self._not_finite: set[str] = set()
        self._outside: set[str] = set()
        self._changes = {name: _Changes(is_continuous=name in continuous) for name in joint_names}

    def update(self, names: Sequence[str], positions: Sequence[float], now_ns: int) -> None:
        """Take one message; a position that is not finite counts as not received."""
        self._received_ns[self._received_ns > now_ns] = -1
        for name, position in zip(names, positions):
            i = self._index.get(name)
            if i is not None and np.isfinite(position) and not self._low[i] <= position <= self._high[i]:
                if name not in self._outside:
                    log.error("joint %s is at %.6g, must be within %.6g to %.6g: the position is refused; correct the "
                              "unit, the name or the encoder", name, position, self._low[i], self._high[i])
                self._outside.add(name)
            elif i is not None and np.isfinite(position):
                self._changes[name].take(float(position), now_ns)
                self._outside.discard(name)
                self._q[i] = position
                self._received_ns[i] = now_ns
                self._not_finite.discard(name)
            elif i is not None:
                self._not_finite.add(name)

    @property
    def missing(self) -> tuple[str, ...]:
        """Joints that were never received."""
        return tuple(name for name, i in self._index.items() if self._received_ns[i] < 0)

    @property
    def not_finite(self) -> tuple[str, ...]:
        """Joints whose latest position was NaN or infinite."""
        return tuple(sorted(self._not_finite))

    @property
    def outside(self) -> tuple[str, ...]:
        """Joints whose latest position was refused because it is far outside their limits."""
        return tuple(sorted(self._outside))

    def contradictions(self, now_ns: int) -> tuple[str, ...]:
        """Return the joints whose positions jumped forth and back in the last second: two publishers disagree."""
        return tuple(name for name, changes in self._changes.items() if changes.is_contradictory(now_ns))

    def fresh(self, now_ns: int, age_s: float) -> npt.NDArray[np.float64]:
        """Return (N,) positions [rad] received within an age, NaN for the others."""
        return np.where((self._received_ns >= 0) & (now_ns - self._received_ns <= age_s * NS), self._q, np.nan)

    def reading(self) -> tuple[npt.NDArray[np.float64], int] | None:
        """Return (N,) positions [rad] and the time of the oldest [ns]; None until every joint was received."""
        if (self._received_ns < 0).any():
            return None
        return self._q.copy(), int(self._received_ns.min())
