"""Measured joint positions, and where joints are held that a controller has but gestures do not move."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.joint_readings import UNLIMITED, Bounds
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

CONTINUATION_NS = NS // 10  # a window that begins no later than this after the last one's end continues its motion


class MeasuredJoints:
    """Latest position of every joint, and a copy that does not change while windows follow one another.

    Another node may move these joints between motions. During a motion they are held: under load a joint is measured
    off its command, and a command that followed the measurement would let it sink.

    Args:
        age_s: Older positions are not used [s].
        steady_ns: Clock that is never set [ns].
        bounds: Bounds of the positions of joints that have some [rad].

    Attributes:
        positions: Position at which each joint is held [rad].
    """

    def __init__(self, age_s: float = 0.5, steady_ns: Callable[[], int] = time.monotonic_ns,
                 bounds: Mapping[str, Bounds] | None = None) -> None:
        self._age_s, self._steady_ns, self._bounds = age_s, steady_ns, bounds or {}
        self._latest: dict[str, tuple[float, int]] = {}
        self.positions: Mapping[str, float] = {}
        self._end_ns = 0

    def update(self, names: Sequence[str], positions: Sequence[float]) -> None:
        """Take joint states [rad]; positions that are not finite, or out of bounds, are ignored."""
        now_ns = self._steady_ns()
        for name, position in zip(names, positions):
            low, high = self._bounds.get(name, UNLIMITED)
            if low <= position <= high:
                self._latest[name] = float(position), now_ns

    def follow(self, window: Window) -> bool:
        """Take the window that is sent next: the first after a pause updates `positions`; return whether it did."""
        is_first = window.stamp_ns > self._end_ns or not self.positions
        if is_first:
            self.positions = {name: position for name, (position, _) in self._latest.items()}
        self._end_ns = end_ns(window) + CONTINUATION_NS
        return is_first

    def latest(self, names: Sequence[str]) -> npt.NDArray[np.float64] | None:
        """Return the latest (N,) positions [rad]; None while one of them is missing or too old."""
        if not all(self._is_known(name) for name in names):
            return None
        return np.array([self._latest[name][0] for name in names])

    def missing(self, names: Sequence[str]) -> str:
        """Return an error that names the joints without a recent position; "" if there are none."""
        lost = [name for name in names if not self._is_known(name)]
        return (f"no position for {self._age_s:g} s of {', '.join(lost)}, which the controller has too" if lost else "")

    def _is_known(self, name: str) -> bool:
        return name in self._latest and self._steady_ns() - self._latest[name][1] <= self._age_s * NS
