"""Newest fault of the robot's motion, over when the robot has been engaged for a while without one, and its log lines.

The log has the cause of each release; if a fault repeats often (a busy machine), that of a few in half a minute.
"""

from __future__ import annotations

import logging
from collections import defaultdict

from speech_gesture_ros.agent.log_limit import LogLimit
from speech_gesture_ros.core.timebase import NS

log = logging.getLogger(__name__)

CLEAR_NS = 3 * NS  # engaged for so long without a fault


class FaultReport:
    """Fault to be shown in diagnostics.

    Attributes:
        text: The fault as "kind: detail", "" if there is none.
    """

    def __init__(self) -> None:
        self.text = ""
        self._kind = ""
        self._limits: defaultdict[str, LogLimit] = defaultdict(LogLimit)  # of each kind

    def report(self, kind: str, text: str, consequence: str, now_ns: int) -> bool:
        """Keep a fault, and log it unless its kind has had enough lines; returns whether it was logged.

        Args:
            kind: Its kind.
            text: Its kind and details.
            consequence: Line of the log, with %s for the text.
            now_ns: ROS time [ns].
        """
        if kind != self._kind:
            self.text, self._kind = text, kind
        limit = self._limits[kind]
        if not limit.allows(now_ns):
            return False
        log.warning(consequence, limit.with_count(text))
        return True

    def clear(self, engaged_ns: int) -> None:
        """End the fault if the robot has been engaged for long enough [ns]."""
        if self.text and engaged_ns > CLEAR_NS:
            log.log(logging.DEBUG if self._limits[self._kind].left_out else logging.INFO, "fault is over: %s",
                    self.text)
            self.text = self._kind = ""
