"""The voice, held back until the robot's hands have caught up, so that a player of ~/audio_out is in sync."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any


class DelayedAudio:
    """Messages that wait for their time, oldest first.

    Args:
        publish: Called with each message when it is due.
    """

    def __init__(self, publish: Callable[[Any], None]) -> None:
        self._publish = publish
        self._waiting: deque[tuple[int, Any]] = deque()

    def push(self, message: Any, due_ns: int) -> None:
        """Take a message that is due at a time; never before the one that came before it."""
        if self._waiting:
            due_ns = max(due_ns, self._waiting[-1][0])
        self._waiting.append((due_ns, message))

    def update(self, now_ns: int) -> None:
        """Publish what is due."""
        while self._waiting and self._waiting[0][0] <= now_ns:
            self._publish(self._waiting.popleft()[1])

    def reset(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
