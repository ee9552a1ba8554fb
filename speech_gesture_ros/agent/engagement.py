"""Engagement of one robot: carries out the state machine of its motion, and keeps the windows that it follows.

The table is in `motion_state`. This module checks the conditions of its events and does what its transitions need:
engaging from the present position, stopping, counting, logging. A *motion inhibitor* (stopped, locked, external goal)
lasts until it is cleared. A *fault* is what a watchdog found: it is logged once; when its cause is over the robot is
engaged again, slowly.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.fault_report import FaultReport
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.motion_state import FAULTS, RESTARTS, MotionEvent, MotionState, MotionStateMachine
from speech_gesture_ros.agent.robot_monitor import RobotMonitor
from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.stopping import end_ns, stop_window
from speech_gesture_ros.control.tracking_monitor import Deviation
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]

SETTLE_NS = NS // 10  # time for the robot to come to rest after the last knot of a window
RETRY_NS = 2 * NS  # delay before a robot that did not follow is engaged again
RESTART_NS = NS  # delay after which a robot whose motion is unknown rests: longer than any brake


class Engagement:
    """Decides whether windows may be sent to the robot. Used by one thread, but for `make_stop`.

    Args:
        description: The robot.
        config: Time-outs and tolerances.
        inhibitors: Reasons not to move, read at every `advance`.

    Attributes:
        robot: Joint states and references received from the robot.
        inhibited_by: Reasons not to move, as of the last `advance`.
        released: Number of releases for each event that caused them.
    """

    def __init__(self, description: RobotDescription, config: AgentConfig, inhibitors: MotionInhibitors) -> None:
        self._description = description
        self._joint_timeout_s = config.joint_timeout_s
        self._inhibitors = inhibitors
        self._machine = MotionStateMachine()
        self._conditions = self._make_conditions()
        self._fault = FaultReport()
        self.robot = RobotMonitor(description, config)
        self.inhibited_by: tuple[str, ...] = ()
        self.released: Counter[str] = Counter()
        self._is_audio_running = self._is_latency_raised = False
        self._now_ns = self._engaged_ns = self._retry_ns = 0
        self._last: Window | None = None  # accepted last: the robot follows it
        self._before: Window | None = None  # accepted before it
        self._is_stop_due = False  # a stop window is still to be taken
        self._is_release_logged = True  # the log has the cause of the release before
        self._is_displaced = False  # the robot may not come to rest where `_last` ends

    @property
    def state(self) -> MotionState:
        """State of the robot's motion."""
        return self._machine.state

    @property
    def is_engaged(self) -> bool:
        """True while new windows may be sent."""
        return self.state is MotionState.ENGAGED

    @property
    def fault(self) -> str:
        """Newest fault, as "kind: detail"; "" when it is over."""
        return self._fault.text

    # -- transitions -------------------------------------------------------------------------------------------------

    def advance(self, now_ns: int, *, is_audio_running: bool, is_latency_raised: bool = False) -> Array | None:
        """Follow the transitions whose conditions are met, one round at most.

        Args:
            now_ns: ROS time [ns].
            is_audio_running: Whether there is a stream of audio.
            is_latency_raised: Whether the stream needs more latency than when the robot was engaged.

        Returns:
            (N,) position from which the robot is engaged now [rad]; None if it was not engaged in this call.
        """
        self._now_ns, self._is_audio_running, self._is_latency_raised = now_ns, is_audio_running, is_latency_raised
        self._read_inhibitors()
        start = None
        for _ in MotionState:
            before = self.state
            event = self._machine.advance(self._is_met)
            if event is None:
                break
            start = self._enter(before, event)
        if self.is_engaged:
            self._fault.clear(now_ns - self._engaged_ns)
        return start

    def fire(self, event: MotionEvent, detail: str = "", now_ns: int | None = None) -> None:
        """Follow the transition of an event that is no condition; ignored where the table has none.

        Args:
            event: The event.
            detail: More about it, for log and diagnostics.
            now_ns: ROS time [ns]; that of the last `advance` if not given.
        """
        before = self.state
        self._now_ns = self._now_ns if now_ns is None else now_ns
        if self._machine.fire(event):
            self._enter(before, event, detail)

    def _make_conditions(self) -> Mapping[MotionEvent, Callable[[], bool]]:
        return {
            MotionEvent.INHIBITOR_SET: lambda: bool(self.inhibited_by),
            MotionEvent.INHIBITORS_CLEARED: lambda: not self.inhibited_by,
            MotionEvent.AUDIO_STARTED: lambda: self._is_audio_running,
            MotionEvent.AUDIO_ENDED: lambda: not self._is_audio_running,
            MotionEvent.JOINT_STATES_FRESH: lambda: not self.robot.is_stale(self._now_ns),
            MotionEvent.JOINT_STATES_STALE: lambda: self.robot.is_stale(self._now_ns),
            MotionEvent.OFF_REFERENCE: self._is_off_reference,
            MotionEvent.STANDSTILL: lambda: self.robot.is_standing,
            MotionEvent.TRACKING_ERROR: lambda: self.robot.deviation is not None,
            MotionEvent.LATENCY_RAISED: lambda: self._is_latency_raised,
            MotionEvent.AT_REST: lambda: self._last is None or self._now_ns >= end_ns(self._last) + SETTLE_NS,
            MotionEvent.RETRY_DUE: lambda: self._now_ns >= self._retry_ns,
        }

    def _is_off_reference(self) -> bool:
        return self.robot.is_standing and self.robot.offset(self._now_ns) is not None

    def _is_met(self, event: MotionEvent) -> bool:
        return event in self._conditions and self._conditions[event]()

    def _read_inhibitors(self) -> None:
        reasons = self._inhibitors.reasons()
        new = [reason for reason in reasons if reason not in self.inhibited_by]
        if new:
            log.info("inhibited: %s", "; ".join(new))
        elif self.inhibited_by and not reasons:
            log.info("no longer inhibited")
        self.inhibited_by = reasons

    def _enter(self, before: MotionState, event: MotionEvent, detail: str = "") -> Array | None:
        """Do what a transition needs; returns the position to engage from, if it engages."""
        log.debug("motion: %s, %s: %s", before.value, event.value, self.state.value)
        if before is MotionState.ENGAGED:
            self._release(event, detail)
        if event is MotionEvent.OFF_REFERENCE:
            deviation = self.robot.offset(self._now_ns)
            kind = MotionEvent.TRACKING_ERROR.value
            self._fault.report(kind, f"{kind}: {self._describe(deviation, 'the reference of its controller')}",
                               "not engaged: %s", self._now_ns)
            self._retry_ns = self._now_ns + RETRY_NS
        elif event in RESTARTS:
            self._last = self._before = None
            self._retry_ns = self._now_ns + RESTART_NS
            self.robot.restart()
        elif event is MotionEvent.RETRY_DUE and self._last is not None:
            if not self._is_displaced:
                self.robot.expect_rest(self._last.positions[-1])
            self._last = self._before = None
        return self._engage() if self.is_engaged else None

    def _engage(self) -> Array:
        q = self.robot.position(self._now_ns)
        self._engaged_ns = self._now_ns
        self._is_stop_due = self._is_displaced = self._is_latency_raised = False
        self.robot.start_tracking(q)
        log.log(logging.INFO if self._is_release_logged else logging.DEBUG,
                "engaged: slow entry from the present position")
        return q

    def _release(self, event: MotionEvent, detail: str) -> None:
        self.robot.stop_tracking()
        self.released[event.value] += 1
        self._is_stop_due = event is not MotionEvent.LATE_WINDOW  # whose last window brakes the robot
        if event is MotionEvent.JOINT_STATES_STALE:
            detail = f"none for more than {self._joint_timeout_s:g} s"
            self._is_displaced = True
        elif event is MotionEvent.TRACKING_ERROR:
            detail = self._describe(self.robot.deviation, "its commands")
            self._retry_ns = self._now_ns + RETRY_NS
        text = f"{event.value}: {detail}" if detail else event.value
        self._is_release_logged = event not in FAULTS or self._fault.report(
            event.value, text, "robot released: %s; it brakes to rest and is engaged again slowly", self._now_ns)
        if event not in FAULTS and event is not MotionEvent.INHIBITOR_SET:  # which is logged already
            log.info("robot released: %s; it brakes to rest", text)

    def _describe(self, deviation: Deviation | None, reference: str) -> str:
        if deviation is None:
            return ""
        joint = self._description.joint_names[deviation.joint]
        return f"{joint} is {deviation.error:.2f} off {reference}: held, blocked, or its controller is not active"

    # -- windows -----------------------------------------------------------------------------------------------------

    def accept(self, window: Window) -> str | None:
        """Take the next window of the planner if it passes the gate; returns why it does not."""
        fault = validate_window(window, self._description.limits, self._last)
        if fault is None:
            self._before, self._last = self._last, window
            self.robot.record(window)
        return fault

    def withdraw(self, detail: str, *, is_partly_sent: bool = False) -> None:
        """Take back the window accepted or made last, which was too late: the robot brakes on the one before it.

        Args:
            detail: More about it, for log and diagnostics.
            is_partly_sent: Whether a part of the robot follows it: only the measured position is used afterwards.
        """
        self._last = self._last if is_partly_sent else self._before
        self.fire(MotionEvent.LATE_WINDOW, detail)
        self._is_displaced |= is_partly_sent

    def take_stop_window(self, now_ns: int) -> Window | None:
        """Return the window that stops the robot released last, once; None if there is none to send."""
        is_due, self._is_stop_due = self._is_stop_due, False
        stop = self.make_stop(self._last, now_ns) if is_due and self._last is not None else None
        if stop is not None:
            self._before, self._last = self._last, stop
        return stop

    def make_stop(self, window: Window, now_ns: int) -> Window | None:
        """Return the window that stops a robot that follows `window`; None if it rests. For any thread."""
        stop = stop_window(window, now_ns)
        fault = validate_window(stop, self._description.limits, window) if stop is not None else None
        if fault:
            log.error("stop window refused by the gate, the last window brakes instead: %s", fault)
        return None if fault else stop

    def confirm_stop(self, stop: Window | None, *, is_followed: bool = True) -> None:
        """Take note of a stop window that was sent already, because of an inhibitor or in place of one from here.

        Args:
            stop: The window; None if the robot followed none.
            is_followed: Whether all of the robot follows it; otherwise only its measured position is used afterwards.
        """
        self.fire(MotionEvent.INHIBITOR_SET)
        self._is_stop_due = False
        self._is_displaced |= not is_followed
        if stop is not None and self.state is MotionState.BRAKING:
            self._last = stop
