"""Delivery of windows: the time from sending one until its controller follows it, and the lead that it needs.

    window sent ──────────────► record(stamp, now)
    <controller>/controller_state ─► observe(controller, stamp of the trajectory that it follows, its time)

A controller states since when it follows its trajectory; so the stamp of that trajectory is known, which is that of a
window. A window that needs longer than the lead arrives when the one before may have begun its brake, and then changes
the velocity at once (docs/safety.md). If that happens repeatedly the lead is raised, for as long as the process runs.
"""

from __future__ import annotations

import logging
import math
from collections import deque

from speech_gesture_ros.core.timebase import NS

log = logging.getLogger(__name__)

MAX_STAMP_ERROR_NS = NS // 100  # stamps of windows are at least 20 ms apart
MAX_WINDOWS = 200  # windows remembered
LATE_WINDOWS, PERIOD_NS = 3, 10 * NS  # so many late windows in this time raise the lead
STEP_S, MARGIN_S = 0.05, 0.05  # the raised lead is a multiple of the step, and longer than any delivery by the margin
MAX_LEAD_S = 0.5


class DeliveryMonitor:
    """Measures deliveries; for any thread.

    Args:
        lead_s: Lead of the windows at first [s].

    Attributes:
        lead_s: Lead that the windows need [s].
        longest_s: Longest delivery so far [s].
        late: Number of windows that needed longer than the lead.
        raised_s: Lead to which late windows have raised it [s]; 0: not raised.
    """

    def __init__(self, lead_s: float) -> None:
        self.lead_s, self.longest_s, self.late, self.raised_s = lead_s, 0.0, 0, 0.0
        self._sent: deque[tuple[int, int]] = deque(maxlen=MAX_WINDOWS)  # stamp and time of sending [ns], oldest first
        self._newest: dict[str, int] = {}  # controller to the stamp that it followed last [ns]
        self._late: dict[int, float] = {}  # stamp of a late window [ns] to its delivery [s]

    def record(self, stamp_ns: int, now_ns: int) -> None:
        """Take note of a window with a stamp [ns], sent now."""
        self._sent.append((stamp_ns, now_ns))

    def observe(self, controller: str, followed_ns: int, now_ns: int, before_ns: int | None = None) -> None:
        """Take note that a controller follows, at its time `now_ns`, the trajectory with the stamp `followed_ns`.

        Not every state is read. A delivery lasted at most until `now_ns`, which is what `longest_s` reports; a window
        counts as late only if the state before, at `before_ns`, was late as well (None: there was none).
        """
        if abs(followed_ns - self._newest.get(controller, 0)) <= MAX_STAMP_ERROR_NS:
            return
        self._newest[controller] = followed_ns
        sent = next((pair for pair in reversed(list(self._sent)) if abs(pair[0] - followed_ns) <= MAX_STAMP_ERROR_NS),
                    None)
        if sent is not None and now_ns > sent[1]:
            self.longest_s = max(self.longest_s, (now_ns - sent[1]) / NS)
            self._take(controller, sent[0], ((now_ns if before_ns is None else before_ns) - sent[1]) / NS, now_ns)

    def keep(self, raised_s: float) -> None:
        """Begin with a lead [s] to which late windows have raised an earlier one; 0: none."""
        if raised_s > self.lead_s:
            log.info("the lead is %.2f s, as raised before, in place of %.2f s", raised_s, self.lead_s)
            self.lead_s = self.raised_s = raised_s

    def restart(self) -> None:
        """Forget what was sent: its times have lost their meaning."""
        self._sent.clear()
        self._newest.clear()
        self._late.clear()

    def _take(self, controller: str, stamp_ns: int, delivery_s: float, now_ns: int) -> None:
        if delivery_s <= self.lead_s:
            return
        self.late += stamp_ns not in self._late
        self._late = {stamp: late_s for stamp, late_s in self._late.items() if now_ns - stamp < PERIOD_NS}
        self._late[stamp_ns] = max(delivery_s, self._late.get(stamp_ns, 0.0))
        if len(self._late) >= LATE_WINDOWS and self.lead_s < MAX_LEAD_S:
            usual_s = sorted(self._late.values())[-LATE_WINDOWS]  # a single stall does not count
            raised_s = min(MAX_LEAD_S, STEP_S * math.ceil((usual_s + MARGIN_S) / STEP_S - 1e-9))
            log.warning("%d windows reached %s late, after %.2f s or more: the lead is raised from %.2f to %.2f s; set "
                        "lead_s, or use a faster network", len(self._late), controller, usual_s, self.lead_s, raised_s)
            self.lead_s = self.raised_s = raised_s
            self._late.clear()
