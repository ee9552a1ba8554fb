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

from speech_gesture_ros.control.planner import FROZEN_KNOTS
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window

MIN_AHEAD_KNOTS = 15  # least knots after now in a window, 0.3 s: controllers refuse one that is over when it arrives


def end_ns(window: Window) -> int:
    """ROS time at which a window has come to rest [ns]."""
    return window.stamp_ns + index_to_ns(len(window) - 1, KNOT_RATE)


def stop_window(window: Window, now_ns: int) -> Window | None:
    """The window that is to replace `window`, which the robot follows, so that it rests as soon as possible.

    None if it rests already.

    Args:
        window: Published last.
        now_ns: The present [ns].
    """
    if now_ns >= end_ns(window):
        return None
    now = (now_ns - window.stamp_ns) / NS * KNOT_RATE  # in rows
    row = max(0, math.ceil(now) + FROZEN_KNOTS)
    positions, velocities = window.positions, window.velocities
    if row < len(window.brakes):
        brake = window.brakes[row]
        positions = np.concatenate([positions[:row], brake[:, 0]])
        velocities = np.concatenate([velocities[:row], brake[:, 1]])
    return extend_rest(Window(window.start_index, window.stamp_ns, positions, velocities), now_ns)


def extend_rest(window: Window, now_ns: int) -> Window:
    """The same window, told at rest for long enough that it is not over when it arrives."""
    missing = math.ceil((now_ns - window.stamp_ns) / NS * KNOT_RATE) + MIN_AHEAD_KNOTS - len(window) + 1
    if missing <= 0:
        return window
    positions = np.concatenate([window.positions, np.repeat(window.positions[-1:], missing, axis=0)])
    velocities = np.concatenate([window.velocities, np.zeros((missing, positions.shape[1]))])
    return Window(window.start_index, window.stamp_ns, positions, velocities, window.brakes)
