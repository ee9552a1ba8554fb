"""Node gesture_node: speech on a topic to commands for a robot.

    unconfigured ──configure──► inactive ──activate──► active
                   model, robot,            robot engaged: windows,
                   warm-up                  skeleton, delayed audio
                  ◄──cleanup───           ◄──deactivate── brakes, then sends nothing

This module contains the lifecycle; everything between configure and cleanup is a `GestureSession`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.core.errors import SpeechGestureError, shown
from speech_gesture_ros.nodes.callback_guard import GuardedCallbacks
from speech_gesture_ros.nodes.diagnostics import DiagnosticsPublisher
from speech_gesture_ros.nodes.gesture_session import ACTIVATION_INHIBITOR, NOT_ACTIVE_REASON, GestureSession
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.rebuild import RebuildPlan
from speech_gesture_ros.nodes.robot_source import RobotSource
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import GestureSettings
from speech_gesture_ros.nodes.stop import StopControls

log = logging.getLogger(__name__)

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
ROBOT_FROM_TOPIC = "topic"  # value of the parameter `robot`
POLL_PERIOD_S, CONTROLS_PERIOD_S, AUTOSTART_PERIOD_S = 1.0, 0.1, 0.2


class GestureNode(GuardedCallbacks, LifecycleNode):
    """Lifecycle node that makes a robot gesture to speech.

    Args:
        steady_ns: Clock that is never set [ns].
        node_arguments: Arguments of the base class.

    Attributes:
        inhibitors: Registry of motion inhibitors, for the node's whole lifetime.
        session: Everything that exists between configure and cleanup; None otherwise.
    """

    def __init__(self, *, steady_ns: Callable[[], int] = time.monotonic_ns, **node_arguments: Any) -> None:
        super().__init__("gesture_node", **node_arguments)
        self._steady_ns = steady_ns
        self.session: GestureSession | None = None
        self._rebuild = RebuildPlan(steady_ns)
        self._raised_lead_s = 0.0  # by late windows, in earlier sessions
        self.inhibitors = MotionInhibitors()
        self.inhibitors.set(ACTIVATION_INHIBITOR, NOT_ACTIVE_REASON)
        declare(self, GestureSettings, is_locked=lambda: self.session is not None)
        self._stop = StopControls(self, self.inhibitors, self._apply_inhibitors, steady_ns)
        self._source = RobotSource(self, lambda: self.session is not None and self._is_robot_from_topic)
        self._diagnostics = DiagnosticsPublisher(self, lambda: int(self.get_clock().now().nanoseconds))
        steady = Clock(clock_type=ClockType.STEADY_TIME)  # these timers run while a simulation is paused
        self.create_timer(POLL_PERIOD_S, self._poll, clock=steady)
        self.create_timer(CONTROLS_PERIOD_S, self._read_controls, clock=steady)
        self._autostart = self.create_timer(AUTOSTART_PERIOD_S, self._start_by_itself, clock=steady)

    # --- Lifecycle ----------------------------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load model and robot, warm up, make topics and services."""
        del state
        self._rebuild.cancel()
        settings = read(self, GestureSettings)
        xml = self._source.xml if self._is_robot_from_topic else None
        try:
            self.session = GestureSession(self, settings, xml, self.inhibitors, self._diagnostics, self._steady_ns)
            self.session.runner.delivery.keep(self._raised_lead_s)
            self._stop.subscribe_lock(settings.lock_topic, settings.lock_timeout_s)
        except (SpeechGestureError, OSError) as error:
            log.error("cannot be configured: %s", error)
            self._close_session()
            return FAILURE
        except Exception:  # rclpy would not report it
            log.exception("cannot be configured: unexpected error")
            self._close_session()
            return FAILURE
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Engage the robot once there is audio and its position is known."""
        if self.session is not None and self.session.worker.failure is not None:
            log.error("cannot be activated: the model failed: %s", shown(str(self.session.worker.failure)))
            return FAILURE
        result = super().on_activate(state)
        if self.session is not None:
            self.session.activate()
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Brake the robot to rest; send nothing afterwards."""
        if self.session is not None:
            self.session.deactivate()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free model and topics."""
        del state
        self._rebuild.cancel()
        self._close_session()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything."""
        return self.on_cleanup(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything; the node can be configured again."""
        return self.on_cleanup(state)

    def close(self) -> None:
        """Free everything at the end of the process."""
        self._close_session()

    def _close_session(self) -> None:
        self.inhibitors.set(ACTIVATION_INHIBITOR, NOT_ACTIVE_REASON)
        self._apply_inhibitors()
        session, self.session = self.session, None
        if session is not None:
            self._raised_lead_s = max(self._raised_lead_s, session.runner.delivery.raised_s)
            session.close()
        self._stop.close()

    # --- Start-up -----------------------------------------------------------------------------------------------

    def _start_by_itself(self) -> None:
        """Configure and activate; with a robot from a topic, again for each new description until one is usable."""
        if self._is_robot_from_topic and not self._source.is_usable:
            self.get_logger().info("waiting for robot_description", once=True)
            return
        is_wanted = bool(self.get_parameter("autostart").value)
        is_configured = is_wanted and self.trigger_configure() == SUCCESS
        if is_configured:
            self.trigger_activate()
        if is_wanted and self._is_robot_from_topic and not is_configured:
            self._source.reject()
            return
        self.destroy_timer(self._autostart)

    @property
    def _is_robot_from_topic(self) -> bool:
        return bool(self.get_parameter("robot").value == ROBOT_FROM_TOPIC)

    # --- Timers and callbacks -----------------------------------------------------------------------------------

    def _apply_inhibitors(self) -> None:
        """Stop the robot before returning if an inhibitor is set."""
        if self.session is not None:
            self.session.runner.apply_inhibitors()

    def _read_controls(self) -> None:
        if self.session is not None:
            self._stop.match_publishers()
            self.session.speaking.poll()
            settings = read(self, GestureSettings)
            self.session.set_controls(settings.controls, settings.dry_run)
            if self.session.face is not None:
                self.session.face.set_style(settings.face_style)

    def _poll(self) -> None:
        """Publish diagnostics; load a model again that failed."""
        if self.session is not None:
            self.session.poll()
        elif self._rebuild.is_waiting:
            self._diagnostics.publish("error", "the model failed: it is loaded again soon", {})
        else:
            self._diagnostics.publish("ok", "not configured", {})
        if self._rebuild.is_due:
            self._try_rebuild()
        elif self.session is not None and self.session.worker.failure is not None and not self._rebuild.is_waiting:
            self._plan_rebuild(was_active=self.session.is_active)
            if self._rebuild.was_active:
                self.trigger_deactivate()

    def _plan_rebuild(self, *, was_active: bool) -> None:
        delay_s = self._rebuild.fail(was_active=was_active)
        log.error("the model failed: it is loaded again in %.0f s", delay_s)

    def _try_rebuild(self) -> None:
        """Clean up and configure again; a try that fails is repeated later."""
        was_active = self._rebuild.was_active
        if self.session is not None:
            self.trigger_cleanup()
        if self.trigger_configure() != SUCCESS:
            self._plan_rebuild(was_active=was_active)
        elif was_active:
            self.trigger_activate()


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(GestureNode, args)


if __name__ == "__main__":
    main()
