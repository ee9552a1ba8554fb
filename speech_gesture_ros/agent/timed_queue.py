"""Queue of items that are due at stated times: the voice and the human poses until they are performed."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class TimedQueue(Generic[T]):
    """Items in order of arrival, each with the time at which it is due."""

    def __init__(self) -> None:
        self._items: deque[tuple[int, T]] = deque()

    def push(self, item: T, due_ns: int) -> None:
        """Take an item that is due at a time [ns], but never before the one that arrived before it."""
        if self._items:
            due_ns = max(due_ns, self._items[-1][0])
        self._items.append((due_ns, item))

    def take(self, now_ns: int) -> list[T]:
        """Remove and return the items that are due."""
        due = []
        while self._items and self._items[0][0] <= now_ns:
            due.append(self._items.popleft()[1])
        return due

    def reset(self) -> None:
        """Forget all items."""
        self._items.clear()
