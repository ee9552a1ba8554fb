"""Speech to windows in real time: live audio, the pipeline, the planner, and the gate at the end.

    push_audio ──► LiveAudio ──► GesturePipeline ──► MotionPlanner ──► gate ──► window, stamped

    stream time t is performed at the ROS time   anchor + t + latency_s

The robot is *engaged* while three things hold: it is enabled, it says where it is, and a stream runs. Engaging starts
from where the robot stands, slowly. Letting go needs no message: every window already published ends at rest; until it
has ended there, the robot is not engaged again. The latency is fixed while engaged, for it is part of every stamp.
"""

from __future__ import annotations

import enum
import logging

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.watchdog import Watchdog
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns, ns_to_index
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.pipeline.config import AgentConfig
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline, load_robot
from speech_gesture_ros.pipeline.live_audio import LiveAudio
from speech_gesture_ros.pipeline.request_book import RequestBook
from speech_gesture_ros.pipeline.telemetry import Telemetry

log = logging.getLogger(__name__)

JITTER_S = 0.05  # how much later than expected a message may come without the robot braking
JOINT_STATES = "joint states"  # the input the watchdog guards
SETTLE_NS = NS // 10  # how long a robot is given to come to rest after its last knot
NEAR = 0.05  # [rad] a robot this close to what it was told last stands there, but for its servos' error


class State(enum.Enum):
    """What the agent is doing, in words for people."""

    DISABLED = "disabled"
    NO_ROBOT = "waiting for the robot's joint states"
    NO_AUDIO = "waiting for audio"
    PERFORMING = "performing"


