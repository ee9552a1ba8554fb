"""Joints that belong to our controllers and are not ours: they are told to stay where they were measured."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window


class MeasuredJoints:
    """The latest position of every joint, and a copy that stays as long as windows follow one another.

    Somebody else may move them while we are silent, but while we speak they are held: what is measured of a joint under
    load differs from what it was told, and following it would let it sink.

    Args:
        age_s: Older positions are not believed: nobody knows where the joint is by now [s].
        steady_ns: A clock that is never set.

    Attributes:
        positions: Where to hold each joint that was heard of [rad].
    """

    def __init__(self, age_s: float = 0.5, steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._age_s, self._steady_ns = age_s, steady_ns
        self._latest: dict[str, tuple[float, int]] = {}
        self.positions: Mapping[str, float] = {}
        self._end_ns = 0

    def update(self, names: Sequence[str], positions: Sequence[float]) -> None:
        """Take joint states; a position that is not finite counts as not heard."""
        now_ns = self._steady_ns()
        self._latest.update({n: (float(p), now_ns) for n, p in zip(names, positions) if math.isfinite(p)})

    def follow(self, window: Window) -> None:
        """Take the window that is sent next: the first after a pause begins from what was measured last."""
        if window.stamp_ns > self._end_ns or not self.positions:
            self.positions = {name: position for name, (position, _) in self._latest.items()}
        self._end_ns = end_ns(window) + NS // 10

    def latest(self, names: Sequence[str]) -> npt.NDArray[np.float64] | None:
        """(N,) positions measured last [rad]; None while one of them is not known."""
        if not all(self._is_known(name) for name in names):
            return None
        return np.array([self._latest[name][0] for name in names])

    def missing(self, names: Sequence[str]) -> str:
        """Says of which joints nothing was heard lately; "" if none."""
        lost = [name for name in names if not self._is_known(name)]
        return (f"no position for {self._age_s:g} s of {', '.join(lost)}, which the controller has too" if lost else "")

    def _is_known(self, name: str) -> bool:
        return name in self._latest and self._steady_ns() - self._latest[name][1] <= self._age_s * NS
