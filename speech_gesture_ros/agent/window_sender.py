"""Sender of windows to the robot, for two threads: the model's thread sends, any other may stop the robot at once.

    model's thread    send(window) ────────────────┐
                      take_stop() ◄── Stop ──┐     ├──► robot: one window at a time
    any thread        apply_inhibitors() ────┴─────┘

From the stop window until the model's thread has taken the `Stop`, and while there is an inhibitor, nothing else is
sent: a window that was under way when the stop came must not replace it.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.control.continuation import agreement_ns
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

MAX_COMPUTE_S = 0.06  # a window that took longer is late
TRANSPORT_S = 0.005  # least time that a message needs to the controller
MIN_LEFT_S = 0.03  # a window that ends sooner may arrive when it is over, and be rejected


@dataclass(frozen=True)
class Stop:
    """Stop of the robot by an inhibitor.

    Attributes:
        window: Stop window that the robot follows now; None if it followed none before.
        is_followed: Whether all of the robot follows it.
    """

    window: Window | None
    is_followed: bool


class SendResult(enum.Enum):
    """Result of sending a window."""

    SENT = enum.auto()
    BLOCKED = enum.auto()  # an inhibitor is set, or its stop was not taken yet
    LATE = enum.auto()  # it took too long, or the robot has left it already


class WindowSender:
    """Knows the window that the robot follows.

    Args:
        send: Sends a window; returns False if a part of the robot does not follow it.
        make_stop: Makes the window that stops a robot that follows a window, at a ROS time [ns]; None if it rests.
        inhibitors: Reasons not to move.
        now_ns: The ROS clock.

    Attributes:
        is_dry: Whether windows are kept from the robot: it follows none then.
    """

    def __init__(self, send: Callable[[Window], bool], make_stop: Callable[[Window, int], Window | None],
                 inhibitors: MotionInhibitors, now_ns: Callable[[], int]) -> None:
        self._send, self._make_stop, self._inhibitors, self._now_ns = send, make_stop, inhibitors, now_ns
        self.is_dry = False
        self._lock = threading.Lock()  # over everything that is sent, and the next three
        self._followed: Window | None = None
        self._is_inhibited = False
        self._stop: Stop | None = None  # not taken yet

    @property
    def followed(self) -> Window | None:
        """Window that the robot follows; None if it follows none."""
        return self._followed

    def apply_inhibitors(self) -> None:
        """Stop the robot if an inhibitor has been set since the last call; from any thread."""
        with self._lock:
            was_blocked, self._is_inhibited = self._is_blocked, bool(self._inhibitors.reasons())
            if was_blocked or not self._is_inhibited:
                return
            stop = self._make_stop(self._followed, self._now_ns()) if self._followed is not None else None
            is_followed = stop is None or self._send(stop)
            self._followed = stop or self._followed
            self._stop = Stop(self._followed, is_followed)

    def take_stop(self) -> Stop | None:
        """Return the stop since the last call, if there was one; windows may be sent again if no inhibitor is left."""
        with self._lock:
            stop, self._stop = self._stop, None
        return stop

    def send(self, window: Window, asked_ns: int, *, is_stop: bool) -> SendResult:
        """Send a window, unless it is blocked or late.

        Args:
            window: The window.
            asked_ns: ROS time at which its computation began [ns].
            is_stop: Whether it is a stop window; it is made again from the present instant, and cannot take too long.
        """
        now_ns = self._now_ns()
        with self._lock:
            if is_stop and self._followed is not None:
                window = self._make_stop(self._followed, now_ns) or window
            if self._is_blocked:
                return SendResult.BLOCKED
            is_slow = not is_stop and now_ns - asked_ns > MAX_COMPUTE_S * NS
            if is_slow or self._would_jump(window, now_ns):
                return SendResult.LATE
            self._send(window)
            self._followed = None if self.is_dry else window
            return SendResult.SENT

    def forget(self) -> None:
        """Forget the window sent last: its times have lost their meaning."""
        with self._lock:
            self._followed = None

    @property
    def _is_blocked(self) -> bool:
        return self._is_inhibited or self._stop is not None

    def _would_jump(self, window: Window, now_ns: int) -> bool:
        """Return whether the robot will have left a window when it arrives, or the window will be over."""
        followed = self._followed
        if followed is None or now_ns >= end_ns(followed):  # it stands where the window begins
            followed = replace(window, positions=window.positions[:1], velocities=0.0 * window.velocities[:1])
        parts_ns = None if self.is_dry else agreement_ns(followed, window)
        has_parted = parts_ns is not None and parts_ns < now_ns + TRANSPORT_S * NS
        return has_parted or end_ns(window) - now_ns < MIN_LEFT_S * NS
