"""One session of the agent on the page: voice in; sound, robot, body and face out, all on one clock.

    recording, microphone ──► Agent ──windows──► robot ──► link poses ─┐
                        │        ├─────────────► bones of the avatar ──┼──► messages with times
                        │        └─────────────► blendshapes ──────────┤
                        └──► the voice, delayed by the latency ────────┘

Nothing here knows the server or waits: `step` does what is due at a time, so that tests count the time themselves.
"""

from __future__ import annotations

import queue
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import SpeechGestureError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.expressions import expression_shapes
from speech_gesture_ros.live.cast import Cast
from speech_gesture_ros.live.control_state import FACE_SLIDERS, ControlState
from speech_gesture_ros.live.messages import FrameKind, frame_message, sound_message, text_message
from speech_gesture_ros.live.page_requests import PageRequest
from speech_gesture_ros.live.robot_bodies import RobotBody
from speech_gesture_ros.live.sounds import SoundShelf
from speech_gesture_ros.live.sources import PacedVoice, RecordedBlocks

FORMAT = PcmFormat(encoding="f32le")
ROBOT_PERIOD_NS = NS // 50
STATUS_PERIOD_NS = NS // 2
MAX_WAITING_REQUESTS = 200
Emit = Callable[[bytes | str], None]


class LiveSession:
    """Agent, face, robot and voice of one page.

    Args:
        cast: Agents, and what is drawn.
        body: The robot.
        sounds: Recordings.
        emit: Called with every message.
        start_ns: Zero of the clock of the messages [ns].
        is_looped: Repeat recordings.
        has_microphone: Whether the microphone is one of this machine; else a page gives its blocks.

    Attributes:
        requests: Requests of pages, checked; other threads may put them here.
        blocks: Blocks of the microphone.
        controls: State of the controls.
        has_microphone: As given.
    """

    def __init__(self, cast: Cast, body: RobotBody, sounds: SoundShelf, emit: Emit, start_ns: int, *,
                 is_looped: bool = False, has_microphone: bool = False) -> None:
        self.requests: queue.Queue[PageRequest] = queue.Queue(MAX_WAITING_REQUESTS)
        self.blocks = RecordedBlocks()
        self.controls = ControlState(families=dict.fromkeys(cast.stage_set.families, 1.0))
        self.has_microphone = has_microphone
        self._agents, self._agent = (cast.agent, cast.microphone_agent), cast.agent
        self._body, self._set, self._sounds = body, cast.stage_set, sounds
        self._emit, self._start_ns, self._is_looped = emit, start_ns, is_looped
        self._voice = PacedVoice()
        self._robot_ns = self._status_ns = start_ns
        self._apply_controls()

    @property
    def is_live(self) -> bool:
        """True while the microphone is the source."""
        return self._agent is self._agents[1]

    @property
    def takes_blocks(self) -> bool:
        """True while blocks of a page's microphone are the source."""
        return self.is_live and not self.has_microphone

    def state(self) -> str:
        """Return the message with the values of all controls and the source."""
        return text_message("state", **self.controls.as_message(), playing=self._voice.name, microphone=self.is_live,
                            sounds=self._sounds.names, machine_microphone=self.has_microphone)

    def step(self, now_ns: int) -> None:
        """Do what is due at a time [ns]; call about every 10 ms."""
        self._take_requests(now_ns)
        self._push_sound(now_ns)
        self._agent.observe_joints(*self._body.measured(now_ns))
        output = self._agent.update(now_ns)
        for pose in output.poses:
            self._send(FrameKind.BODY, pose.stamp_ns, self._set.body_frame(pose.joint_xyz, pose.hand_shapes))
        if output.window is not None:
            self._body.follow(output.window, now_ns)
        for accent_s in self._agent.pipeline.take_accents() if self._agent.audio.is_running else ():
            accent_ns = self._agent.audio.clock.to_ns(0, POSE_RATE) + round((accent_s + self._agent.latency_s) * NS)
            self._emit(text_message("accent", time=self._seconds(accent_ns)))
        for frame in output.faces:
            self._send(FrameKind.FACE, frame.stamp_ns, frame.shapes)
        self._report(now_ns)

    def close(self) -> None:
        """End the robot."""
        self._body.close()

    def _push_sound(self, now_ns: int) -> None:
        before = self._voice.name
        messages = [(now_ns, block) for block in self.blocks.take()] if self.is_live else self._voice.due(now_ns)
        for due_ns, samples in messages:
            self._agent.push_audio(samples, FORMAT, due_ns)
            played_ns = self._agent.audio.message_begin_ns + round(self._agent.voice_latency_s * NS)
            self._emit(sound_message(self._seconds(played_ns), samples))
        if self._voice.name != before:  # it has ended
            self._emit(self.state())

    def _send(self, kind: FrameKind, stamp_ns: int, values: npt.NDArray[np.floating]) -> None:
        if np.isfinite(values).all():
            self._emit(frame_message(kind, self._seconds(stamp_ns), values))

    def _report(self, now_ns: int) -> None:
        if now_ns - self._robot_ns >= ROBOT_PERIOD_NS:
            self._robot_ns = now_ns
            q, measured_ns = self._body.measured(now_ns)
            self._send(FrameKind.ROBOT, measured_ns, self._set.robot_frame(q))
        for status in self._agent.requests.take_statuses():
            self._emit(text_message("gesture", name=status.gesture, status=status.status, reason=status.reason))
        if now_ns - self._status_ns >= STATUS_PERIOD_NS:
            self._status_ns = now_ns
            self._emit(text_message("status", latency=self._agent.latency_s, robot=self._agent.state.value))

    def _take_requests(self, now_ns: int) -> None:
        while not self.requests.empty():
            request = self.requests.get_nowait()
            try:
                self._perform(request, now_ns)
            except SpeechGestureError as error:
                self._emit(text_message("error", text=str(error)))
            self._emit(self.state())

    def _perform(self, request: PageRequest, now_ns: int) -> None:
        if request.kind == "gesture":
            self._agent.request(request.name, now_ns)
        elif request.kind == "play":
            samples = self._sounds.get(request.name)
            self._silence(now_ns, self._agents[0])
            self._voice.play(request.name, samples, is_looped=self._is_looped)
        elif request.kind == "stop":
            self._silence(now_ns, self._agents[0])
        elif request.kind == "microphone":
            self._silence(now_ns, self._agents[1 if request.value else 0])
        else:
            self._set_control(request)

    def _set_control(self, request: PageRequest) -> None:
        before, self.controls = self.controls, self.controls.changed(request)
        only_face = request.name in FACE_SLIDERS or request.kind in ("expression", "face_style")
        try:
            self._apply_controls(only_face=only_face)
        except SpeechGestureError:
            self.controls = before
            raise

    def _silence(self, now_ns: int, agent: Agent) -> None:
        """End the voice at once: the page drops the sound that it has, the mouth closes, the gesture ends.

        Args:
            now_ns: Time [ns].
            agent: The one for what follows.
        """
        self._voice.stop()
        self.blocks.take()
        self._agent.interrupt()
        if agent is not self._agent:
            self._agent.reset()
            self._agent = agent
        self._emit(text_message("silence", time=self._seconds(now_ns)))

    def _apply_controls(self, *, only_face: bool = False) -> None:
        for agent in self._agents:
            if agent.face is not None:
                agent.face.timeline.stage.set_style(self.controls.face)
                agent.face.timeline.stage.set_expression(expression_shapes(self.controls.expression))
            if not only_face:
                agent.set_controls(self.controls.gestures)

    def _seconds(self, time_ns: int) -> float:
        return (time_ns - self._start_ns) / NS
