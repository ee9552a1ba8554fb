"""Stopping sooner than promised: leave the motion at the next knot that can still be changed, and brake.

    knot        now   gone                  newest
    published ───┼──────┼─────────────────────┼╲____ rest
    instead   ───┼──────┼╲____ rest             the brake that was proven when this knot was committed

Nothing is planned anew: every committed knot came with a proof that the robot can stop from there (`governor`), and the
window carries those proofs. So any thread can stop the robot, at once, whatever the planner is doing.
"""

from __future__ import annotations

import math

import numpy as np

from speech_gesture_ros.control.planner import FROZEN
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window

HOLD = KNOT_RATE // 5  # knots of rest after now that a stop tells at least: it must not be over when it arrives


def end_ns(window: Window) -> int:
    """ROS time at which a window has come to rest [ns]."""
    return window.stamp_ns + index_to_ns(len(window) - 1, KNOT_RATE)


def stopped(window: Window, now_ns: int) -> Window | None:
    """The window that is to replace `window`, which the robot follows, so that it rests as soon as possible.

    None if it rests already.

    Args:
        window: Published last.
        now_ns: The present [ns].
    """
    if now_ns >= end_ns(window):
        return None
    now = (now_ns - window.stamp_ns) / NS * KNOT_RATE  # in rows
    row = max(0, math.ceil(now) + FROZEN)
    positions, velocities = window.positions, window.velocities
    if row < len(window.brakes):
        brake = window.brakes[row]
        positions = np.concatenate([positions[:row], brake[:, 0]])
        velocities = np.concatenate([velocities[:row], brake[:, 1]])
    missing = max(0, math.ceil(now) + HOLD - len(positions) + 1)
    if missing:
        positions = np.concatenate([positions, np.repeat(positions[-1:], missing, axis=0)])
        velocities = np.concatenate([velocities, np.zeros((missing, velocities.shape[1]))])
    return Window(window.start_index, window.stamp_ns, positions, velocities)
