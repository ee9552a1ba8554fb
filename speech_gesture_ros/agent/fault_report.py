"""Newest fault of the robot's motion: logged once, and over when the robot has been engaged for a while without one."""

from __future__ import annotations

import logging

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

    def report(self, kind: str, text: str, consequence: str) -> None:
        """Log and keep a fault, unless one of the same kind is not over yet.

        Args:
            kind: Its kind.
            text: Its kind and details.
            consequence: Line of the log, with %s for the text.
        """
        if kind != self._kind:
            log.warning(consequence, text)
            self.text, self._kind = text, kind

    def clear(self, engaged_ns: int) -> None:
        """End the fault if the robot has been engaged for long enough [ns]."""
        if self.text and engaged_ns > CLEAR_NS:
            log.info("fault is over: %s", self.text)
            self.text = self._kind = ""
