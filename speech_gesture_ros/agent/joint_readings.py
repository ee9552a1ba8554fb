"""Joint states put together: robots tell about arms, head and torso in messages of their own.

Times that lie ahead of a message are of a clock that was set back since: such readings are forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.timebase import NS


class JointReadings:
    """The latest position of each joint and when it was heard.

    Args:
        joint_names: The N joints that matter; others are passed over.
    """

    def __init__(self, joint_names: Sequence[str]) -> None:
        self._index = {name: i for i, name in enumerate(joint_names)}
        self._q = np.zeros(len(joint_names))
        self._heard_ns = np.full(len(joint_names), -1, dtype=np.int64)
        self._absurd: set[str] = set()

    def update(self, names: Sequence[str], positions: Sequence[float], now_ns: int) -> None:
        """Take one message; a position that is not finite counts as not heard."""
        self._heard_ns[self._heard_ns > now_ns] = -1
        for name, position in zip(names, positions):
            i = self._index.get(name)
            if i is not None and np.isfinite(position):
                self._q[i] = position
                self._heard_ns[i] = now_ns
                self._absurd.discard(name)
            elif i is not None:
                self._absurd.add(name)

    @property
    def missing(self) -> tuple[str, ...]:
        """Joints never heard of."""
        return tuple(name for name, i in self._index.items() if self._heard_ns[i] < 0)

    @property
    def absurd(self) -> tuple[str, ...]:
        """Joints whose last position was NaN or infinite."""
        return tuple(sorted(self._absurd))

    def fresh(self, now_ns: int, age_s: float) -> npt.NDArray[np.float64]:
        """(N,) positions [rad] heard within an age, NaN for the others."""
        return np.where((self._heard_ns >= 0) & (now_ns - self._heard_ns <= age_s * NS), self._q, np.nan)

    def reading(self) -> tuple[npt.NDArray[np.float64], int] | None:
        """(N,) positions [rad] and the age of the oldest as a time [ns]; None until every joint was heard."""
        if (self._heard_ns < 0).any():
            return None
        return self._q.copy(), int(self._heard_ns.min())
