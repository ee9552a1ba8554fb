"""Limit of log lines that repeat: a few in half a minute, the next one with the number of those left out."""

from __future__ import annotations

from collections import deque

from speech_gesture_ros.core.timebase import NS

LINES, PERIOD_NS = 3, 30 * NS  # most lines in a period


class LogLimit:
    """Limit of lines of one kind.

    Attributes:
        left_out: Number of lines left out since the last one.

    Example:
        >>> limit = LogLimit()
        >>> [limit.allows(now_ns) for now_ns in range(5)]
        [True, True, True, False, False]
        >>> limit.left_out
        2
    """

    def __init__(self) -> None:
        self.left_out = 0
        self._times_ns: deque[int] = deque(maxlen=LINES)

    def allows(self, now_ns: int) -> bool:
        """Return whether a line may be logged now [ns]; it counts as logged, or as left out."""
        if len(self._times_ns) == LINES and 0 <= now_ns - self._times_ns[0] < PERIOD_NS:
            self.left_out += 1
            return False
        self._times_ns.append(now_ns)
        return True

    def with_count(self, text: str) -> str:
        """Return a text with the number of lines left out before it, which is then 0 again."""
        count, self.left_out = self.left_out, 0
        return f"{text} ({count} more since the last line)" if count else text
