"""Continuation: time at which a robot that follows an older window needs the newest one.

    sent        ────────────╲___            both agree until here; while the present is before it nothing need be sent
    newest      ────────────┬────────╲___
                            └ agreement

Windows share every committed knot; they differ only where the older one brakes. A robot with an action interface is
sent a goal only shortly before the goal that it executes brakes: the longer the lead, the fewer goals.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window

TOLERANCE = 1e-9  # [rad, rad/s] by which equal knots differ at most
GRID_TOLERANCE_NS = NS // KNOT_RATE // 4  # offset of two stamps from a common grid: the stream's clock slews


def agreement_ns(sent: Window, newest: Window) -> int | None:
    """Return the ROS time until which two windows describe the same motion [ns]; None: to their ends.

    Both are at rest after their ends. Knots before the later of both begins are not compared.
    """
    offset_ns = newest.stamp_ns - sent.stamp_ns
    shift = round(offset_ns * KNOT_RATE / NS)  # row of `sent` at row 0 of `newest`
    if abs(offset_ns - index_to_ns(shift, KNOT_RATE)) > GRID_TOLERANCE_NS:
        return newest.stamp_ns  # another stream, on another grid
    first, last = max(0, -shift), max(len(newest) - 1, len(sent) - 1 - shift)
    rows = np.arange(first, max(first, last) + 1)
    in_newest, in_sent = np.minimum(rows, len(newest) - 1), np.minimum(rows + shift, len(sent) - 1)
    differs = ((np.abs(newest.positions[in_newest] - sent.positions[in_sent]) > TOLERANCE)
               | (np.abs(newest.velocities[in_newest] - sent.velocities[in_sent]) > TOLERANCE)).any(axis=1)
    if not differs.any():
        return None
    return newest.stamp_ns + index_to_ns(int(rows[int(np.argmax(differs))]) - 1, KNOT_RATE)


def latest_arrival_ns(followed: Window | None, newest: Window, now_ns: int) -> int:
    """Return the ROS time [ns] until which a window must arrive: afterwards it is over, or the command jumps to it.

    Args:
        followed: Window that the robot follows; None: it stands where the newest one begins.
        newest: The window.
        now_ns: Present ROS time [ns]; a robot whose window is over stands where the newest one begins.
    """
    if followed is None or now_ns >= end_ns(followed):
        followed = replace(newest, positions=newest.positions[:1], velocities=0.0 * newest.velocities[:1])
    agree_until_ns = agreement_ns(followed, newest)
    return end_ns(newest) if agree_until_ns is None else min(agree_until_ns, end_ns(newest))


def is_due(sent: Window | None, newest: Window, now_ns: int, margin_ns: int) -> bool:
    """Return whether the newest window must be sent now.

    Args:
        sent: Window sent last; None: the robot follows no window.
        newest: Window published last.
        now_ns: Present ROS time [ns].
        margin_ns: Longest transport time of a message [ns].
    """
    if sent is None:
        return True
    agree_until_ns = agreement_ns(sent, newest)
    return agree_until_ns is not None and now_ns + margin_ns >= min(agree_until_ns, end_ns(sent))
