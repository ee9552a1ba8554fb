"""Real-time agent: speech in; windows for the robot and human poses out, stamped with the time of their performance.

    push_audio ──► LiveAudio ──► GesturePipeline ─┬─► MotionPlanner ──► gate ──► window
                                                  ├─► poses
                                                  └─► AgentFace ──► frames of the face

    stream time t is performed at the ROS time   anchor + t + latency_s

The robot moves only in the state `ENGAGED` (`motion_state`, docs/state_machine.md). Engaging begins slowly, from the
present position. Releasing stops the robot with one last window, and would without it: every window ends at rest. The
latency is constant while engaged, for it is part of every stamp.

Example:
    >>> agent = Agent(AgentConfig())
    >>> agent.observe_joints(agent.description.rest_q, now_ns=0)
    >>> agent.push_audio(np.zeros(1600, dtype=np.int16), PcmFormat(16_000, 1, "s16le"), now_ns=0)
    >>> agent.update(now_ns=0)
    AgentOutput(window=None, poses=(), faces=())
    >>> agent.state
    <MotionState.WAITING_FOR_STANDSTILL: 'waiting until the robot stands still'>
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.agent_face import AgentFace
from speech_gesture_ros.agent.agent_output import AgentOutput, TimedPose
from speech_gesture_ros.agent.engagement import Engagement
from speech_gesture_ros.agent.face_timeline import TimedFace
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.live_audio import LiveAudio
from speech_gesture_ros.agent.motion_state import MotionEvent, MotionState
from speech_gesture_ros.agent.request_queue import GestureRequestQueue
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.stopping import extend_rest
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import KNOT_RATE, POSE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.timebase import NS, index_to_ns, ns_to_index
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline, Motion
from speech_gesture_ros.pipeline.telemetry import Telemetry

KNOWN_AHEAD_S = 0.3  # by which the model gets speech ahead of its time where it is known
JITTER_S = 0.05  # how much later than expected a message may come without the robot braking


class Agent:
    """Speech in, windows and poses out. One object, used by one thread.

    Args:
        config: Pipeline, time-outs and tolerances.
        inhibitors: Reasons not to move, which others may set from any thread; none if not given.
        pipeline: Stages up to robot configurations; made from the configuration if not given.

    Attributes:
        lead_s: Time that windows need to the controllers; may be raised at any time [s].
        description: The robot.
        pipeline: The stages up to robot configurations.
        audio: The stream and its clock.
        face: The face; None without one.
        requests: Gesture requests and their statuses.
        inhibitors: Reasons not to move.
        engagement: State of the robot's motion, and the windows that it follows.
        telemetry: Compute time of each stage.
    """

    def __init__(self, config: AgentConfig, inhibitors: MotionInhibitors | None = None,
                 pipeline: GesturePipeline | None = None) -> None:
        self._config = config
        self.lead_s = config.lead_s
        self.pipeline = pipeline or GesturePipeline(config.pipeline, telemetry=Telemetry())
        self.description = self.pipeline.description
        self.telemetry = self.pipeline.telemetry
        self.audio = LiveAudio(config)
        self.face = AgentFace(config.pipeline.face) if config.pipeline.face else None
        self.requests = GestureRequestQueue(self.pipeline.request)
        self.inhibitors = inhibitors or MotionInhibitors()
        self.engagement = Engagement(self.description, config, self.inhibitors)
        self._planner = MotionPlanner(self.description, config.smooth_targets)
        self._engaged_latency_s = 0.0
        self._held = 0  # pose frames that the model keeps back
        self.audio.ahead_s = KNOWN_AHEAD_S if self.pipeline.model.capabilities.can_hold_back else 0.0
        self.audio.lead_in_s = self.pipeline.latency_s + self._planner.latency_s

    @property
    def state(self) -> MotionState:
        """State of the robot's motion."""
        return self.engagement.state

    @property
    def latency_s(self) -> float:
        """Time from a sound's arrival to the command of its gesture [s]."""
        return self._engaged_latency_s if self.engagement.is_engaged else self._required_latency_s

    @property
    def voice_latency_s(self) -> float:
        """Time from a sound's arrival to the robot's gesture, by which voice and face are delayed [s]."""
        return self.latency_s + self._config.robot_lag_s

    @property
    def _required_latency_s(self) -> float:
        lead_s = max(self.lead_s, self.audio.message_s + JITTER_S)
        return self.audio.latency_s + self.pipeline.latency_s + self._planner.latency_s + lead_s

    def observe_joints(self, q: npt.NDArray[np.floating], now_ns: int) -> None:
        """Take the measured position (N,) in the order of `description.joint_names` [rad]; ignored if not finite."""
        self.engagement.robot.observe(q, now_ns)

    def observe_reference(self, q: npt.NDArray[np.float64], now_ns: int) -> None:
        """Take the positions that the controllers command, (N,) [rad]; NaN for joints whose controller reports none."""
        self.engagement.robot.observe_reference(q, now_ns)

    def push_audio(self, data: bytes | npt.NDArray[np.generic], fmt: PcmFormat, now_ns: int) -> None:
        """Take one message of audio; the next calls of `update` perform it.

        Raises:
            InputError: If the data does not agree with the format (compressed audio, impossible shapes).
        """
        is_first = not self.audio.is_running
        with self.telemetry.measure("audio"):
            self.audio.push(data, fmt, now_ns)
        if self.face is not None:
            self.face.take_sound(self.audio, now_ns, is_first=is_first)

    def update(self, now_ns: int) -> AgentOutput:
        """Perform what is due. Call after each `push_audio` and at least 20 times a second."""
        self._advance(now_ns)
        newest, poses = self._planner.newest_index, []
        is_fewer = self._hold_back(now_ns)
        while len(chunk := self.audio.take(now_ns)):
            if chunk.start_index == 0:
                self.pipeline.reset()
                self.pipeline.hold_back(self._held)
                self.requests.end_stream()
                if self.face is not None:
                    self.face.begin_stream()
            self.requests.plan_waiting(self.audio.clock.to_ns(0, KNOT_RATE), int(self.latency_s * NS))
            poses += self._perform(chunk, now_ns)
        if is_fewer and self.audio.is_running:
            poses += self._perform(chunk, now_ns)  # without samples: poses that are due now
        self._follow_requests(now_ns)
        if not self.audio.is_running:
            self._advance(now_ns)  # the stream may have ended in this update
        has_knots = self.engagement.is_engaged and self._planner.newest_index != newest
        window = self._next_window(now_ns) if has_knots else self.engagement.take_stop_window(now_ns)
        return AgentOutput(window, tuple(poses), self._take_faces(now_ns))

    def set_controls(self, controls: GestureControls) -> None:
        """Apply controls from the next pose on."""
        self.pipeline.set_controls(controls)

    def state_speech(self, is_speech: bool | None) -> None:
        """State whether the speaker speaks, for samples taken from now on; None: the sound decides."""
        self.pipeline.state_speech(is_speech)

    def request(self, text: str, now_ns: int) -> None:
        """Take gesture requests as text (`pose.gesture_requests`); `requests` reports their statuses."""
        self.requests.take(text, now_ns, self.audio.is_running)

    def interrupt(self) -> None:
        """Drop audio that waits to be performed: the gesture ends as in any pause, and the lips close."""
        if self.face is not None:
            self.face.interrupt(self.audio.num_taken)
        self.audio.drop_backlog()

    def reset(self) -> None:
        """Forget all input; the robot brakes to rest and is engaged again when there is audio."""
        self._reset(MotionEvent.RESET)

    def restart(self, event: MotionEvent, detail: str, now_ns: int) -> None:
        """Forget all input and what the robot was commanded, by one of the events `motion_state.RESTARTS`."""
        self._reset(event, detail, now_ns)

    def report(self) -> dict[str, object]:
        """Return everything countable, in plain numbers and strings: state, latency, audio, compute times, safety."""
        return {
            "state": self.state.value,
            "inhibitors": "; ".join(self.engagement.inhibited_by),
            "fault": self.engagement.fault,
            "latency_s": self.latency_s,
            "robot_lag_s": "unknown" if math.isnan(lag_s := self.engagement.robot.lag.lag_s) else lag_s,
            "audio": self.audio.report(),
            "compute_ms": self.telemetry.summary_ms(),
            "retargeting": vars(self.pipeline.retarget_report),
            "safety": vars(self._planner.report),
            "released": dict(self.engagement.released),
            "gesture_requests": dict(self.requests.counts),
        }

    def _advance(self, now_ns: int) -> None:
        """Follow the transitions that are due; the planner begins where the robot is engaged."""
        engagement = self.engagement
        is_raised = engagement.is_engaged and self._required_latency_s > self._engaged_latency_s + 1e-9
        start = engagement.advance(now_ns, is_audio_running=self.audio.is_running, is_latency_raised=is_raised)
        if start is not None:
            self._planner.seed(start)
            self._engaged_latency_s = self._required_latency_s

    def _hold_back(self, now_ns: int) -> bool:
        """Let the model keep back poses of speech that is ahead of its time; return whether there are fewer now."""
        before, self._held = self._held, self.audio.samples_ahead(now_ns) // SAMPLES_PER_POSE
        self.pipeline.hold_back(self._held)
        return self._held < before

    def _follow_requests(self, now_ns: int) -> None:
        latency_ns = int(self.latency_s * NS)
        if self.audio.is_running:
            reason = "; ".join(self.engagement.inhibited_by) or self.state.value
            remark = "" if self.engagement.is_engaged else f"the robot does not move: {reason}"
            self.requests.follow(now_ns, self.audio.clock.to_ns(0, KNOT_RATE), latency_ns, remark)
        else:
            self.requests.end_stream()
        self.requests.expire(now_ns, latency_ns)

    def _perform(self, chunk: AudioChunk, now_ns: int) -> list[TimedPose]:
        """Turn samples into poses and targets of the planner; a model whose output is not finite is reset."""
        motion = self.pipeline.push(chunk)
        if not self.pipeline.is_finite:
            self._reset(MotionEvent.MODEL_NOT_FINITE, "NaN or infinity")
            return []
        if self.engagement.is_engaged:
            with self.telemetry.measure("control"):
                self._planner.push(motion.joints)
        if self.face is not None and motion.articulation is not None:
            self.face.push(motion.articulation, self.audio.clock, int(self.voice_latency_s * NS), now_ns)
        return self._timed(motion)

    def _take_faces(self, now_ns: int) -> tuple[TimedFace, ...]:
        if self.face is None:
            return ()
        with self.telemetry.measure("face"):
            return tuple(self.face.take(now_ns))

    def _timed(self, motion: Motion) -> list[TimedPose]:
        begin_ns = self.audio.clock.to_ns(0, POSE_RATE) + int(self.latency_s * NS)
        rows = enumerate(zip(motion.poses.values, motion.hand_shapes.tolist()), motion.poses.start_index)
        return [TimedPose(begin_ns + index_to_ns(index, POSE_RATE), joint_xyz, (left, right))
                for index, (joint_xyz, (left, right)) in rows]

    def _reset(self, event: MotionEvent, detail: str = "", now_ns: int | None = None) -> None:
        self.engagement.fire(event, detail, now_ns)
        if self.face is not None:
            self.face.interrupt()
        self.audio.reset()
        self.requests.clear(event.value)

    def _next_window(self, now_ns: int) -> Window | None:
        """Take the planner's window, if the gate agrees; otherwise the robot is stopped."""
        with self.telemetry.measure("window"):
            latency_ns = int(self.latency_s * NS)
            begin_ns = self.audio.clock.to_ns(0, KNOT_RATE) + latency_ns
            plan = self._planner.plan(ns_to_index(now_ns - begin_ns, KNOT_RATE))
            stamp_ns = self.audio.clock.to_ns(plan.start_index, KNOT_RATE) + latency_ns
            window = extend_rest(Window(plan.start_index, stamp_ns, plan.positions, plan.velocities, plan.brakes),
                                 now_ns)
            fault = self.engagement.accept(window)
        if fault:
            self.engagement.fire(MotionEvent.WINDOW_REFUSED, fault)
            return self.engagement.take_stop_window(now_ns)
        return window
