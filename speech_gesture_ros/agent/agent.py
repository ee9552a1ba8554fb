"""Speech to windows in real time: live audio, the pipeline, the planner, and the gate at the end.

    push_audio ──► LiveAudio ──► GesturePipeline ──► MotionPlanner ──► gate ──► window, stamped

    stream time t is performed at the ROS time   anchor + t + latency_s

The robot is *engaged* (`Engagement`) while nobody holds it, it says where it is, and a stream runs. Engaging starts
from where the robot stands, slowly. Letting go stops it with one last window, and would without: every window already
published ends at rest. The latency is fixed while engaged, for it is part of every stamp.
"""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.engagement import Engagement
from speech_gesture_ros.agent.live_audio import LiveAudio
from speech_gesture_ros.agent.request_queue import GestureRequestQueue
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.stopping import extend_rest
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, ns_to_index
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.telemetry import Telemetry
from speech_gesture_ros.retargeting import load_robot

JITTER_S = 0.05  # how much later than expected a message may come without the robot braking


class State(enum.Enum):
    """What the agent is doing, in words for people."""

    HELD = "standing still"
    NO_AUDIO = "waiting for audio"
    NO_ROBOT = "waiting for the robot's joint states"
    BRAKING = "coming to rest"
    MOVED = "waiting until the robot stands still"
    PERFORMING = "performing"


