"""Servo lag: the time by which the robot's joints follow their commands.

    q(t) ≈ command(t - lag)   so, to first order,   command(t) - q(t) ≈ lag · velocity(t)

The lag is the least-squares solution over all joints and the last `MEMORY_S` of motion. Constant errors of servos, such
as those of gravity, change it little, because they do not vary with the velocity. The transport of the joint states is
part of it.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.timebase import NS

Array = npt.NDArray[np.float64]

MEMORY_S = 30.0  # after which a measurement counts 1/e
MIN_MOTION = 0.5  # weighted integral of the squared velocity from which an estimate is given [rad^2/s]
LONGEST_S = 0.3


class ServoLag:
    """Running estimate from commands and measurements."""

    def __init__(self) -> None:
        self._product = self._square = 0.0
        self._time_ns: int | None = None

    @property
    def lag_s(self) -> float:
        """The estimate [s], within 0 and `LONGEST_S`; NaN as long as the robot has moved too little."""
        if self._square < MIN_MOTION:
            return math.nan
        return min(max(self._product / self._square, 0.0), LONGEST_S)

    def update(self, commanded: Array, velocity: Array, q: Array, now_ns: int) -> None:
        """Take a measurement.

        Args:
            commanded: (N,) positions commanded for this time [rad, m].
            velocity: (N,) their derivatives [rad/s, m/s].
            q: (N,) measured positions [rad, m].
            now_ns: Time [ns].
        """
        elapsed_s = 0.0 if self._time_ns is None else min(max(now_ns - self._time_ns, 0) / NS, 0.1)
        self._time_ns = now_ns
        kept = math.exp(-elapsed_s / MEMORY_S)
        self._product = kept * self._product + elapsed_s * float(velocity @ (commanded - q))
        self._square = kept * self._square + elapsed_s * float(velocity @ velocity)
