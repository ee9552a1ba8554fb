"""Why the robot is to stand still: who wants it, in words; it may move when nobody does. Knows no ROS.

A lock is a topic that others keep, in the sense of twist_mux: with a timeout it must be refreshed, and a lock that is
silent is locked; without one the last word counts, and silence means free.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from speech_gesture_ros.core.timebase import NS


class Lock:
    """What is said on a lock topic.

    Args:
        name: The topic.
        timeout_s: 0: never expires; otherwise locked unless refreshed within this time [s].
        steady_ns: A clock that is never set.
    """

    def __init__(self, name: str, timeout_s: float = 0.0, steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.name, self._timeout_s, self._steady_ns = name, timeout_s, steady_ns
        self._said: tuple[bool, int] | None = None

    def take(self, is_locked: bool) -> None:
        """What was said just now."""
        self._said = is_locked, self._steady_ns()

    @property
    def reason(self) -> str:
        """Why the robot is locked; "" if it is not."""
        said = self._said
        if said is not None and said[0]:
            return f"locked by {self.name}"
        if self._timeout_s > 0 and (said is None or self._steady_ns() - said[1] > self._timeout_s * NS):
            return f"{self.name} is silent for more than {self._timeout_s:g} s, which locks"
        return ""


class MotionInhibitors:
    """Collects reasons; from any thread.

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
        self._wanted: dict[str, str] = {}
        self._asked: dict[str, Callable[[], str]] = {}

    def set(self, who: str, reason: str = "") -> None:
        """Somebody wants the robot to stand still; without a reason, no longer."""
        self._wanted = {**self._wanted, who: reason}

    def register(self, who: str, reason: Callable[[], str]) -> None:
        """Ask somebody for a reason whenever it matters."""
        self._asked = {**self._asked, who: reason}

    def reason(self, who: str) -> str:
        """What somebody wants now; "" if nothing."""
        return self._asked[who]() if who in self._asked else self._wanted.get(who, "")

    def reasons(self) -> tuple[str, ...]:
        """All reasons now; empty if the robot may move."""
        everybody = [*self._wanted.values(), *(ask() for ask in self._asked.values())]
        return tuple(reason for reason in everybody if reason)
