"""Plan for a model that failed: when it is loaded again, with a delay that doubles while it keeps failing."""

from __future__ import annotations

from collections.abc import Callable

from speech_gesture_ros.core.timebase import NS

DELAY_S, MAX_DELAY_S = 5.0, 60.0  # from a failure until the next try
STABLE_S = 120.0  # a model that runs for so long has recovered


class RebuildPlan:
    """Remembers failures and when the next try is due.

    Args:
        steady_ns: Clock that is never set [ns].

    Attributes:
        was_active: Whether the node was active before the failure, and is to be again.
    """

    def __init__(self, steady_ns: Callable[[], int]) -> None:
        self._steady_ns = steady_ns
        self._failed_ns: int | None = None  # last failure
        self._due_ns: int | None = None  # next try
        self._delay_s = DELAY_S
        self.was_active = False

    @property
    def is_waiting(self) -> bool:
        """True while a try is planned."""
        return self._due_ns is not None

    @property
    def is_due(self) -> bool:
        """True when the model is to be loaded."""
        return self._due_ns is not None and self._steady_ns() >= self._due_ns

    def fail(self, *, was_active: bool) -> float:
        """Take note of a failure, of the model or of a try to load it; return the delay until the next try [s]."""
        now_ns = self._steady_ns()
        is_repeated = self._failed_ns is not None and now_ns - self._failed_ns < STABLE_S * NS
        self._delay_s = min(2.0 * self._delay_s, MAX_DELAY_S) if is_repeated else DELAY_S
        self._failed_ns, self._due_ns = now_ns, now_ns + round(self._delay_s * NS)
        self.was_active = was_active
        return self._delay_s

    def cancel(self) -> None:
        """Plan no try: the node is configured, or its user has cleaned it up."""
        self._due_ns = None
