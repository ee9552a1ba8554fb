"""Session of the gesture node, from configure to cleanup: worker, agent, outputs, inputs and services, connected.

    audio ──► worker ──► AgentRunner ─┬─► GestureOutputs ──► controllers, ~/skeleton, ~/audio_out
                ▲             ▲       └─► FaceSession ──► ~/face/blendshapes, ~/face/visemes
    services ───┘             └── RobotSubscriptions ◄── joint_states, controllers

Callbacks submit tasks and return; the worker's thread owns the model and publishes. Only `apply_inhibitors` acts on the
thread that calls it. A process that ends sends no message to the robot: every window ends at rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any, Protocol, TypeVar

import numpy as np

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.agent_runner import AgentRunner
from speech_gesture_ros.agent.garbage_collection import freeze_loaded_objects
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.worker import Worker
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_input import AudioInput
from speech_gesture_ros.nodes.audio_messages import pcm_from_message
from speech_gesture_ros.nodes.diagnostics import DiagnosticsPublisher, assess
from speech_gesture_ros.nodes.face_session import FaceSession
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.robot_subscriptions import RobotSubscriptions
from speech_gesture_ros.nodes.services import DISABLED_REASON, GestureServices
from speech_gesture_ros.nodes.settings import GestureSettings
from speech_gesture_ros.nodes.speaking_input import SpeakingInput
from speech_gesture_ros.nodes.yielding import YieldService
from speech_gesture_ros.robot.notes import is_doubtful, join_notes

log = logging.getLogger(__name__)


class _Closable(Protocol):
    def close(self) -> None: ...


Part = TypeVar("Part", bound=_Closable)

ACTIVATION_INHIBITOR, OUTPUTS_INHIBITOR = "activation", "outputs"  # names of motion inhibitors
NOT_ACTIVE_REASON = "the node is not active"
MAX_TICK_AGE_S = 2.0  # a model that takes longer for one update is reported as not responding


class GestureSession:
    """Everything that exists while the node is configured. Methods belong to the executor's thread.

    Args:
        node: The lifecycle node.
        settings: Its parameters.
        robot_xml: URDF from a topic; None for the robot that the parameters name.
        inhibitors: Registry of motion inhibitors.
        diagnostics: Publisher of statuses.
        steady_ns: Clock that is never set [ns].

    Attributes:
        worker: Thread that owns the model.
        runner: Runner of the agent.
        outputs: Publishers of the node.
        face: Publishers and requests of the face; None without one.
        robot: Subscriptions and clients of the robot.
        audio: Subscription of the audio.
        speaking: Subscription of ~/is_speaking.

    Raises:
        SpeechGestureError: If model, robot or settings cannot be used; nothing is left behind.
    """

    worker: Worker
    runner: AgentRunner
    outputs: GestureOutputs
    face: FaceSession | None
    robot: RobotSubscriptions
    audio: AudioInput
    speaking: SpeakingInput

    def __init__(self, node: Any, settings: GestureSettings, robot_xml: str | None, inhibitors: MotionInhibitors,
                 diagnostics: DiagnosticsPublisher, steady_ns: Callable[[], int]) -> None:
        self._node, self._inhibitors, self._diagnostics = node, inhibitors, diagnostics
        self._steady_ns = steady_ns
        self._made = ExitStack()  # closed in reverse order
        self._reported: tuple[object, ...] = ()  # condition in the status published last
        self._controls: tuple[GestureControls, bool] | None = None  # those that the runner has
        self.worker = Worker(tick=self._tick)
        try:
            self._make(settings, settings.agent_config(robot_xml))
        except BaseException:
            self.close()
            raise

    def _make(self, settings: GestureSettings, config: AgentConfig) -> None:
        agent = self.worker.call(lambda: _warmed_up(Agent(config, self._inhibitors)))
        description = agent.description
        frame_id = settings.skeleton_frame or description.body.base
        self.outputs = self._close_later(GestureOutputs(
            self._node, description, agent.pipeline.skeleton, frame_id, lambda: self.runner.is_dry,
            settings.joint_timeout_s, self._steady_ns))
        self._inhibitors.register(OUTPUTS_INHIBITOR, lambda: self.outputs.reason)
        self._made.callback(self._inhibitors.register, OUTPUTS_INHIBITOR, lambda: "")
        self.face = None
        functions = self.outputs.functions
        if agent.face is not None:
            self.face = self._close_later(FaceSession(self._node, settings, agent.face, self._inhibitors,
                                                      self.worker.submit, lambda: self.runner.is_dry))
            functions = replace(functions, faces=self.face.output.send)
        self.runner = AgentRunner(agent, functions, self._now_ns, self._steady_ns)
        self.set_controls(settings.controls, settings.dry_run)
        for note in join_notes(description.notes, description.groups):
            log.log(logging.WARNING if is_doubtful(note) else logging.INFO, "%s: %s", description.name, note)
        for warning in description.warnings:
            log.warning("%s: %s", description.name, warning)
        self.robot = self._close_later(RobotSubscriptions(
            self._node, description, self.runner, self._inhibitors, self.outputs, self._now_ns))
        self.audio = self._close_later(AudioInput(
            self._node, settings.audio_type, settings.audio_format, self._take_audio,
            lambda kind: self.outputs.offer_audio(kind, is_active=self.is_active),
            lambda: self.worker.submit(self.runner.interrupt), self._steady_ns))
        self.speaking = self._close_later(SpeakingInput(
            self._node, lambda stated: self.worker.submit(lambda: self.runner.state_speech(stated))))
        self._close_later(GestureServices(
            self._node, self.runner, self.worker, self.set_inhibitor, self.outputs.send_request_status,
            lambda: self.is_active))
        self._close_later(YieldService(self._node, self._inhibitors, self.runner.apply_inhibitors,
                                       lambda: self.runner.is_at_rest, self._steady_ns))
        freeze_loaded_objects()
        self.worker.begin_ticking()
        log.info("ready: %d joints in %s, latency %.2f s", len(description.joint_names), list(description.groups),
                 agent.latency_s)

    def _close_later(self, part: Part) -> Part:
        self._made.callback(part.close)
        return part

    def close(self) -> None:
        """Stop the worker, which publishes, then destroy everything in reverse order."""
        self.worker.stop()
        self._made.close()

    @property
    def is_active(self) -> bool:
        """True between activate and deactivate: the inhibitor of the activation is cleared."""
        return not self._inhibitors.reason(ACTIVATION_INHIBITOR)

    # -- lifecycle ---------------------------------------------------------------------------------------------------

    def activate(self) -> None:
        """Allow motion: the robot is engaged when there is audio and its position is known."""
        self.outputs.activate()
        if self.face is not None:
            self.face.output.activate()
        self.set_inhibitor(ACTIVATION_INHIBITOR, "")
        self.robot.probe()

    def deactivate(self) -> None:
        """Brake the robot to rest and release it."""
        self.set_inhibitor(ACTIVATION_INHIBITOR, NOT_ACTIVE_REASON)
        self.outputs.deactivate()
        if self.face is not None:
            self.face.output.deactivate()

    # -- callbacks of the executor's thread --------------------------------------------------------------------------

    def set_inhibitor(self, name: str, reason: str) -> None:
        """Set an inhibitor, or clear it by "", and stop the robot before returning if there is a new one."""
        self._inhibitors.set(name, reason)
        self.runner.apply_inhibitors()

    def set_controls(self, controls: GestureControls, is_dry: bool) -> None:
        """Submit the live parameters if they have changed."""
        if (controls, is_dry) != self._controls and self.worker.submit(lambda: self._apply_controls(controls, is_dry)):
            self._controls = controls, is_dry

    def _apply_controls(self, controls: GestureControls, is_dry: bool) -> None:
        self.runner.set_controls(controls)
        self.runner.set_dry_run(is_dry)

    def _take_audio(self, message: Any) -> None:
        if self.is_active:
            now_ns, fallback = self._now_ns(), self.audio.fallback
            self.runner.expect_audio(now_ns)
            if not self.worker.submit(
                    lambda: self.runner.push_audio(message, lambda: pcm_from_message(message, fallback), now_ns)):
                self.runner.expect_audio(None)

    def _now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    # -- on the worker's thread --------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self.face is not None:
            self.face.mute()
        self.runner.update()
        if self._condition() != self._reported:
            self._report()

    def _condition(self) -> tuple[object, ...]:
        engagement = self.runner.agent.engagement
        return engagement.state, engagement.fault, engagement.inhibited_by

    def _report(self) -> None:
        report = self.runner.agent.report()
        self._reported = self._condition()
        topic = {**asdict(self.audio.counts), **asdict(self.audio.order.counts), "type": self.audio.type_name,
                 "queue_overflows": self.worker.overflows,
                 "not_understood": self.runner.refused_messages, "stalls": self.runner.stalls,
                 "dropped_messages": self.runner.dropped_messages,
                 "is_speaking": {None: "by the sound", True: "true", False: "false"}[self.speaking.stated]}
        delivery = self.runner.delivery
        readings = self.robot.readings
        missing = readings.missing if self.is_active else ()
        level, summary = assess(report, missing, readings.not_finite, expected=(NOT_ACTIVE_REASON, DISABLED_REASON),
                                outside=readings.outside, contradictory=readings.contradictions(self._now_ns()),
                                speakers=self.audio.speakers)
        self._diagnostics.publish(level, summary, {**report, "topic": topic, "sent": self.outputs.sent,
                                                   "delivery": {"longest_s": delivery.longest_s, "late": delivery.late,
                                                                "lead_s": delivery.lead_s},
                                                   "callback_errors": dict(self._node.guard.counts)})

    # -- diagnostics -------------------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Publish the statuses; call once a second."""
        self.robot.poll()
        if self.robot.controllers is not None:
            self._diagnostics.publish(*self.robot.controllers, part="controllers")
        if self.worker.failure is not None:
            self._diagnostics.publish("error", f"the model failed: {self.worker.failure}", {})
        elif self.worker.tick_age_s > MAX_TICK_AGE_S:
            self._diagnostics.publish("error", f"the model has not responded for {self.worker.tick_age_s:.0f} s; "
                                      "the robot has braked to rest on its last window", {})
        else:
            self.worker.submit(self._report)


def _warmed_up(agent: Agent) -> Agent:
    """Return the agent after a second of silence, which makes its first real update fast."""
    agent.push_audio(np.zeros(SAMPLE_RATE, dtype=np.int16), PcmFormat(SAMPLE_RATE, 1, "s16le"), 0)
    for step in range(25):
        agent.update(step * NS // 20)
    agent.reset()
    return agent
