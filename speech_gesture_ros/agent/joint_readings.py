"""Positions of all joints, assembled from messages that may each report a part of the robot.

Readings from times after that of a new message are forgotten: the clock was set back since.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.timebase import NS


class JointReadings:
    """Latest position of each joint and the time at which it was received.

    Args:
        joint_names: The N joints of interest; others are ignored.
    """

    def __init__(self, joint_names: Sequence[str]) -> None:
        self._index = {name: i for i, name in enumerate(joint_names)}
        self._q = np.zeros(len(joint_names))
        self._received_ns = np.full(len(joint_names), -1, dtype=np.int64)
        self._not_finite: set[str] = set()

    def update(self, names: Sequence[str], positions: Sequence[float], now_ns: int) -> None:
        """Take one message; a position that is not finite counts as not received."""
        self._received_ns[self._received_ns > now_ns] = -1
        for name, position in zip(names, positions):
            i = self._index.get(name)
            if i is not None and np.isfinite(position):
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

    def fresh(self, now_ns: int, age_s: float) -> npt.NDArray[np.float64]:
        """Return (N,) positions [rad] received within an age, NaN for the others."""
        return np.where((self._received_ns >= 0) & (now_ns - self._received_ns <= age_s * NS), self._q, np.nan)

    def reading(self) -> tuple[npt.NDArray[np.float64], int] | None:
        """Return (N,) positions [rad] and the time of the oldest [ns]; None until every joint was received."""
        if (self._received_ns < 0).any():
            return None
        return self._q.copy(), int(self._received_ns.min())
