"""Motion inhibitors: named reasons for which the robot must not move; it may move while there is none.

A lock is a topic with the meaning it has in twist_mux: with a time-out, the robot is locked unless false was received
within that time; without one, the value received last counts, and no value means free.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from speech_gesture_ros.core.timebase import NS


class TopicLock:
    """Values received on a lock topic.

    Args:
        name: The topic.
        timeout_s: 0: values never expire; otherwise locked unless refreshed within this time [s].
        steady_ns: A clock that is never set.
    """

    def __init__(self, name: str, timeout_s: float = 0.0, steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.name, self._timeout_s, self._steady_ns = name, timeout_s, steady_ns
        self._received: tuple[bool, int] | None = None

    def take(self, is_locked: bool) -> None:
        """Take a value received now."""
        self._received = is_locked, self._steady_ns()

    @property
    def reason(self) -> str:
        """Reason for which the robot is locked; "" if it is not."""
        received = self._received
        if received is not None and received[0]:
            return f"locked by {self.name}"
        if self._timeout_s > 0 and (received is None or self._steady_ns() - received[1] > self._timeout_s * NS):
            return f"locked: {self.name} not received for more than {self._timeout_s:g} s"
        return ""


class MotionInhibitors:
    """Registry of inhibitors; every method may be called from any thread.

    Example:
        >>> inhibitors = MotionInhibitors()
        >>> inhibitors.set("service", "stopped by ~/stop")
        >>> inhibitors.reasons()
        ('stopped by ~/stop',)
        >>> inhibitors.set("service")
        >>> inhibitors.reasons()
        ()
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # over replacing the next two; readers take them as they are
        self._set: dict[str, str] = {}
        self._registered: dict[str, Callable[[], str]] = {}

    def set(self, name: str, reason: str = "") -> None:
        """Set an inhibitor with its reason; without a reason, clear it."""
        with self._lock:
            self._set = {**self._set, name: reason}

    def register(self, name: str, reason: Callable[[], str]) -> None:
        """Register a function that returns a reason, or "", whenever inhibitors are read."""
        with self._lock:
            self._registered = {**self._registered, name: reason}

    def reason(self, name: str) -> str:
        """Return the present reason of an inhibitor; "" if there is none."""
        return self._registered[name]() if name in self._registered else self._set.get(name, "")

    def reasons(self) -> tuple[str, ...]:
        """Return all present reasons; empty if the robot may move."""
        reasons = [*self._set.values(), *(reason() for reason in self._registered.values())]
        return tuple(reason for reason in reasons if reason)