class Agent:
    """Speech in, windows out. One object, used by one thread.

    Attributes:
        description: The robot.
        pipeline: The stages up to robot configurations.
        audio: The stream and its clock.
        requests: Wishes for gestures by name, and what became of them.
        engagement: Whether the robot is ours to move, and why not.
        telemetry: Compute time of each stage.
        pose: (J, 3) latest human pose [m]; None before the first.
    """

    def __init__(self, config: AgentConfig) -> None:
        self._config = config
        self.telemetry = Telemetry()
        self.description = load_robot(config.pipeline)
        self.pipeline = GesturePipeline(config.pipeline, self.description, self.telemetry)
        self.audio = LiveAudio(config)
        self.requests = GestureRequestQueue(self.pipeline.request)
        self.pose: npt.NDArray[np.floating] | None = None
        self.engagement = Engagement(self.description, config)
        self._planner = MotionPlanner(self.description)
        self._engaged_latency_s = 0.0

    @property
    def state(self) -> State:
        """What the agent is doing."""
        robot = self.engagement
        if robot.holds:
            return State.HELD
        if not self.audio.is_running:
            return State.NO_AUDIO
        if robot.is_engaged:
            return State.PERFORMING
        if robot.is_stale:
            return State.NO_ROBOT
        return State.BRAKING if robot.is_braking else State.MOVED

    @property
    def latency_s(self) -> float:
        """From a sound's arrival to its gesture: what a player must delay the voice by to be in time [s]."""
        return self._engaged_latency_s if self.engagement.is_engaged else self._wanted_latency_s

    @property
    def _wanted_latency_s(self) -> float:
        lead_s = max(self._config.lead_s, self.audio.message_s + JITTER_S)
        return self.audio.latency_s + self.pipeline.latency_s + self._planner.latency_s + lead_s

    def observe_joints(self, q: npt.NDArray[np.floating], now_ns: int) -> None:
        """Tell where the robot is: (N,) in the order of `description.joint_names` [rad]. NaN is ignored."""
        self.engagement.observe(q, now_ns)

    def observe_reference(self, q: npt.NDArray[np.float64], now_ns: int) -> None:
        """Tell what the controllers command, where they say: (N,) [rad], NaN where not."""
        self.engagement.refer(q, now_ns)

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
            self._perform(chunk)
        self._follow_requests(now_ns)
        if not self.audio.is_running:
            self.engagement.release("no audio")
        if self.engagement.is_engaged and self._planner.newest_index != newest:
            return self._promise(now_ns)
        return self.engagement.farewell(now_ns)

    def set_controls(self, controls: GestureControls) -> None:
        """Gesture otherwise from the next pose on."""
        self.pipeline.set_controls(controls)

    def request(self, text: str, now_ns: int) -> None:
        """Take wishes for gestures as text (`pose.gesture_requests`); `requests.notices` tells what becomes of them."""
        self.requests.take(text, now_ns, self.audio.is_running)

    def hold(self, reasons: tuple[str, ...], stop: Window | None = None) -> None:
        """Stand still while there are reasons; `stop` was sent already to that end."""
        self.engagement.hold(reasons, stop)

    def enable(self, is_enabled: bool) -> None:
        """Start or stop moving the robot."""
        self.hold(() if is_enabled else ("disabled",))

    def interrupt(self) -> None:
        """Whoever spoke is silent now: audio that waits is not performed, and the gesture ends as in any pause."""
        self.audio.drop_backlog()

    def withdraw(self, detail: str = "") -> None:
        """Say that the window returned last came too late to be sent: the robot brakes on the one before it."""
        self.engagement.withdraw("late window", detail)

    def reset(self) -> None:
        """Forget everything heard; the robot brakes to rest and is entered anew from where it is."""
        self._forget("reset on request")

    def begin_anew(self, kind: str, detail: str = "") -> None:
        """As `reset`, and nothing is known any more of what the robot was told: the clock jumped, say."""
        self._forget(kind, detail)
        self.engagement.begin_anew()

    def _forget(self, kind: str, detail: str = "") -> None:
        self.engagement.release(kind, detail)
        self.audio.reset()
        self.requests.clear(kind)
        self.pose = None

    def report(self) -> dict[str, object]:
        """Everything countable, in plain numbers and strings: state, latency, audio, compute times, safety."""
        return {
            "state": self.state.value,
            "holds": "; ".join(self.engagement.holds),
            "trouble": self.engagement.trouble,
            "latency_s": self.latency_s,
            "audio": self.audio.report(),
            "compute_ms": self.telemetry.summary_ms(),
            "safety": vars(self._planner.report),
            "released": dict(self.engagement.released),
            "gesture_requests": dict(self.requests.counts),
        }

    def _follow_requests(self, now_ns: int) -> None:
        latency_ns = int(self.latency_s * NS)
        if self.audio.is_running:
            reason = "; ".join(self.engagement.holds) or self.state.value
            remark = "" if self.state is State.PERFORMING else f"the robot stands still: {reason}"
            self.requests.follow(now_ns, self.audio.clock.to_ns(0, KNOT_RATE), latency_ns, remark)
        else:
            self.requests.end_stream()
        self.requests.expire(now_ns, latency_ns)

    def _watch(self, now_ns: int) -> None:
        """Engage when everything is there, let go when something is missing."""
        self.engagement.check(now_ns)
        if self.engagement.is_engaged and self._wanted_latency_s > self._engaged_latency_s + 1e-9:
            self.engagement.release("longer audio messages need more lead")
        if not self.engagement.is_engaged and self.audio.is_running:
            q = self.engagement.engage(now_ns)
            if q is not None:
                self._planner.seed(q)
                self._engaged_latency_s = self._wanted_latency_s

    def _perform(self, chunk: AudioChunk) -> None:
        """Samples to targets of the planner; a model that gives no numbers is set back to its beginning."""
        motion = self.pipeline.push(chunk)
        if self.pipeline.has_failed:
            self._forget("not a number", "the model gave NaN or infinity")
            return
        if len(motion.poses):
            self.pose = motion.poses.values[-1]
        if self.engagement.is_engaged:
            with self.telemetry.measure("control"):
                self._planner.push(motion.joints)

    def _promise(self, now_ns: int) -> Window | None:
        """Take the planner's window and let it out only if the gate agrees."""
        with self.telemetry.measure("window"):
            latency_ns = int(self.latency_s * NS)
            begin_ns = self.audio.clock.to_ns(0, KNOT_RATE) + latency_ns
            plan = self._planner.plan(ns_to_index(now_ns - begin_ns, KNOT_RATE))
            stamp_ns = self.audio.clock.to_ns(plan.start_index, KNOT_RATE) + latency_ns
            window = Window(plan.start_index, stamp_ns, plan.positions, plan.velocities, plan.brakes)
            window = extend_rest(window, now_ns)
            fault = self.engagement.promise(window)
        if fault:
            self.engagement.release("refused window", fault)
            return self.engagement.farewell(now_ns)
        return window
