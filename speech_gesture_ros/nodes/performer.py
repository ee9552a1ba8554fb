"""The agent at work on the worker thread: audio in, windows, skeleton and delayed audio out.

Knows messages only as things to hand on; everything ROS-like it needs comes as functions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.audio_messages import Pcm
from speech_gesture_ros.nodes.delayed_audio import DelayedAudio
from speech_gesture_ros.pipeline.agent import Agent
from speech_gesture_ros.pipeline.request_book import Notice

log = logging.getLogger(__name__)

MAX_COMPUTE_S = 0.06  # later than this a window would change knots that the robot may be leaving already
MIN_LEFT_S = 0.03  # a window that ends sooner may arrive when it has ended, and be rejected
MAX_PLAUSIBLE_STEP_S = 5.0  # a larger step of the clock is a jump (simulation restarted, NTP): begin anew


@dataclass(frozen=True)
class Outputs:
    """Where results go.

    Attributes:
        window: Called with each window to send to the robot.
        pose: Called with each new (J, 3) human pose [m] and its time [ns].
        audio: Called with each audio message when its gesture is performed.
        notice: Called with what becomes of each wish for a gesture.
    """

    window: Callable[[Window], None]
    pose: Callable[[npt.NDArray[np.floating], int], None]
    audio: Callable[[Any], None]
    notice: Callable[[Notice], None]


class Performer:
    """Drives an `Agent`; every method but `observe_joints` belongs to the worker thread.

    Args:
        agent: The agent, made by the same thread.
        outputs: Where results go.
        now_ns: The ROS clock.

    Attributes:
        refused_messages: Audio messages that could not be understood.
        stalls: Windows that were not sent because they came too late.
    """

    def __init__(self, agent: Agent, outputs: Outputs, now_ns: Callable[[], int]) -> None:
        self.agent = agent
        self._outputs = outputs
        self._now_ns = now_ns
        self._delayed = DelayedAudio(outputs.audio)
        self._reading: tuple[npt.NDArray[np.float64], int] | None = None
        self._shown: npt.NDArray[np.floating] | None = None
        self._last_ns = 0
        self.refused_messages = 0
        self.stalls = 0

    def observe_joints(self, reading: tuple[npt.NDArray[np.float64], int]) -> None:
        """Leave the latest (N,) positions [rad] and their time [ns] for the next update; from any thread."""
        self._reading = reading

    def hear(self, message: Any, pcm: Callable[[], Pcm], arrival_ns: int) -> None:
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
        if self._last_ns and not 0 <= now_ns - self._last_ns <= MAX_PLAUSIBLE_STEP_S * NS:
            log.warning("the clock jumped by %.1f s: beginning anew", (now_ns - self._last_ns) / NS)
            self.reset()
        self._last_ns = now_ns
        reading, self._reading = self._reading, None
        if reading is not None:
            self.agent.observe_joints(*reading)
        window = self.agent.update(now_ns)
        if window is not None:
            self._send(window, now_ns)
        self._delayed.update(now_ns)
        self._tell()
        if self.agent.pose is not None and self.agent.pose is not self._shown:
            self._shown = self.agent.pose
            self._outputs.pose(self._shown, now_ns)

    def _send(self, window: Window, asked_ns: int) -> None:
        """Publish a window, unless the machine stalled: then the robot brakes on an older one and is entered anew."""
        now_ns = self._now_ns()
        left_ns = window.stamp_ns + index_to_ns(len(window) - 1, KNOT_RATE) - now_ns
        if now_ns - asked_ns <= MAX_COMPUTE_S * NS and left_ns >= MIN_LEFT_S * NS:
            self._outputs.window(window)
            return
        log.warning("a window came %.2f s late and is not sent: the machine is too busy", (now_ns - asked_ns) / NS)
        self.stalls += 1
        self.agent.withdraw()

    def request(self, text: str, arrival_ns: int) -> None:
        """Take wishes for gestures that arrived at a time."""
        self.agent.request(text, arrival_ns)
        self._tell()

    def set_controls(self, controls: GestureControls) -> None:
        """Gesture otherwise from the next pose on."""
        self.agent.set_controls(controls)

    def _tell(self) -> None:
        for notice in self.agent.requests.notices():
            if notice.status == "rejected":
                log.warning("gesture %s (%s) rejected: %s", notice.id, notice.gesture or "?", notice.reason)
            self._outputs.notice(notice)

    def enable(self, is_enabled: bool) -> None:
        """Start or stop moving the robot; stopping brakes."""
        self.agent.enable(is_enabled)

    def reset(self) -> None:
        """Forget everything heard."""
        self.agent.reset()
        self._delayed.reset()
