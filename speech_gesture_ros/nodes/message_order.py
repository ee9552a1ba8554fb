"""Stamps of audio messages: messages that came twice are left out, other faults of stamps are counted.

A stamp decides nothing but that. DDS keeps the order of a publisher, so messages are performed in the order and at the
time of their arrival; a stamp that is not after the one before is a fault of the source or of a relay:

    same stamp, same content    the message came twice, as through two bridges: left out
    same stamp, other content   taken, as it comes
    earlier stamp               taken, as it comes: a clock that was set, a recording that begins again

Messages without a header, or with the stamp 0, are taken.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

RECENT = 8  # messages that a repeated one is compared with


@dataclass
class StampCounts:
    """Messages with faulty stamps.

    Attributes:
        repeated_messages: Messages that came twice, and were left out.
        same_stamps: Messages with the stamp of another one and other content.
        earlier_stamps: Messages with a stamp before that of the message before.
    """

    repeated_messages: int = 0
    same_stamps: int = 0
    earlier_stamps: int = 0


class MessageOrder:
    """Stamps of one topic's messages.

    Attributes:
        counts: Messages with faulty stamps.
    """

    def __init__(self) -> None:
        self.counts = StampCounts()
        self._recent: deque[tuple[tuple[int, int], Any]] = deque(maxlen=RECENT)  # stamps and messages, oldest first

    def takes(self, message: Any) -> bool:
        """Return whether a message is to be performed; False for one that came before."""
        header = getattr(message, "header", None)
        stamp = (0, 0) if header is None else (int(header.stamp.sec), int(header.stamp.nanosec))
        if stamp == (0, 0):
            return True
        same = [other for other_stamp, other in self._recent if other_stamp == stamp]
        if any(other == message for other in same):
            self.counts.repeated_messages += 1
            return False
        if same:
            self.counts.same_stamps += 1
        elif self._recent and stamp < self._recent[-1][0]:
            self.counts.earlier_stamps += 1
        self._recent.append((stamp, message))
        return True
