"""Subscriptions that are read at most so often, whatever the rate of their publishers.

A controller at 1 kHz publishes its state as often. The executor needs about 0.3 ms for each message, in Python; four
controllers would occupy a processor core with messages that are not used. A paced subscription is left out of the wait
set until it is due; with a depth of 1 it then has the newest message. All of a group are due at the same times, since
most of the time is needed for the waits, not for the messages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from rclpy.callback_groups import ReentrantCallbackGroup


class PacedGroup(ReentrantCallbackGroup):
    """Callback group whose subscriptions are read at most once in a period, each.

    Args:
        period_s: The period [s].
        now_s: Returns a steady time [s].
    """

    def __init__(self, period_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._period_s, self._now_s = period_s, now_s
        self._due_s: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
        self._last_due_s = float("-inf")

    def can_execute(self, entity: Any) -> bool:
        """Return True if a subscription is due.

        Its event handlers are in the group, too, and are due with the others: one in the wait set ends the wait at
        every message.
        """
        return self._now_s() >= self._due_s.get(entity, self._last_due_s)

    def beginning_execution(self, entity: Any) -> bool:
        """Take note that a subscription is read now."""
        self._last_due_s = (self._now_s() // self._period_s + 1) * self._period_s
        self._due_s[entity] = self._last_due_s
        return True
