"""Sender of windows to the robot, for two threads: the model's thread sends, any other may stop the robot at once.

    model's thread    send(window) ────────────────┐
                      take_stop() ◄── Stop ──┐     ├──► robot: one window at a time
    any thread        apply_inhibitors() ────┴─────┘

From the stop window until the model's thread has taken the `Stop`, and while there is an inhibitor, nothing else is
sent: a window that was under way when the stop came must not replace it.

A process may stand still at any moment, for want of a processor or because it is stopped. So each window has a latest
time, which the outputs check immediately before they publish: a window that is too late is not sent, and the robot
brakes on the one before.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from dataclasses import dataclass

from speech_gesture_ros.agent.agent_output import WindowDelivery
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.control.continuation import latest_arrival_ns
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

MAX_COMPUTE_S = 0.06  # a window that took longer is late
TRANSPORT_S = 0.005  # least time that a message needs to the controller
MIN_LEFT_S = 0.03  # a window that ends sooner may arrive when it is over, and be rejected
MAX_STOP_TRIES = 3  # stop windows made in a row, each because the one before was too late when it was to be published


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
    PARTLY_LATE = enum.auto()  # a part of the robot follows it, the other part the window before


class WindowSender:
    """Knows the window that the robot follows.

    Args:
        send: Sends a window, unless its latest time [ns] has passed immediately before.
        make_stop: Makes the window that stops a robot that follows a window, at a ROS time [ns]; None if it rests.
        inhibitors: Reasons not to move.
        now_ns: The ROS clock.

    Attributes:
        is_dry: Whether windows are kept from the robot: it follows none then.
    """

    def __init__(self, send: Callable[[Window, int], WindowDelivery], make_stop: Callable[[Window, int], Window | None],
                 inhibitors: MotionInhibitors, now_ns: Callable[[], int]) -> None:
        self._send, self._make_stop, self._inhibitors, self._now_ns = send, make_stop, inhibitors, now_ns
        self.is_dry = False
        self._lock = threading.Lock()  # over everything that is sent, and the next four
        self._followed: Window | None = None
        self._over_ns = 0  # latest end of the windows sent [ns]
        self._is_inhibited = False
        self._stop: Stop | None = None  # not taken yet

    @property
    def followed(self) -> Window | None:
        """Window that the robot follows; None if it follows none."""
        return self._followed

    def are_over(self, now_ns: int) -> bool:
        """Return whether all windows sent so far, those replaced included, end before a ROS time [ns]; any thread."""
        return now_ns > self._over_ns

    def apply_inhibitors(self) -> None:
        """Stop the robot if an inhibitor has been set since the last call; from any thread."""
        with self._lock:
            was_blocked, self._is_inhibited = self._is_blocked, bool(self._inhibitors.reasons())
            if was_blocked or not self._is_inhibited:
                return
            self._stop = Stop(self._followed, is_followed=True) if self._followed is None else self._brake(
                self._followed)
            self._followed = self._stop.window

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
        with self._lock:
            if self._is_blocked:
                return SendResult.BLOCKED
            if is_stop and self._followed is not None:
                self._followed = self._brake(self._followed).window
                return SendResult.SENT
            now_ns = self._now_ns()
            latest_ns = self._latest_ns(window, now_ns)
            is_slow = not is_stop and now_ns - asked_ns > MAX_COMPUTE_S * NS
            if is_slow or now_ns > latest_ns:
                return SendResult.LATE
            delivery = self._deliver(window, latest_ns)
            if delivery is WindowDelivery.LATE:
                return SendResult.LATE
            if delivery is WindowDelivery.PARTLY_LATE:
                self._followed = None  # two windows are: each brakes its part of the robot
                return SendResult.PARTLY_LATE
            self._followed = None if self.is_dry else window
            return SendResult.SENT

    def forget(self) -> None:
        """Forget the window sent last: its times have lost their meaning."""
        with self._lock:
            self._followed, self._over_ns = None, 0

    def _deliver(self, window: Window, latest_ns: int) -> WindowDelivery:
        delivery = self._send(window, latest_ns)
        if delivery is not WindowDelivery.LATE and not self.is_dry:
            self._over_ns = max(self._over_ns, end_ns(window))
        return delivery

    @property
    def _is_blocked(self) -> bool:
        return self._is_inhibited or self._stop is not None

    def _brake(self, followed: Window) -> Stop:
        """Send the window that stops a robot which follows another one, made again if it is late meanwhile."""
        for _ in range(MAX_STOP_TRIES):
            now_ns = self._now_ns()
            stop = self._make_stop(followed, now_ns)
            if stop is None:
                break
            delivery = self._deliver(stop, self._latest_ns(stop, now_ns))
            if delivery is not WindowDelivery.LATE:
                return Stop(stop, delivery is WindowDelivery.FOLLOWED)
        return Stop(followed, is_followed=True)  # which brakes by itself

    def _latest_ns(self, window: Window, now_ns: int) -> int:
        """Return the ROS time [ns] until which a window may be published."""
        latest_ns = end_ns(window) - round(MIN_LEFT_S * NS)
        if self.is_dry:
            return latest_ns
        return min(latest_ns, latest_arrival_ns(self._followed, window, now_ns) - round(TRANSPORT_S * NS))
