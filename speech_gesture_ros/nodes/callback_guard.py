"""Guard of callbacks: an error that an outside message causes is counted and logged in one line; the node goes on.

rclpy passes an error in a callback to the code that spins, which would end the process. `GuardedCallbacks` wraps all
callbacks of a node: subscriptions, services (those of its parameters, too), timers. What fails outside a callback, such
as a message that cannot be deserialised, is caught by `running.run`.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from speech_gesture_ros.core.errors import shown
from speech_gesture_ros.core.timebase import NS

log = logging.getLogger(__name__)

LOG_PERIOD_S = 60.0  # between two log lines on the errors of one topic, service or timer


class CallbackGuard:
    """Counts and logs errors.

    Args:
        steady_ns: Clock that is never set [ns].

    Attributes:
        counts: Number of errors of each topic, service or timer.
    """

    def __init__(self, steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._steady_ns = steady_ns
        self.counts: Counter[str] = Counter()
        self._logged_ns: dict[str, int] = {}

    def refuse(self, name: str, error: Exception) -> None:
        """Count an error; log the first of each `LOG_PERIOD_S`."""
        self.counts[name] += 1
        now_ns = self._steady_ns()
        if name not in self._logged_ns or now_ns - self._logged_ns[name] > LOG_PERIOD_S * NS:
            self._logged_ns[name] = now_ns
            log.error("%s refused, %d so far: %s: %s", name, self.counts[name], type(error).__name__, shown(str(error)))
            log.debug("%s refused", name, exc_info=error)

    def wrap(self, name: str, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return a callback that refuses instead of raising; a coroutine is returned as it is."""
        return callback if inspect.iscoroutinefunction(callback) else partial(self._call, name, callback)

    def wrap_service(self, name: str, serve: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback of a service that refuses instead of raising, with `success` False, if it has that."""
        return partial(self._serve_later if inspect.iscoroutinefunction(serve) else self._serve, name, serve)

    def _call(self, name: str, callback: Callable[..., Any], *message: Any) -> Any:
        try:
            return callback(*message)
        except Exception as error:
            self.refuse(name, error)
            return None

    def _serve(self, name: str, serve: Callable[..., Any], request: Any, response: Any) -> Any:
        try:
            return serve(request, response)
        except Exception as error:
            return self._refusal(name, error, response)

    async def _serve_later(self, name: str, serve: Callable[..., Any], request: Any, response: Any) -> Any:
        try:
            return await serve(request, response)
        except Exception as error:
            return self._refusal(name, error, response)

    def _refusal(self, name: str, error: Exception, response: Any) -> Any:
        self.refuse(name, error)
        response = type(response)()
        if hasattr(response, "success") and hasattr(response, "message"):
            response.success, response.message = False, f"{type(error).__name__}: {shown(str(error))}"
        return response


class GuardedCallbacks:
    """Mixin before a node class: all callbacks are guarded.

    Attributes:
        guard: The guard.
    """

    guard: CallbackGuard

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.guard = CallbackGuard()  # rclpy makes services in its constructor
        super().__init__(*arguments, **named)

    def create_subscription(self, msg_type: Any, topic: str, callback: Callable[..., Any], *arguments: Any,
                            **named: Any) -> Any:
        """Return a subscription whose callback is guarded."""
        return super().create_subscription(  # type: ignore[misc]
            msg_type, topic, self.guard.wrap(topic, callback), *arguments, **named)

    def create_service(self, srv_type: Any, srv_name: str, callback: Callable[..., Any], *arguments: Any,
                       **named: Any) -> Any:
        """Return a service whose callback is guarded."""
        return super().create_service(  # type: ignore[misc]
            srv_type, srv_name, self.guard.wrap_service(srv_name, callback), *arguments, **named)

    def create_timer(self, timer_period_sec: float, callback: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Return a timer whose callback is guarded."""
        name = f"timer {getattr(callback, '__name__', callback)}"
        return super().create_timer(  # type: ignore[misc]
            timer_period_sec, self.guard.wrap(name, callback), *arguments, **named)
