"""Joints that belong to our controllers and are not ours: they are told to stay where they were measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window


class MeasuredJoints:
    """The latest position of every joint, and a copy that stays as long as windows follow one another.

    Somebody else may move them while we are silent, but while we speak they are held: what is measured of a joint under
    load differs from what it was told, and following it would let it sink.

    Attributes:
        positions: Where to hold each joint that was heard of [rad].
    """

    def __init__(self) -> None:
        self._latest: dict[str, float] = {}
        self.positions: Mapping[str, float] = {}
        self._end_ns = 0

    def update(self, names: Sequence[str], positions: Sequence[float]) -> None:
        """Take joint states; a position that is not finite counts as not heard."""
        self._latest.update({n: float(p) for n, p in zip(names, positions) if math.isfinite(p)})

    def follow(self, window: Window) -> None:
        """Take the window that is sent next: the first after a pause begins from what was measured last."""
        if window.stamp_ns > self._end_ns or not self.positions:
            self.positions = dict(self._latest)
        self._end_ns = end_ns(window) + NS // 10

    def latest(self, names: Sequence[str]) -> npt.NDArray[np.float64] | None:
        """(N,) positions measured last [rad]; None until every joint was."""
        if not all(name in self._latest for name in names):
            return None
        return np.array([self._latest[name] for name in names])

    def missing(self, names: Sequence[str]) -> str:
        """Says which joints were never heard of; "" if none."""
        lost = [name for name in names if name not in self._latest]
        return f"no position yet of {', '.join(lost)}, which the controller has too" if lost else ""
