"""How long the robot can still follow the window it was sent, and when the next one must reach it.

    sent        ────────────╲___            agree until here, the present is still before it: nothing to send yet
    newest      ────────────┬────────╲___
                            └ agreement

Windows share every knot that is committed; they differ only where the older one brakes. A robot that is told by actions
is sent a goal only when the one it follows is about to brake: the more lead, the fewer goals.
"""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window

TOLERANCE = 1e-9
SAME_NS = NS // KNOT_RATE // 4  # stamps that differ by less from the grid are on it: the stream's clock slews


def agreement_ns(sent: Window, newest: Window) -> int | None:
    """ROS time until which a robot that follows `sent` does what `newest` says [ns]; None: they never part.

    Both are at rest after their ends. The past, before the later of both begins, does not count.
    """
    apart_ns = newest.stamp_ns - sent.stamp_ns
    shift = round(apart_ns * KNOT_RATE / NS)  # row of `sent` at row 0 of `newest`
    if abs(apart_ns - index_to_ns(shift, KNOT_RATE)) > SAME_NS:
        return newest.stamp_ns  # another stream, on another grid
    first, last = max(0, -shift), max(len(newest) - 1, len(sent) - 1 - shift)
    rows = np.arange(first, max(first, last) + 1)
    ours, theirs = np.minimum(rows, len(newest) - 1), np.minimum(rows + shift, len(sent) - 1)
    apart = ((np.abs(newest.positions[ours] - sent.positions[theirs]) > TOLERANCE)
             | (np.abs(newest.velocities[ours] - sent.velocities[theirs]) > TOLERANCE)).any(axis=1)
    if not apart.any():
        return None
    return newest.stamp_ns + index_to_ns(int(rows[int(np.argmax(apart))]) - 1, KNOT_RATE)


def is_due(sent: Window | None, newest: Window, now_ns: int, margin_ns: int) -> bool:
    """Whether the robot must be sent the newest window now.

    Args:
        sent: What it was sent last; None: nothing it still follows.
        newest: What it is to do.
        now_ns: The present [ns].
        margin_ns: How long a message may be under way [ns].
    """
    if sent is None:
        return True
    part_ns = agreement_ns(sent, newest)
    return part_ns is not None and now_ns + margin_ns >= min(part_ns, end_ns(sent))
