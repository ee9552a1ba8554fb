"""Speech on a topic to joint trajectories on the controllers' topics: the lifecycle node.

    unconfigured ──configure──► inactive ──activate──► active
                  model, robot,             robot engaged: windows,
                  warm-up                   skeleton, delayed voice
                 ◄──cleanup───          ◄──deactivate──  brakes, then silent

Callbacks hand over and return; the worker thread owns the model and publishes. Deactivating, like dying, needs no
message to the robot: every window ends at rest.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import SetBool, Trigger

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import SpeechGestureError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_input import AudioInput
from speech_gesture_ros.nodes.audio_messages import pcm_from_message
from speech_gesture_ros.nodes.conversions import diagnostics_message
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.joint_readings import JointReadings
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.performer import Performer
from speech_gesture_ros.nodes.qos import JOINT_STATES_IN, LATCHED
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import GestureSettings
from speech_gesture_ros.nodes.worker import Worker
from speech_gesture_ros.pipeline.agent import Agent
from speech_gesture_ros.pipeline.real_time import settle_memory
from speech_gesture_ros.pipeline.request_book import Notice

log = logging.getLogger(__name__)

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
ROBOT_FROM_TOPIC = "topic"
CONTROLS_S = 0.1  # how often the live parameters are looked at
AUTOSTART_S = 0.2  # how often an unconfigured node tries to start by itself


class GestureNode(LifecycleNode):
    """Makes a robot gesture to what it says."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("gesture_node", **node_arguments)
        self._worker: Worker | None = None
        self._performer: Performer | None = None
        self._made = ExitStack()  # what `_configure` made, to be taken back in reverse
        self._is_wanted = True  # what ~/enable asked for last
        self._is_performing = False
        declare(self, GestureSettings, is_locked=lambda: self._performer is not None)
        self._robot_xml: str | None = None
        self.create_subscription(String, "robot_description", self._take_robot_description, LATCHED)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self.create_timer(1.0, self._watch)
        self._controls: GestureControls | None = None  # those that the performer has
        self.create_timer(CONTROLS_S, self._apply_controls)
        self._autostart = self.create_timer(AUTOSTART_S, self._start_by_itself)

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
        self._is_performing = True
        self._apply_enable()
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let the robot brake to rest on its last window; go silent."""
        self._is_performing = False
        self._apply_enable()
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
        config = settings.agent_config(self._robot_xml if settings.robot == ROBOT_FROM_TOPIC else None)
        self._worker = Worker(tick=self._tick)
        agent = self._worker.call(lambda: _warmed_up(Agent(config)))
        description = agent.description
        self._outputs = GestureOutputs(
            self, description, agent.pipeline.skeleton,
            settings.skeleton_frame or description.body.base, lambda: bool(self.get_parameter("dry_run").value))
        self._made.callback(self._outputs.close)
        self._performer = Performer(agent, self._outputs.functions, self._now_ns)
        self._apply_controls()
        for note in description.notes:
            log.info("%s: %s", description.name, note)
        self._readings = JointReadings(description.joint_names)
        joints = self.create_subscription(JointState, "joint_states", self._take_joints, JOINT_STATES_IN)
        self._made.callback(self.destroy_subscription, joints)
        fallback = PcmFormat(settings.audio_sample_rate, settings.audio_channels, settings.audio_encoding)
        wishes = self.create_subscription(String, "~/gesture_request", self._take_request, 50)
        self._made.callback(self.destroy_subscription, wishes)
        self._audio = AudioInput(self, settings.audio_type, fallback, self._take_audio,
                                 lambda kind: self._outputs.offer_audio(kind, is_active=self._is_performing))
        self._made.callback(self._audio.close)
        for kind, name, serve in ((SetBool, "~/enable", self._serve_enable), (Trigger, "~/reset", self._serve_reset)):
            self._made.callback(self.destroy_service, self.create_service(kind, name, serve))
        settle_memory()
        self._worker.begin_ticking()
        log.info("ready: %d joints in %s, %.2f s from sound to gesture", len(description.joint_names),
                 list(description.groups), agent.latency_s)

    def _free(self) -> None:
        """Take back whatever was made, also after half a configuration; the worker ends first, for it publishes."""
        self._is_performing = False
        if self._worker is not None:
            self._worker.stop()
        self._made.close()
        self._worker = self._performer = self._controls = None

    def _start_by_itself(self) -> None:
        settings = read(self, GestureSettings)
        is_waiting = settings.robot == ROBOT_FROM_TOPIC and self._robot_xml is None
        if is_waiting:
            self.get_logger().info("waiting for robot_description", once=True)
            return
        self.destroy_timer(self._autostart)
        if settings.autostart and self.trigger_configure() == SUCCESS:
            self.trigger_activate()

    # --- Callbacks: hand over and return ------------------------------------------------------------------------

    def _take_robot_description(self, message: String) -> None:
        self._robot_xml = message.data

    def _take_audio(self, message: Any) -> None:
        performer, worker = self._performer, self._worker
        if performer is None or worker is None or not self._is_performing:
            return
        now_ns, fallback = self._now_ns(), self._audio.fallback
        worker.submit(lambda: performer.hear(message, lambda: pcm_from_message(message, fallback), now_ns))

    def _take_request(self, message: String) -> None:
        performer, worker, now_ns = self._performer, self._worker, self._now_ns()
        if performer is None or worker is None or not self._is_performing:
            self._outputs.send_notice(Notice("", message.data[:80], "rejected", reason="the node is not active"))
            return
        worker.submit(lambda: performer.request(message.data, now_ns))

    def _take_joints(self, message: JointState) -> None:
        self._readings.update(message.name, message.position, self._now_ns())
        reading = self._readings.reading()
        if reading is not None and self._performer is not None:
            self._performer.observe_joints(reading)

    def _serve_enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._is_wanted = bool(request.data)
        self._apply_enable()
        response.success = True
        response.message = "performing" if self._is_wanted else "braking to rest, then silent"
        return response

    def _serve_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        performer, worker = self._performer, self._worker
        response.success = performer is not None and worker is not None and worker.submit(performer.reset)
        response.message = "forgot everything heard" if response.success else "not configured"
        return response

    def _apply_enable(self) -> None:
        performer, worker = self._performer, self._worker
        if performer is not None and worker is not None:
            is_enabled = self._is_wanted and self._is_performing
            worker.submit(lambda: performer.enable(is_enabled))

    def _apply_controls(self) -> None:
        """Hand over the live parameters that were set since."""
        performer, worker = self._performer, self._worker
        if performer is None or worker is None:
            return
        controls = read(self, GestureSettings).controls
        if controls != self._controls and worker.submit(lambda: performer.set_controls(controls)):
            self._controls = controls

    # --- On the worker thread -----------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._performer is not None:
            self._performer.update()

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    # --- Diagnostics --------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Once a second: say how it goes; let go of a model that failed."""
        performer, worker = self._performer, self._worker
        if performer is None or worker is None:
            self._diagnose("ok", "not configured", {})
            return
        if worker.failure is not None:
            self._diagnose("error", f"the model failed: {worker.failure}", {})
            if self._is_performing:
                self.trigger_deactivate()
            return
        worker.submit(lambda: self._report(performer, worker.overflows))

    def _report(self, performer: Performer, overflows: int) -> None:
        """Say how the agent does; on the worker thread, which owns what is counted."""
        report = performer.agent.report()
        own = {**asdict(self._audio.counts), "type": self._audio.type_name, "queue_overflows": overflows,
               "not_understood": performer.refused_messages,
               "stalls": performer.stalls}
        missing = self._readings.missing
        is_lost = bool(missing) and self._is_performing
        summary = f"no position yet of {', '.join(missing)}" if is_lost else str(report["state"])
        self._diagnose("warn" if is_lost else "ok", summary, {**report, "topic": own})

    def _diagnose(self, level: str, summary: str, values: dict[str, object]) -> None:
        name = f"{self.get_fully_qualified_name()}: gestures"
        self._diagnostics.publish(diagnostics_message(name, level, summary, values, self._now_ns()))


def _warmed_up(agent: Agent) -> Agent:
    """An agent that has worked through a second of silence, so that the first word finds it quick."""
    agent.enable(False)
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
