"""Slow entry: speed limits of joints after the robot was engaged or resumed.

All joints are slow for half a second. Then the limit of a joint rises until it was once close to its target, which
moves as people's hands do: at the first speed alone an arm that hangs would chase it for four seconds.

    limit  0.5 rad/s ________/ 2.5 rad/s more each second, at most 1.5 rad/s and the joint's own limit
                     0    0.5 s
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

ENTRY_SPEED = 0.5  # [rad/s] of slow joints (approach velocity of play_motion2)
ENTRY_KNOTS = KNOT_RATE // 2  # knots for which all joints are slow (its approach_min_duration)
ENTRY_RISE = 2.5  # [rad/s^2] by which the speed of joints that have not reached their targets then rises
ENTRY_FASTEST = 1.5  # [rad/s] of joints that have not reached their targets
TARGET_REACHED_RAD = 0.05  # distance from its target at which a joint stops being slow


class SlowEntry:
    """Largest speed of each joint, raised as joints reach their targets.

    Args:
        outer: Limits at every instant.
        inner: Limits at knots (`governor.inner_limits`).
    """

    def __init__(self, outer: JointLimits, inner: JointLimits) -> None:
        self._full_speed = outer.velocity
        between_knots = outer.velocity - inner.velocity  # speed between knots above that at knots
        self._slow_speed = np.maximum(ENTRY_SPEED - between_knots, ENTRY_SPEED / 2)
        self.begin()

    @property
    def speed(self) -> Array:
        """(N,) largest speed of each joint [rad/s]."""
        rise = ENTRY_RISE / KNOT_RATE * max(0, self._knots - ENTRY_KNOTS)
        entry_speed = np.minimum(self._slow_speed + rise, ENTRY_FASTEST)
        return np.where(self._has_reached, self._full_speed, np.minimum(entry_speed, self._full_speed))

    def begin(self) -> None:
        """Make all joints slow."""
        self._knots = 0
        self._has_reached = np.zeros(len(self._full_speed), dtype=bool)

    def delay(self) -> bool:
        """Let the rise begin again, because the way is blocked; return whether `speed` changed."""
        if self._knots <= ENTRY_KNOTS or self._has_reached.all():
            return False
        self._knots = ENTRY_KNOTS
        return True

    def update(self, target: Array, position: Array) -> bool:
        """Record one knot with target and position (N,) [rad]; return whether `speed` changed."""
        self._knots += 1
        if self._knots < ENTRY_KNOTS or self._has_reached.all():
            return False
        before = self._has_reached
        self._has_reached = before | (np.abs(target - position) < TARGET_REACHED_RAD)
        return self._knots > ENTRY_KNOTS or bool(np.any(self._has_reached != before))
