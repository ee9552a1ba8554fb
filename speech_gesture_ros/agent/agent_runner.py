"""The agent at work on the worker thread: audio in, windows, skeleton and delayed audio out.

Knows messages only as things to hand on; everything ROS-like it needs comes as functions. One thing happens on any
thread: `apply_inhibitors` stops the robot, at once, even while the model is busy or hangs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.delayed_audio import DelayedAudio
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.audio.pcm import Pcm
from speech_gesture_ros.control.continuation import agreement_ns
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.control.watchdog import ClockMonitor
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

log = logging.getLogger(__name__)

Reading = tuple[npt.NDArray[np.float64], int]

MAX_COMPUTE_S = 0.06  # a machine that takes longer stalls
TRANSPORT_S = 0.005  # how long a window is under way at best
MIN_LEFT_S = 0.03  # a window that ends sooner may arrive when it has ended, and be rejected
CLOCK_STANDS = "ROS time stands still"


@dataclass(frozen=True)
class OutputFunctions:
    """Where results go.

    Attributes:
        window: Called with each window to send to the robot; False if it does not follow it, or only in part.
        pose: Called with each new (J, 3) human pose [m] and its time [ns].
        audio: Called with each audio message when its gesture is performed.
        notice: Called with what becomes of each wish for a gesture.
    """

    window: Callable[[Window], bool]
    pose: Callable[[npt.NDArray[np.floating], int], None]
    audio: Callable[[Any], None]
    notice: Callable[[RequestStatus], None]


class AgentRunner:
    """Drives an `Agent` on the worker thread; any thread may call `apply_inhibitors` and the two `observe` methods.

    Args:
        agent: The agent, made by the same thread.
        outputs: Where results go.
        now_ns: The ROS clock.
        holds: Asked at every update: why the robot is to stand still, empty if it may move. For any thread.
        steady_ns: A clock that is never set.

    Attributes:
        refused_messages: Audio messages that could not be understood.
        stalls: Windows that were not sent because they came too late.
        is_dry: Nothing is sent to the robot: it is not expected to follow.
    """

    def __init__(self, agent: Agent, outputs: OutputFunctions, now_ns: Callable[[], int],
                 holds: Callable[[], tuple[str, ...]] = tuple,
                 steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.agent = agent
        self._outputs = outputs
        self._now_ns = now_ns
        self._holds = holds
        self._steady_ns = steady_ns
        self._clock = ClockMonitor()
        self._delayed = DelayedAudio(outputs.audio)
        self._reading: Reading | None = None
        self._reference: Reading | None = None
        self._shown: npt.NDArray[np.floating] | None = None
        self._lock = threading.Lock()  # over all that is sent to the robot, and the next four
        self._sent: Window | None = None  # what the robot follows
        self._stop: tuple[str, ...] = ()  # why it was stopped
        self._is_elsewhere = False  # it did not follow that stop, nobody knows to where
        self._is_news = False  # the agent has not been told yet of that stop, so that it cannot be over
        self.refused_messages = 0
        self.stalls = 0
        self.is_dry = False

    def observe_joints(self, reading: Reading) -> None:
        """Leave the latest (N,) positions [rad] and their time [ns] for the next update; from any thread."""
        self._reading = reading

    def observe_reference(self, reading: Reading) -> None:
        """Leave what the controllers command, (N,) [rad], NaN where unknown, and its time [ns]; from any thread."""
        self._reference = reading

    def apply_inhibitors(self) -> None:
        """Stop the robot if it is to stand still now; from any thread."""
        with self._lock:
            holds, was_held = self._holds(), bool(self._stop)
            if holds or not self._is_news:
                self._stop = holds
            if not self._stop or was_held:
                return
            self._is_news = True
            if self._sent is not None:
                stop = self.agent.engagement.stop(self._sent, self._now_ns())
                if stop is not None:
                    self._is_elsewhere |= not self._outputs.window(stop)
                    self._sent = stop

    def push_audio(self, message: Any, pcm: Callable[[], Pcm], arrival_ns: int) -> None:
        """Take one audio message that arrived at a time."""
        try:
            data, fmt = pcm()
            self.agent.push_audio(data, fmt, arrival_ns)
        except InputError as error:
            self.refused_messages += 1
            if self.refused_messages == 1:
                log.error("audio refused: %s", error)
            return
        self._delayed.push(message, arrival_ns + round(self.agent.latency_s * NS))

    def update(self) -> None:
        """Perform what is due and publish it."""
        now_ns = self._now_ns()
        self._watch_clock(now_ns)
        self.apply_inhibitors()
        with self._lock:
            holds, stop = self._stop, self._sent if self._stop else None
            is_elsewhere, self._is_elsewhere, self._is_news = self._is_elsewhere, False, False
        self.agent.hold((*holds, CLOCK_STANDS) if self._clock.is_stopped else holds, stop)
        if is_elsewhere:
            self.agent.engagement.lose()
        reading, self._reading = self._reading, None
        if reading is not None:
            self.agent.observe_joints(*reading)
        reference, self._reference = self._reference, None
        if reference is not None:
            self.agent.observe_reference(*reference)
        window = self.agent.update(now_ns)
        if window is not None:
            self._send(window, now_ns)
        self._delayed.update(now_ns)
        self._tell()
        if self.agent.pose is not None and self.agent.pose is not self._shown:
            self._shown = self.agent.pose
            self._outputs.pose(self._shown, now_ns)

    def _watch_clock(self, now_ns: int) -> None:
        was_standing = self._clock.is_stopped
        jump = self._clock.check(now_ns, self._steady_ns())
        if self._clock.is_stopped and not was_standing:
            log.warning("%s: the robot is left alone until it goes on (a paused simulation, or /clock is silent)",
                        CLOCK_STANDS)
        if jump or (was_standing and not self._clock.is_stopped):
            self._begin_anew("the clock jumped" if jump else "the clock stood still", jump)

    def _begin_anew(self, kind: str, detail: str) -> None:
        """Forget everything: what was promised is at times that have no meaning any more."""
        with self._lock:
            self._sent = None
        self.agent.begin_anew(kind, detail)
        self._delayed.reset()

    def _send(self, window: Window, asked_ns: int) -> None:
        """Publish a window, unless the machine stalled: then the robot brakes on an older one and is entered anew."""
        now_ns = self._now_ns()
        with self._lock:
            is_stop = self._sent is not None and not self.agent.engagement.is_engaged
            if is_stop and self._sent is not None:  # from where the robot is by now
                window = self.agent.engagement.stop(self._sent, now_ns) or window
            is_slow = not is_stop and now_ns - asked_ns > MAX_COMPUTE_S * NS
            is_late = is_slow or self._would_leap(window, now_ns)
            is_sent = not self._stop and not is_late
            if is_sent:
                self._outputs.window(window)
                self._sent = None if self.is_dry else window
            holds, stop = self._stop, self._sent
        if holds or (is_stop and is_sent):
            self.agent.hold(holds or self.agent.engagement.holds, stop)
        elif is_late:
            self.stalls += 1
            self.agent.withdraw(f"{(now_ns - asked_ns) / NS:.2f} s of work: the machine is too busy")

    def _would_leap(self, window: Window, now_ns: int) -> bool:
        """Whether the robot will not be on a window any more when it arrives, or the window will be over."""
        followed = self._sent
        if followed is None or now_ns >= end_ns(followed):  # it stands where the window begins
            followed = replace(window, positions=window.positions[:1], velocities=0.0 * window.velocities[:1])
        parts_ns = None if self.is_dry else agreement_ns(followed, window)
        has_parted = parts_ns is not None and parts_ns < now_ns + TRANSPORT_S * NS
        return has_parted or end_ns(window) - now_ns < MIN_LEFT_S * NS

    def request(self, text: str, arrival_ns: int) -> None:
        """Take wishes for gestures that arrived at a time."""
        self.agent.request(text, arrival_ns)
        self._tell()

    def set_controls(self, controls: GestureControls) -> None:
        """Gesture otherwise from the next pose on."""
        self.agent.set_controls(controls)

    def set_dry_run(self, is_dry: bool) -> None:
        """Send nothing to the robot, or begin to: from where it is."""
        if is_dry != self.is_dry:
            self.is_dry = is_dry
            self.agent.engagement.is_watched = not is_dry
            self._begin_anew("dry run" if is_dry else "end of the dry run", "")

    def _tell(self) -> None:
        for notice in self.agent.requests.notices():
            if notice.status == "rejected":
                log.warning("gesture %s (%s) rejected: %s", notice.id, notice.gesture or "?", notice.reason)
            self._outputs.notice(notice)

    def interrupt(self) -> None:
        """Forget audio that waits to be performed and played: the gesture ends as in a pause."""
        self.agent.interrupt()
        self._delayed.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self.agent.reset()
        self._delayed.reset()
