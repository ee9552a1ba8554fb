"""Whole turns of continuous joints: a robot that reports 5.5 rad goes on at the equal angle, it does not unwind.

    reported -20 rad ──3 turns taken off──► -1.15 rad, within one turn about the middle of the limits, for all stages
    window -1.15 rad ──the turns put on──► -20 rad, sent to the robot

The turns change only when a joint has been moved out of this turn, by half a radian more: a joint that stands at its
border, and is measured on either side of it, keeps them.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

TURN = 2 * np.pi
BORDER_RAD = 0.5  # beyond the turn about the middle of the limits


class WholeTurns:
    """Turns of the N joints of one robot; those of other than continuous joints are 0.

    Args:
        description: The robot.
    """

    def __init__(self, description: RobotDescription) -> None:
        continuous = description.continuous_joints
        self._is_continuous = np.array([name in continuous for name in description.joint_names], dtype=bool)
        self._middle = 0.5 * (description.limits.lower + description.limits.upper)
        self._angles = np.zeros(len(self._middle))

    def choose(self, reported: Array, nearest: Array | None = None) -> None:
        """Choose the turns at which reported positions (N,) are nearest to others (N,) [rad].

        Args:
            reported: By the robot; of joints that are not finite the turns stay.
            nearest: By default, the middle of the limits.
        """
        angles = TURN * np.round((reported - (self._middle if nearest is None else nearest)) / TURN)
        self._angles = np.where(self._is_continuous & np.isfinite(angles), angles, self._angles)

    def are_left(self, reported: Array) -> bool:
        """Return whether a joint is outside its turn."""
        away = np.abs(reported - self._angles - self._middle) > 0.5 * TURN + BORDER_RAD
        return bool(np.any(away & self._is_continuous))

    def have_jumped(self, reported: Array, before: Array) -> bool:
        """Return whether a joint is reported in another turn than before (N,), as at the border of [-pi, pi]."""
        jump = np.abs(reported - self._angles - before) > 0.5 * TURN
        return bool(np.any(jump & self._is_continuous))

    def remove(self, reported: Array) -> Array:
        """Return the equal positions (N,) about the middle of the limits of reported ones [rad]."""
        return np.asarray(reported - self._angles)

    def near(self, reported: Array, q: Array) -> Array:
        """Return the positions (N,) equal to reported ones that are nearest to other ones (N,) [rad]."""
        return np.where(self._is_continuous, reported - TURN * np.round((reported - q) / TURN), reported)

    def window(self, window: Window) -> Window:
        """Return a window in the positions that the robot reports."""
        if not self._angles.any():
            return window
        brakes = tuple(np.stack([brake[:, 0] + self._angles, brake[:, 1]], axis=1) for brake in window.brakes)
        return dataclasses.replace(window, positions=window.positions + self._angles, brakes=brakes)
