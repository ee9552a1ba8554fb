"""Stop windows: leave the published motion at the first knot that is not frozen, and brake.

    knot          now   frozen                newest
    published   ───┼──────┼─────────────────────┼╲____ rest
    stop window ───┼──────┼╲____ rest             the failsafe trajectory of this knot

Nothing is planned: every committed knot has a failsafe trajectory (`governor`), and the window carries them all. So any
thread can stop the robot at once, whatever the planner is doing.
"""

from __future__ import annotations

import math

import numpy as np

from speech_gesture_ros.control.planner import FROZEN_KNOTS
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window

MIN_AHEAD_KNOTS = 40  # fewest knots of a window after now, 0.8 s: controllers refuse one that is over when it arrives,
# even if the process stands still for 0.6 s while it publishes


def end_ns(window: Window) -> int:
    """Return the ROS time from which on a window is at rest [ns]."""
    return window.stamp_ns + index_to_ns(len(window) - 1, KNOT_RATE)


def stop_window(window: Window, now_ns: int) -> Window | None:
    """Return the window that replaces `window` so that the robot rests as soon as possible; None if it rests already.

    Args:
        window: Window published last, which the robot follows.
        now_ns: Present ROS time [ns].
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
    """Return the window with its rest extended to `MIN_AHEAD_KNOTS` after `now_ns` [ns]."""
    missing = math.ceil((now_ns - window.stamp_ns) / NS * KNOT_RATE) + MIN_AHEAD_KNOTS - len(window) + 1
    if missing <= 0:
        return window
    positions = np.concatenate([window.positions, np.repeat(window.positions[-1:], missing, axis=0)])
    velocities = np.concatenate([window.velocities, np.zeros((missing, positions.shape[1]))])
    return Window(window.start_index, window.stamp_ns, positions, velocities, window.brakes)
