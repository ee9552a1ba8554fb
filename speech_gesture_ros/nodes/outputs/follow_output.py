"""Interface `follow_joint_trajectory`: windows as goals of an action, no more of them than keep the robot moving.

    goal 1  ────────────╲__        each goal contains all motion that is known, and ends at rest;
    goal 2         ────────────╲__     the next one replaces it before it brakes

A goal equals the one before up to the time at which it replaces it, so the command does not jump. How much motion is
known in advance is `lead_s`: 0.5 s needs two or three goals a second, 0.1 s one for almost every window. A stop is a
goal that brakes; joint_trajectory_controller would hold the joints of a cancelled goal at once. Only goals that
outlast their motion, or that a server does not allow to be replaced, are cancelled.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Collection
from functools import partial
from typing import Any

from builtin_interfaces.msg import Duration
from rclpy.action import ActionClient
from rclpy.clock import Clock, ClockType

from speech_gesture_ros.control.continuation import is_due, latest_arrival_ns
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.controllers import controller_name
from speech_gesture_ros.nodes.conversions import TrajectoryWriter, time_from_ns
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import Output, OutputContext

log = logging.getLogger(__name__)

TRANSPORT_NS = NS // 10  # longest time between sending a goal and its acceptance
OVERDUE_NS = NS  # a goal may end this much later than its motion
RETRY_S = 2.0  # pause after a goal that was rejected or aborted
WATCH_PERIOD_S = 0.05
STATUS_SUCCEEDED = 4  # action_msgs/GoalStatus
WARN_GOALS, WARN_GOALS_PER_S = 25, 6  # so many goals at a higher rate are reported once
REMEMBERED_GOALS = 256  # ids kept to recognise the goals of this output


class FollowOutput(Output):
    """Action client of one controller.

    Args:
        context: The group.
    """

    def __init__(self, context: OutputContext) -> None:
        self._action = message_type("control_msgs/action/FollowJointTrajectory")
        self._id_type = message_type("unique_identifier_msgs/msg/UUID")
        self._node, self._measured, self._now_ns = context.node, context.measured, context.now_ns
        self._topic = context.topic
        self._is_stamped = bool(context.options.stamped)
        (self.name,) = context.groups
        self._writer = TrajectoryWriter(context.description, self.name)
        self._client = ActionClient(context.node, self._action, self._topic)
        self._controller = controller_name(context.node, self._topic)
        self._lock = threading.Lock()  # over the next five
        self._newest: Window | None = None  # not sent yet
        self._taken_ns = 0  # ROS time at which it was given
        self._sent: Window | None = None  # content of the newest goal
        self._is_active = self._is_yielding = False
        self._goal_ids: deque[bytes] = deque(maxlen=REMEMBERED_GOALS)
        self._handle: Any = None  # newest goal that was accepted, until it ends
        self._number = 0  # of that goal
        self._is_server_ready = False
        self._fault, self._fault_end_s = "", 0.0
        self._first_ns = 0
        # Only the executor's thread sends goals: it also receives the answers.
        self._guard = self._node.create_guard_condition(self._send_if_due)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = self._node.create_timer(WATCH_PERIOD_S, self._watch, clock=steady)

    @property
    def reason(self) -> str:
        """No server, a goal that was rejected or aborted, or joints without a measured position."""
        if not self._is_server_ready:
            return f"no action server {self._topic}"
        return self._fault or self._measured.missing(self._writer.mapping.held_names)

    def has_sent_goal(self, goal_id: bytes) -> bool:
        """Return whether this output sent the goal with an id of 16 bytes."""
        return goal_id in self._goal_ids

    def activate(self) -> None:
        """Send goals from now on."""
        self._is_active = True

    def deactivate(self) -> None:
        """Send no more goals; the present one ends at rest."""
        self._is_active = False

    def yield_controllers(self, controllers: Collection[str]) -> None:
        """Send nothing while the controller executes an external goal: a new goal would replace it."""
        with self._lock:
            self._is_yielding = self._controller in controllers
            self._newest = None if self._is_yielding else self._newest

    def send(self, window: Window) -> bool:
        """Make the robot follow a window, by a goal if the present one differs soon; return False if it will not."""
        with self._lock:
            if not self._is_active or self._is_yielding or self._fault:  # the robot has left the windows
                return False
            self._newest, self._taken_ns = window, self._now_ns()
            is_urgent = is_due(self._sent, window, self._taken_ns, TRANSPORT_NS)
        if is_urgent:
            self._guard.trigger()
        return True

    def close(self) -> None:
        """Send the window that still waits, and destroy the client."""
        self._send_if_due()
        self._node.destroy_guard_condition(self._guard)
        self._node.destroy_timer(self._timer)
        self._client.destroy()

    # -- on the executor's thread ----------------------------------------------------------------------------------

    def _send_if_due(self) -> None:
        """Send the newest window as a goal if the present goal is about to differ from it."""
        now_ns = self._now_ns()
        with self._lock:
            window = self._newest
            if window is None or not is_due(self._sent, window, now_ns, TRANSPORT_NS):
                return
            latest_ns = latest_arrival_ns(self._sent, window, self._taken_ns)
            self._newest = None
            is_late = self._taken_ns <= latest_ns < now_ns  # since it was given
            if not is_late:
                self._sent = window
        if is_late:
            self._set_fault("was not sent a goal, which came too late: the process stood still")
            return
        trajectory = self._trajectory(window, now_ns)
        if trajectory is None:
            return
        goal_id = uuid.uuid4().bytes
        self._goal_ids.append(goal_id)
        self._count(now_ns)
        goal = self._action.Goal(trajectory=trajectory)
        answer = self._client.send_goal_async(goal, goal_uuid=self._id_type(uuid=list(goal_id)))
        answer.add_done_callback(partial(self._take_answer, self.sent, window))

    def _count(self, now_ns: int) -> None:
        """Count a goal; a high rate of goals is logged once."""
        self.sent += 1
        if self.sent == 1:
            self._first_ns = now_ns
        elif self.sent == WARN_GOALS and now_ns - self._first_ns < WARN_GOALS * NS // WARN_GOALS_PER_S:
            log.warning("%s: %.0f goals a second; lead_s of 0.5 or more needs fewer", self._topic,
                        WARN_GOALS * NS / max(1, now_ns - self._first_ns))

    def _trajectory(self, window: Window, now_ns: int) -> Any:
        """Return the message; for servers that begin a goal when it arrives, the part from now on, counted from now."""
        if self._is_stamped:
            return self._writer.message(window, self._measured.positions)
        first = min(max(0, math.ceil((now_ns - window.stamp_ns) * KNOT_RATE / NS) + 1), len(window) - 1)
        rest = Window(window.start_index + first, window.stamp_ns + index_to_ns(first, KNOT_RATE),
                      window.positions[first:], window.velocities[first:])
        message = self._writer.message(rest, self._measured.positions)
        if message is not None:
            begin_ns = max(rest.stamp_ns - now_ns, NS // KNOT_RATE)
            for k, point in enumerate(message.points):
                since_ns = begin_ns + index_to_ns(k, KNOT_RATE)
                point.time_from_start = Duration(sec=since_ns // NS, nanosec=since_ns % NS)
            message.header.stamp = time_from_ns(0)
        return message

    def _take_answer(self, number: int, window: Window, answer: Any) -> None:
        handle = answer.result()
        if handle is not None and handle.accepted:
            if number > self._number:  # answers may arrive in any order
                self._handle, self._number = handle, number
            handle.get_result_async().add_done_callback(partial(self._take_result, window, handle))
            return
        if window is self._sent:
            self._set_fault("rejected a goal")
            if self._handle is not None:  # the server continues with an outdated goal
                self._handle.cancel_goal_async()

    def _take_result(self, window: Window, handle: Any, answer: Any) -> None:
        if handle is self._handle:
            self._handle = None
        done = answer.result()
        if window is self._sent and done is not None and done.status != STATUS_SUCCEEDED:
            text = f": {done.result.error_string}" if done.result.error_string else ""
            self._set_fault(f"did not complete a goal (status {done.status}, error {done.result.error_code}{text})")

    def _set_fault(self, what: str) -> None:
        """Stop commanding a robot that does not follow; it is engaged again after a pause."""
        with self._lock:
            self._fault, self._fault_end_s = f"{self._topic} {what}", time.monotonic() + RETRY_S
            self._sent = self._newest = None
        log.error("%s; slow entry again in %.0f s", self._fault, RETRY_S)

    def _watch(self) -> None:
        self._send_if_due()  # a window that was not due when it was made, and was the last
        was_ready, self._is_server_ready = self._is_server_ready, self._client.server_is_ready()
        if was_ready and not self._is_server_ready:  # its goals ended with it
            self._handle = self._sent = None
        if self._fault and time.monotonic() >= self._fault_end_s:
            self._fault = ""
        sent = self._sent
        if self._handle is not None and sent is not None and self._now_ns() > end_ns(sent) + OVERDUE_NS:
            log.warning("%s: a goal outlasts its motion and is cancelled", self._topic)
            handle, self._handle = self._handle, None
            handle.cancel_goal_async()
