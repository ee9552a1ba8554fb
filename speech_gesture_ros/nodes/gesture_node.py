"""Speech on a topic to joint trajectories on the controllers' topics: the lifecycle node.

    unconfigured ──configure──► inactive ──activate──► active
                  model, robot,             robot engaged: windows,
                  warm-up                   skeleton, delayed voice
                 ◄──cleanup───          ◄──deactivate──  brakes, then silent

Callbacks hand over and return; the worker thread owns the model and publishes. Only a stop is done at once, by
whichever thread hears of it. Dying needs no message to the robot: every window ends at rest.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_runner import AgentRunner
from speech_gesture_ros.agent.garbage_collection import freeze_loaded_objects
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.worker import Worker
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import SpeechGestureError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_input import AudioInput
from speech_gesture_ros.nodes.audio_messages import pcm_from_message
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.health import Health, verdict
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.requests import DISABLED, Requests
from speech_gesture_ros.nodes.robot_source import RobotSource
from speech_gesture_ros.nodes.robot_subscriptions import RobotSubscriptions
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import GestureSettings
from speech_gesture_ros.nodes.stop import StopControls
from speech_gesture_ros.robot.notes import join_notes

log = logging.getLogger(__name__)

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
ROBOT_FROM_TOPIC = "topic"
CONTROLS_S = 0.1  # how often the live parameters are looked at
AUTOSTART_S = 0.2  # how often an unconfigured node tries to start by itself
OUTPUTS = "outputs"  # who wants the robot to stand still until it can be told to move
HUNG_S = 2.0  # a model that takes longer than this hangs
NOT_ACTIVE = "the node is not active"  # a reason to stand still that is no worry, like DISABLED


class GestureNode(LifecycleNode):
    """Makes a robot gesture to what it says."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("gesture_node", **node_arguments)
        self._worker: Worker | None = None
        self._runner: AgentRunner | None = None
        self._made = ExitStack()  # what `_configure` made, to be taken back in reverse
        self._is_performing = False
        self._inhibitors = MotionInhibitors()
        self._inhibitors.set("activation", NOT_ACTIVE)
        self._stop = StopControls(self, self._inhibitors, self._apply_inhibitors)
        declare(self, GestureSettings, is_locked=lambda: self._runner is not None)
        self._source = RobotSource(self, lambda: self._runner is not None and self._is_from_topic)
        self._health = Health(self, self._now_ns)
        self._reported: tuple[object, ...] = ()  # state, fault and inhibitors, as reported last
        steady = Clock(clock_type=ClockType.STEADY_TIME)  # its timers go on while a simulation is paused
        self.create_timer(1.0, self._watch, clock=steady)
        self._controls: tuple[GestureControls, bool] | None = None  # those that the runner has
        self.create_timer(CONTROLS_S, self._apply_controls, clock=steady)
        self._autostart = self.create_timer(AUTOSTART_S, self._start_by_itself, clock=steady)

    # --- Lifecycle ----------------------------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load model and robot, warm up, open the topics."""
        del state
        try:
            self._configure()
        except (SpeechGestureError, OSError) as error:
            log.error("cannot be configured: %s", error)
            self._free()
            return FAILURE
        except Exception:  # rclpy would swallow it: whoever configures is told to look here
            log.exception("cannot be configured, and should not be able to fail like this")
            self._free()
            return FAILURE
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Engage the robot as soon as it speaks and says where it is."""
        result = super().on_activate(state)
        self._outputs.activate()
        self._is_performing = True
        self._set_inhibitor("activation", "")
        self._robot.probe()
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the robot; go silent."""
        self._is_performing = False
        self._set_inhibitor("activation", NOT_ACTIVE)
        self._outputs.deactivate()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free model and topics."""
        del state
        self._free()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything."""
        return self.on_cleanup(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything; the node can be configured again."""
        return self.on_cleanup(state)

    def close(self) -> None:
        """End the worker, at the end of the process."""
        self._free()

    # --- Making and freeing -------------------------------------------------------------------------------------

    def _configure(self) -> None:
        settings = read(self, GestureSettings)
        config = settings.agent_config(self._source.xml if self._is_from_topic else None)
        self._worker = Worker(tick=self._tick)
        agent = self._worker.call(lambda: _warmed_up(Agent(config, self._inhibitors)))
        description = agent.description
        self._outputs = GestureOutputs(
            self, description, agent.pipeline.skeleton,
            settings.skeleton_frame or description.body.base, self._is_dry, settings.joint_timeout_s)
        self._made.callback(self._outputs.close)
        self._inhibitors.register(OUTPUTS, lambda: self._outputs.reason)
        self._made.callback(self._inhibitors.register, OUTPUTS, lambda: "")
        self._runner = AgentRunner(agent, self._outputs.functions, self._now_ns)
        self._apply_controls()
        for note in join_notes(description.notes, description.groups):
            log.info("%s: %s", description.name, note)
        self._robot = RobotSubscriptions(self, description, self._runner, self._inhibitors, self._outputs, self._now_ns)
        self._made.callback(self._robot.close)
        self._stop.subscribe_lock(settings.lock_topic, settings.lock_timeout_s)
        self._made.callback(self._stop.close)
        fallback = PcmFormat(settings.audio_sample_rate, settings.audio_channels, settings.audio_encoding)
        self._audio = AudioInput(self, settings.audio_type, fallback, self._take_audio,
                                 lambda kind: self._outputs.offer_audio(kind, is_active=self._is_performing))
        self._made.callback(self._audio.close)
        self._made.callback(Requests(self, self._runner, self._worker, self._set_inhibitor,
                                     self._outputs.send_request_status, lambda: self._is_performing).close)
        freeze_loaded_objects()
        self._worker.begin_ticking()
        log.info("ready: %d joints in %s, %.2f s from sound to gesture", len(description.joint_names),
                 list(description.groups), agent.latency_s)

    def _free(self) -> None:
        """Take back whatever was made, also after half a configuration; the worker ends first, for it publishes."""
        self._is_performing = False
        self._set_inhibitor("activation", NOT_ACTIVE)
        if self._worker is not None:
            self._worker.stop()
        self._made.close()
        self._worker = self._runner = self._controls = None

    def _start_by_itself(self) -> None:
        """Configure and activate; from a topic, as often as another description comes."""
        settings = read(self, GestureSettings)
        if self._is_from_topic and not self._source.is_usable:
            self.get_logger().info("waiting for robot_description", once=True)
            return
        is_configured = settings.autostart and self.trigger_configure() == SUCCESS
        if is_configured:
            self.trigger_activate()
        if self._is_from_topic and settings.autostart and not is_configured:
            self._source.reject()
            return
        self.destroy_timer(self._autostart)

    @property
    def _is_from_topic(self) -> bool:
        return bool(self.get_parameter("robot").value == ROBOT_FROM_TOPIC)

    # --- Callbacks: hand over and return ------------------------------------------------------------------------

    def _take_audio(self, message: Any) -> None:
        runner, worker = self._runner, self._worker
        if runner is None or worker is None or not self._is_performing:
            return
        now_ns, fallback = self._now_ns(), self._audio.fallback
        worker.submit(lambda: runner.push_audio(message, lambda: pcm_from_message(message, fallback), now_ns))

    def _set_inhibitor(self, who: str, reason: str) -> None:
        self._inhibitors.set(who, reason)
        self._apply_inhibitors()

    def _apply_inhibitors(self) -> None:
        """Stop the robot before returning, if it is to stand still."""
        if self._runner is not None:
            self._runner.apply_inhibitors()

    def _is_dry(self) -> bool:
        return self._runner is None or self._runner.is_dry

    def _apply_controls(self) -> None:
        """Hand over the live parameters that were set since."""
        runner, worker = self._runner, self._worker
        if runner is None or worker is None:
            return
        self._stop.match_publishers()
        settings = read(self, GestureSettings)
        wanted = settings.controls, settings.dry_run
        if wanted != self._controls and worker.submit(lambda: _control(runner, *wanted)):
            self._controls = wanted

    # --- On the worker thread -----------------------------------------------------------------------------------

    def _tick(self) -> None:
        runner, worker = self._runner, self._worker
        if runner is None or worker is None:
            return
        runner.update()
        if _condition(runner) != self._reported:
            self._report(runner, worker.overflows)

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    # --- Diagnostics --------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Once a second: say how it goes; let go of a model that failed."""
        runner, worker = self._runner, self._worker
        if runner is None or worker is None:
            self._health.say("ok", "not configured", {})
            return
        self._robot.poll()
        if self._robot.controllers is not None:
            self._health.say(*self._robot.controllers, part="controllers")
        if worker.failure is not None:
            self._health.say("error", f"the model failed: {worker.failure}", {})
            if self._is_performing:
                self.trigger_deactivate()
            return
        if worker.tick_age_s > HUNG_S:
            self._health.say("error", f"the model has not answered for {worker.tick_age_s:.0f} s; the robot has braked "
                                      "to rest on its last window", {})
            return
        worker.submit(lambda: self._report(runner, worker.overflows))

    def _report(self, runner: AgentRunner, overflows: int) -> None:
        """Say how the agent does; on the worker thread, which owns what is counted."""
        report = runner.agent.report()
        self._reported = _condition(runner)
        readings = self._robot.readings
        topic = {**asdict(self._audio.counts), "type": self._audio.type_name, "queue_overflows": overflows,
                 "not_understood": runner.refused_messages, "stalls": runner.stalls}
        missing = readings.missing if self._is_performing else ()
        level, summary = verdict(report, missing, readings.not_finite, expected=(NOT_ACTIVE, DISABLED))
        self._health.say(level, summary, {**report, "topic": topic})


def _control(runner: AgentRunner, controls: GestureControls, is_dry: bool) -> None:
    runner.set_controls(controls)
    runner.set_dry_run(is_dry)


def _condition(runner: AgentRunner) -> tuple[object, ...]:
    engagement = runner.agent.engagement
    return engagement.state, engagement.fault, engagement.inhibited_by


def _warmed_up(agent: Agent) -> Agent:
    """An agent that has worked through a second of silence, so that the first word finds it quick."""
    agent.push_audio(np.zeros(SAMPLE_RATE, dtype=np.int16), PcmFormat(SAMPLE_RATE, 1, "s16le"), 0)
    for step in range(25):
        agent.update(step * NS // 20)
    agent.reset()
    return agent


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(GestureNode, args)


if __name__ == "__main__":
    main()
