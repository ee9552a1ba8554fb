"""Real-time loop around an agent, on the worker thread: messages in; windows, poses and the delayed voice out in time.

    push_audio, request ──► Agent ──► window ──────────────────────► WindowSender ──► robot
    observe_joints ────────►       ├─► poses ──► until performed ──► ~/skeleton
                                   └─► frames of the face ─────────► ~/face/blendshapes
    audio message ─────────────────────────────► until performed ──► ~/audio_out

Messages are passed on as they are: what belongs to ROS comes as functions. `apply_inhibitors` stops the robot from any
thread, at once, even while the model is busy or hangs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_output import TimedPose, WindowDelivery
from speech_gesture_ros.agent.clock_monitor import ClockMonitor
from speech_gesture_ros.agent.delivery_monitor import DeliveryMonitor
from speech_gesture_ros.agent.face_timeline import TimedFace
from speech_gesture_ros.agent.motion_state import MotionEvent
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.agent.timed_queue import TimedQueue
from speech_gesture_ros.agent.window_sender import SendResult, WindowSender
from speech_gesture_ros.audio.pcm import Pcm
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import InputError, shown
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

log = logging.getLogger(__name__)

Reading = tuple[npt.NDArray[np.float64], int]

LOSS_LOG_PERIOD_S = 60.0  # between log lines on messages that are dropped or refused
MAX_AUDIO_AGE_S = 1.0  # audio that has waited longer for the model is dropped
CLOCK = "clock"  # name of the inhibitor
CLOCK_STOPPED = "ROS time stands still"


@dataclass(frozen=True)
class OutputFunctions:
    """Functions that take the results.

    Attributes:
        window: Takes each window for the robot, and the latest ROS time [ns] at which it may be published.
        pose: Takes each human pose when it is performed.
        audio: Takes each audio message when its gestures are performed.
        request_status: Takes each change of status of a gesture request.
        faces: Takes the frames of the face that are due, at least one.
    """

    window: Callable[[Window, int], WindowDelivery]
    pose: Callable[[TimedPose], None]
    audio: Callable[[Any], None]
    request_status: Callable[[RequestStatus], None]
    faces: Callable[[Sequence[TimedFace]], None] = lambda _: None


class AgentRunner:
    """Drives an `Agent` on the worker thread; any thread may call the methods that say so.

    Args:
        agent: The agent, made by the same thread.
        outputs: Functions that take the results.
        now_ns: The ROS clock.
        steady_ns: A clock that is never set.

    Attributes:
        agent: The agent.
        delivery: Measures how long windows need to the controllers.
        refused_messages: Number of audio messages and gesture requests that could not be read.
        dropped_messages: Number of audio messages that waited too long for the model.
        stalls: Number of windows that were not sent because they came too late.
    """

    def __init__(self, agent: Agent, outputs: OutputFunctions, now_ns: Callable[[], int],
                 steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.agent = agent
        self._outputs = outputs
        self._now_ns, self._steady_ns = now_ns, steady_ns
        self.delivery = DeliveryMonitor(agent.lead_s)
        self._sender = WindowSender(self._deliver, agent.engagement.make_stop, agent.inhibitors, now_ns)
        self._clock = ClockMonitor()
        agent.inhibitors.register(CLOCK, lambda: CLOCK_STOPPED if self._clock.is_stopped else "")
        self._voice: TimedQueue[Any] = TimedQueue()
        self._poses: TimedQueue[TimedPose] = TimedQueue()
        self._reading: Reading | None = None
        self._reference: Reading | None = None
        self._arrival_ns: int | None = None  # of the newest audio message that waits
        self.refused_messages = self.dropped_messages = 0
        self._logged_ns: dict[str, int] = {}  # steady time at which each kind of loss was logged last
        self.stalls = 0

    @property
    def is_dry(self) -> bool:
        """True while nothing is sent to the robot."""
        return self._sender.is_dry

    # -- from any thread ---------------------------------------------------------------------------------------------

    def observe_joints(self, reading: Reading) -> None:
        """Keep the latest (N,) positions [rad] and their time [ns] for the next update."""
        self._reading = reading

    def observe_reference(self, reading: Reading) -> None:
        """Keep what the controllers command, (N,) [rad], NaN where unknown, and its time [ns], for the next update."""
        self._reference = reading

    def expect_audio(self, arrival_ns: int | None) -> None:
        """Take note of an audio message that arrived at a ROS time [ns] and waits for `push_audio`; None: none waits.

        The stream does not end while a message waits.
        """
        self._arrival_ns = arrival_ns

    @property
    def is_at_rest(self) -> bool:
        """True if every window sent to the robot is over; for any thread."""
        return self._sender.are_over(self._now_ns())

    def apply_inhibitors(self) -> None:
        """Stop the robot, before returning, if an inhibitor has been set."""
        self._sender.apply_inhibitors()

    # -- on the worker thread ----------------------------------------------------------------------------------------

    def push_audio(self, message: Any, pcm: Callable[[], Pcm], arrival_ns: int) -> None:
        """Take one audio message.

        Args:
            message: The message, to be passed on when its gestures are performed.
            pcm: Reads its samples; may raise `InputError`.
            arrival_ns: ROS time at which it arrived [ns].
        """
        if arrival_ns == self._arrival_ns:
            self._arrival_ns = None
        if self._now_ns() - arrival_ns > MAX_AUDIO_AGE_S * NS:
            self._drop()
            return
        try:
            data, fmt = pcm()
            if len(data) == 0:
                return
            self.agent.push_audio(data, fmt, arrival_ns)
            self.agent.audio.keep_alive(self._now_ns())
        except InputError as error:
            self._refuse("audio", error)
            return
        except Exception as error:  # part of the message may be in the stream: begin a new one
            self._refuse("audio", error)
            self.reset()
            return
        begin_ns = min(arrival_ns, self.agent.audio.message_begin_ns)  # long live messages began before they arrived
        self._voice.push(message, begin_ns + round(self.agent.voice_latency_s * NS))

    def update(self) -> None:
        """Do what is due, and pass on the results."""
        now_ns = self._now_ns()
        self._check_clock(now_ns)
        self.agent.lead_s = self.delivery.lead_s
        self._sender.apply_inhibitors()
        stop = self._sender.take_stop()
        if stop is not None:
            self.agent.engagement.confirm_stop(stop.window, is_followed=stop.is_followed)
        self._pass_readings()
        output = self.agent.update(now_ns)
        if output.window is not None:
            self._send(output.window, now_ns)
        if output.faces:
            self._outputs.faces(output.faces)
        for pose in output.poses:
            self._poses.push(pose, pose.stamp_ns)
        for pose in self._poses.take(now_ns):
            self._outputs.pose(pose)
        for message in self._voice.take(now_ns):
            self._outputs.audio(message)
        self._pass_request_statuses()

    def request(self, text: str, arrival_ns: int) -> None:
        """Take gesture requests that arrived at a ROS time [ns]."""
        try:
            self.agent.request(text, arrival_ns)
        except Exception as error:
            self._refuse("gesture request", error)
        self._pass_request_statuses()

    def set_controls(self, controls: GestureControls) -> None:
        """Apply controls from the next pose on."""
        self.agent.set_controls(controls)

    def state_speech(self, is_speech: bool | None) -> None:
        """State whether the speaker speaks; None: the sound decides."""
        self.agent.state_speech(is_speech)

    def set_dry_run(self, is_dry: bool) -> None:
        """Begin or end a dry run; the robot is engaged again from where it is."""
        if is_dry != self.is_dry:
            self._sender.is_dry = is_dry
            self._restart(MotionEvent.DRY_RUN_BEGAN if is_dry else MotionEvent.DRY_RUN_ENDED, "", self._now_ns())
            self.agent.engagement.robot.is_compared = not is_dry

    def interrupt(self) -> None:
        """Forget audio that waits to be performed and played: the gesture ends as in a pause, and the lips close."""
        self.agent.interrupt()
        self._voice.reset()

    def reset(self) -> None:
        """Forget all input; the robot brakes to rest."""
        self.agent.reset()
        self._forget_outputs()

    def _drop(self) -> None:
        """Count audio that has waited too long for the model; its stream continues with silence."""
        self.dropped_messages += 1
        self.agent.audio.keep_alive(self._now_ns())
        if self._is_log_due("drop"):
            log.warning("audio older than %g s dropped, %d messages so far: the machine is too busy",
                        MAX_AUDIO_AGE_S, self.dropped_messages)

    def _refuse(self, kind: str, error: Exception) -> None:
        """Count a message that cannot be used; log the first of each minute."""
        self.refused_messages += 1
        if self._is_log_due("refusal"):
            log.error("%s refused, %d messages so far: %s", kind, self.refused_messages, shown(str(error)))

    def _is_log_due(self, kind: str) -> bool:
        """Return whether a kind of loss was not logged in the last `LOSS_LOG_PERIOD_S`; it counts as logged then."""
        now_ns = self._steady_ns()
        is_due = kind not in self._logged_ns or now_ns - self._logged_ns[kind] > LOSS_LOG_PERIOD_S * NS
        if is_due:
            self._logged_ns[kind] = now_ns
        return is_due

    def _check_clock(self, now_ns: int) -> None:
        was_stopped = self._clock.is_stopped
        jump = self._clock.check(now_ns, self._steady_ns())
        is_stopped = self._clock.is_stopped
        if is_stopped and not was_stopped:
            log.warning("%s: the robot brakes to rest until it moves again (a paused simulation, or no /clock)",
                        CLOCK_STOPPED)
        if jump:
            self._restart(MotionEvent.CLOCK_JUMPED, jump, now_ns)
        elif was_stopped and not is_stopped:
            self._restart(MotionEvent.CLOCK_RESUMED, "", now_ns)

    def _restart(self, event: MotionEvent, detail: str, now_ns: int) -> None:
        """Forget everything: the times of what was sent have no meaning any more."""
        self._sender.forget()
        self.delivery.restart()
        self.agent.restart(event, detail, now_ns)
        self._forget_outputs()

    def _forget_outputs(self) -> None:
        self._voice.reset()
        self._poses.reset()

    def _pass_readings(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            self.agent.observe_joints(*reading)
        reference, self._reference = self._reference, None
        if reference is not None:
            self.agent.observe_reference(*reference)
        if self._arrival_ns is not None:
            self.agent.audio.keep_alive(self._now_ns())

    def _deliver(self, window: Window, latest_ns: int) -> WindowDelivery:
        """Pass on a window, and take note of it; for any thread, one at a time."""
        delivery = self._outputs.window(window, latest_ns)
        if delivery is not WindowDelivery.LATE:
            self.delivery.record(window.stamp_ns, self._now_ns())
        return delivery

    def _send(self, window: Window, asked_ns: int) -> None:
        """Send a window; if it is late, the robot brakes on the one before and is engaged again."""
        is_stop = not self.agent.engagement.is_engaged
        result = self._sender.send(window, asked_ns, is_stop=is_stop)
        if result in (SendResult.LATE, SendResult.PARTLY_LATE):
            self.stalls += 1
            self.agent.engagement.withdraw(f"{(self._now_ns() - asked_ns) / NS:.2f} s of work: the machine is too busy",
                                           is_partly_sent=result is SendResult.PARTLY_LATE)
        elif result is SendResult.SENT and is_stop:
            self.agent.engagement.confirm_stop(self._sender.followed or window)

    def _pass_request_statuses(self) -> None:
        for status in self.agent.requests.take_statuses():
            if status.status == "rejected":
                log.warning("gesture %s (%s) rejected: %s", status.id, status.gesture or "?", status.reason)
            self._outputs.request_status(status)