class Agent:
    """Speech in, windows out. One object, used by one thread.

    Attributes:
        description: The robot.
        pipeline: The stages up to robot configurations.
        audio: The stream and its clock.
        requests: Wishes for gestures by name, and what became of them.
        telemetry: Compute time of each stage.
        pose: (J, 3) latest human pose [m]; None before the first.
    """

    def __init__(self, config: AgentConfig) -> None:
        self._config = config
        self.telemetry = Telemetry()
        self.description = load_robot(config.pipeline)
        self.pipeline = GesturePipeline(config.pipeline, self.description, self.telemetry)
        self.audio = LiveAudio(config)
        self.requests = RequestBook(self.pipeline.request)
        self.pose: npt.NDArray[np.floating] | None = None
        self._planner = MotionPlanner(self.description)
        self._is_enabled = True
        self._is_engaged = False
        self._q = self.description.rest_q  # where the robot was last, once it has said so
        self._watchdog = Watchdog({JOINT_STATES: config.joint_timeout_s})
        self._engaged_latency_s = 0.0
        self._promised: Window | None = None  # published last
        self._promised_before: Window | None = None
        self._released: dict[str, int] = {}  # reason: how often the robot was let go for it

    @property
    def state(self) -> State:
        """What the agent is doing."""
        if not self._is_enabled:
            return State.DISABLED
        if not self.audio.is_running:
            return State.NO_AUDIO
        return State.PERFORMING if self._is_engaged else State.NO_ROBOT

    @property
    def latency_s(self) -> float:
        """From a sound's arrival to its gesture: what a player must delay the voice by to be in time [s]."""
        return self._engaged_latency_s if self._is_engaged else self._wanted_latency_s

    @property
    def _wanted_latency_s(self) -> float:
        lead_s = max(self._config.lead_s, self.audio.message_s + JITTER_S)
        return self.audio.latency_s + self.pipeline.latency_s + self._planner.latency_s + lead_s

    def observe_joints(self, q: npt.NDArray[np.floating], now_ns: int) -> None:
        """Tell where the robot is: (N,) in the order of `description.joint_names` [rad]. NaN is ignored."""
        if np.all(np.isfinite(q)):
            self._q = np.array(q, dtype=np.float64)
            self._watchdog.feed(JOINT_STATES, now_ns)

    def push_audio(self, data: bytes | npt.NDArray[np.generic], fmt: PcmFormat, now_ns: int) -> None:
        """Take one message of audio as it came; it is performed by the next calls of `update`.

        Raises:
            InputError: If the data is not what the format says (compressed audio, impossible shapes).
        """
        with self.telemetry.measure("audio"):
            self.audio.push(data, fmt, now_ns)

    def update(self, now_ns: int) -> Window | None:
        """Perform what is due. Call after each `push_audio` and at least 20 times a second.

        Returns:
            The window to publish now, or None if there is nothing new to promise.
        """
        self._watch(now_ns)
        newest = self._planner.newest_index
        while len(chunk := self.audio.take(now_ns)):
            if chunk.start_index == 0:
                self.pipeline.reset()
                self.requests.end_stream()
            self.requests.place(self.audio.clock.to_ns(0, KNOT_RATE), int(self.latency_s * NS))
            motion = self.pipeline.push(chunk)
            if len(motion.poses):
                self.pose = motion.poses.values[-1]
            if self._is_engaged:
                with self.telemetry.measure("control"):
                    self._planner.push(motion.joints)
        self._follow_requests(now_ns)
        if not self.audio.is_running:
            self._release("no audio")
        if self._is_engaged and self._planner.newest_index != newest:
            return self._promise(now_ns)
        return None

    def set_controls(self, controls: GestureControls) -> None:
        """Gesture otherwise from the next pose on."""
        self.pipeline.set_controls(controls)

    def request(self, text: str, now_ns: int) -> None:
        """Take wishes for gestures as text (`pose.requests`); `requests.notices` tells what becomes of them."""
        self.requests.take(text, now_ns, self.audio.is_running)

    def enable(self, is_enabled: bool) -> None:
        """Start or stop moving the robot. Stopping keeps the last promise, which brakes to rest by itself."""
        self._is_enabled = is_enabled
        if not is_enabled:
            self._release("disabled on request")

    def withdraw(self) -> None:
        """Say that the window returned last was not sent after all: the robot brakes on the one before it."""
        self._promised = self._promised_before
        self._release("a window came too late to be sent")

    def reset(self) -> None:
        """Forget everything heard; the robot brakes to rest and is entered anew from where it is."""
        self._release("reset on request")
        self.audio.reset()
        self.requests.clear("reset on request")
        self._watchdog.reset()
        self.pose = None

    def report(self) -> dict[str, object]:
        """Everything countable, in plain numbers and strings: state, latency, audio, compute times, safety."""
        return {
            "state": self.state.value,
            "latency_s": self.latency_s,
            "audio": self.audio.report(),
            "compute_ms": self.telemetry.summary_ms(),
            "safety": vars(self._planner.report),
            "released": dict(self._released),
            "gesture_requests": dict(self.requests.counts),
        }

    def _follow_requests(self, now_ns: int) -> None:
        latency_ns = int(self.latency_s * NS)
        if self.audio.is_running:
            remark = "" if self.state is State.PERFORMING else f"the robot stands still: {self.state.value}"
            self.requests.follow(now_ns, self.audio.clock.to_ns(0, KNOT_RATE), latency_ns, remark)
        else:
            self.requests.end_stream()
        self.requests.expire(now_ns, latency_ns)

    def _watch(self, now_ns: int) -> None:
        """Engage when everything is there, let go when something is missing."""
        self._watchdog.check(now_ns)
        is_fresh = JOINT_STATES not in self._watchdog.stale
        if self._is_engaged and not is_fresh:
            self._release("stale joint states")
            self._promised = None  # nobody knows what became of it: only what is measured next counts
        elif self._is_engaged and self._wanted_latency_s > self._engaged_latency_s + 1e-9:
            self._release("longer audio messages need more lead")
        elif not self._is_engaged and self._is_enabled and is_fresh and self.audio.is_running:
            self._engage(now_ns)

    def _engage(self, now_ns: int) -> None:
        q = self._q
        if self._promised is not None:
            if now_ns < _end_ns(self._promised) + SETTLE_NS:
                return  # still braking
            last = self._promised.positions[-1]
            q = last if np.max(np.abs(last - q)) < NEAR else q  # where the controller holds it, if it does
        self._planner.seed(q)
        self._is_engaged, self._engaged_latency_s = True, self._wanted_latency_s
        self._promised = None
        log.info("engaged: slow approach from where the robot stands")

    def _release(self, reason: str) -> None:
        if self._is_engaged:
            self._released[reason] = self._released.get(reason, 0) + 1
            log.warning("robot released: %s; the last window brakes it to rest", reason)
        self._is_engaged = False

    def _promise(self, now_ns: int) -> Window | None:
        """Take the planner's window and let it out only if the gate agrees."""
        with self.telemetry.measure("window"):
            latency_ns = int(self.latency_s * NS)
            begin_ns = self.audio.clock.to_ns(0, KNOT_RATE) + latency_ns
            plan = self._planner.window(ns_to_index(now_ns - begin_ns, KNOT_RATE))
            stamp_ns = self.audio.clock.to_ns(plan.start_index, KNOT_RATE) + latency_ns
            window = Window(plan.start_index, stamp_ns, plan.positions, plan.velocities)
            fault = validate_window(window, self.description.limits, self._promised)
        if fault:
            log.error("window refused: %s", fault)
            self._release(f"refused window: {fault}")
            return None
        self._promised_before, self._promised = self._promised, window
        return window


def _end_ns(window: Window) -> int:
    return window.stamp_ns + index_to_ns(len(window) - 1, KNOT_RATE)
