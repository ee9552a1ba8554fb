"""Comparison of the ROS clock, which may be set, paused or simulated, with a steady clock: jumps and standstill."""

from __future__ import annotations

from speech_gesture_ros.core.timebase import NS

STOPPED_S = 0.5  # ROS time that has not moved for this long has stopped
JUMP_S = 0.5  # ROS time that went further than steady time by more than this has jumped


class ClockMonitor:
    """Remembers both clocks as of the last check.

    Attributes:
        is_stopped: Whether ROS time has stopped: a paused simulation, or /clock without a publisher.

    Example:
        >>> monitor = ClockMonitor()
        >>> monitor.check(now_ns=5 * NS, steady_ns=0)
        ''
        >>> monitor.check(now_ns=2 * NS, steady_ns=20_000_000)
        'ROS time jumped back by 3.0 s'
    """

    def __init__(self) -> None:
        self.is_stopped = False
        self._last_ns: int | None = None  # ROS time of the last check
        self._last_steady_ns = 0
        self._moved_ns = 0  # steady time at which ROS time was last found to have moved

    def check(self, now_ns: int, steady_ns: int) -> str:
        """Compare the clocks; returns how ROS time jumped since the last check, "" if it did not."""
        last_ns, step_ns = self._last_ns, steady_ns - self._last_steady_ns
        self._last_ns, self._last_steady_ns = now_ns, steady_ns
        if last_ns is None or last_ns <= 0:  # ROS time 0: not received yet
            self._moved_ns, self.is_stopped = steady_ns, now_ns <= 0
            return ""
        if now_ns != last_ns:
            self._moved_ns, self.is_stopped = steady_ns, False
        elif steady_ns - self._moved_ns > STOPPED_S * NS:
            self.is_stopped = True
        if now_ns < last_ns:
            return f"ROS time jumped back by {(last_ns - now_ns) / NS:.1f} s"
        if now_ns - last_ns - step_ns > JUMP_S * NS:
            return f"ROS time jumped ahead by {(now_ns - last_ns - step_ns) / NS:.1f} s"
        return ""
