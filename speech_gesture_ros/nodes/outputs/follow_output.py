"""Windows as goals of a FollowJointTrajectory action: as few as keep the robot moving.

    goal 1  ────────────╲__        each goal is all that is known of the utterance, and ends at rest;
    goal 2         ────────────╲__     the next one takes over before it brakes

A goal that takes over agrees with the one before on everything up to there, so nothing jumps. How much is known in
advance is `lead_s`: with 0.5 s there are two or three goals a second, with 0.1 s one for almost every window. Stopping
is a goal, too, for it brakes; a cancelled goal would make joint_trajectory_controller hold at once. Cancelled is only
what does not end when it should, and what a server does not let us replace.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from builtin_interfaces.msg import Duration
from rclpy.action import ActionClient
from rclpy.clock import Clock, ClockType

from speech_gesture_ros.control.continuation import is_due
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.controllers import controller_name
from speech_gesture_ros.nodes.conversions import TrajectoryWriter, time_from_ns
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)

MARGIN_NS = NS // 10  # how long a goal may be under way until it is accepted
OVERDUE_NS = NS  # how much later than its motion a goal may end
RETRY_S = 2.0  # how long a robot that refused or gave up a goal is left alone
LOOK_S = 0.05
SUCCEEDED = 4  # action_msgs/GoalStatus
MANY, MOST_PER_S = 25, 6  # goals, and how many a second are no reason for a word
MEMORY = 256  # ids of goals that are remembered as ours


class FollowOutput:
    """One controller that is told by actions.

    Args:
        node: The node.
        description: The robot.
        group: Which controller.
        measured: Where joints stand that are the controller's and not ours.
        now_ns: The ROS clock.

    Attributes:
        goals: Goals sent.
    """

    def __init__(self, node: Any, description: RobotDescription, group: str, measured: MeasuredJoints,
                 now_ns: Callable[[], int]) -> None:
        self._action = message_type("control_msgs/action/FollowJointTrajectory")
        self._id_type = message_type("unique_identifier_msgs/msg/UUID")
        self._node, self._measured, self._now_ns = node, measured, now_ns
        self._topic = description.topics[group]
        self._is_stamped = description.commands.stamped
        self._writer = TrajectoryWriter(description, group)
        self._client = ActionClient(node, self._action, self._topic)
        self._name = controller_name(node, self._topic)
        self._lock = threading.Lock()  # over the next four
        self._wanted: Window | None = None  # newest
        self._sent: Window | None = None  # that of the newest goal
        self._is_active = self._is_left = False
        self._ours: deque[bytes] = deque(maxlen=MEMORY)
        self._handle: Any = None  # the newest goal that was accepted, until it ends
        self._number = 0  # of that goal
        self._is_there = False
        self._trouble, self._trouble_end_s = "", 0.0
        self.goals = 0
        self._first_ns = 0
        # Goals are sent by the executor's thread alone: it is the one that takes the answers.
        self._guard = node.create_guard_condition(self._look)
        self._timer = node.create_timer(LOOK_S, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))

    @property
    def reason(self) -> str:
        """No server, a goal that it did not take or gave up, or joints that nobody has measured."""
        if not self._is_there:
            return f"no action server {self._topic}"
        return self._trouble or self._measured.missing(self._writer.mapping.held_names)

    def is_our_goal(self, goal_id: bytes) -> bool:
        """Whether we sent the goal with an id of 16 bytes."""
        return goal_id in self._ours

    def activate(self) -> None:
        """Send goals from now on."""
        self._is_active = True

    def deactivate(self) -> None:
        """Send no more; the goal under way ends at rest."""
        self._is_active = False

    def leave(self, controllers: Collection[str]) -> None:
        """Send nothing while others have a goal: ours would take its place."""
        with self._lock:
            self._is_left = self._name in controllers
            self._wanted = None if self._is_left else self._wanted

    def send(self, window: Window) -> bool:
        """Have the robot follow a window, by a goal if the one it follows differs soon; False if it follows others."""
        with self._lock:
            if not self._is_active or self._is_left or self._trouble:  # the robot is not where our windows are any more
                return False
            self._wanted = window
            is_wanted = is_due(self._sent, window, self._now_ns(), MARGIN_NS)
        if is_wanted:
            self._guard.trigger()
        return True

    def close(self) -> None:
        """Send what still waits to be sent, and take the action back."""
        self._look()
        self._node.destroy_guard_condition(self._guard)
        self._node.destroy_timer(self._timer)
        self._client.destroy()

    # -- on the executor's thread ----------------------------------------------------------------------------------

    def _look(self) -> None:
        """Send the newest window as a goal if it must be sent now."""
        now_ns = self._now_ns()
        with self._lock:
            window = self._wanted
            if window is None or not is_due(self._sent, window, now_ns, MARGIN_NS):
                return
            self._sent, self._wanted = window, None
        trajectory = self._trajectory(window, now_ns)
        if trajectory is None:
            return
        goal_id = uuid.uuid4().bytes
        self._ours.append(goal_id)
        self._count(now_ns)
        goal = self._action.Goal(trajectory=trajectory)
        answer = self._client.send_goal_async(goal, goal_uuid=self._id_type(uuid=list(goal_id)))
        answer.add_done_callback(partial(self._take_answer, self.goals, window))

    def _count(self, now_ns: int) -> None:
        """Count a goal; many in a short time are told once."""
        self.goals += 1
        if self.goals == 1:
            self._first_ns = now_ns
        elif self.goals == MANY and now_ns - self._first_ns < MANY * NS // MOST_PER_S:
            log.warning("%s: %.0f goals a second; with lead_s at 0.5 or more it takes few", self._topic,
                        MANY * NS / max(1, now_ns - self._first_ns))

    def _trajectory(self, window: Window, now_ns: int) -> Any:
        """The message; for servers that begin a goal when it arrives, what is still to come, counted from now."""
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
            if number > self._number:  # answers may come in any order
                self._handle, self._number = handle, number
            handle.get_result_async().add_done_callback(partial(self._take_result, window, handle))
            return
        if window is self._sent:
            self._give_up("did not take a goal")
            if self._handle is not None:  # it goes on with what we want no more
                self._handle.cancel_goal_async()

    def _take_result(self, window: Window, handle: Any, answer: Any) -> None:
        if handle is self._handle:
            self._handle = None
        done = answer.result()
        if window is self._sent and done is not None and done.status != SUCCEEDED:
            text = f": {done.result.error_string}" if done.result.error_string else ""
            self._give_up(f"gave up a goal (status {done.status}, error {done.result.error_code}{text})")

    def _give_up(self, what: str) -> None:
        """The robot does not follow: it is left alone for a while, then entered anew."""
        with self._lock:
            self._trouble, self._trouble_end_s = f"{self._topic} {what}", time.monotonic() + RETRY_S
            self._sent = self._wanted = None
        log.error("%s; the robot is entered anew, slowly, in %.0f s", self._trouble, RETRY_S)

    def _watch(self) -> None:
        self._look()  # a window that was not due when it came, and was the last
        was_there, self._is_there = self._is_there, self._client.server_is_ready()
        if was_there and not self._is_there:  # it took its goals with it
            self._handle = self._sent = None
        if self._trouble and time.monotonic() >= self._trouble_end_s:
            self._trouble = ""
        sent = self._sent
        if self._handle is not None and sent is not None and self._now_ns() > end_ns(sent) + OVERDUE_NS:
            log.warning("%s: a goal outlives its motion and is cancelled", self._topic)
            handle, self._handle = self._handle, None
            handle.cancel_goal_async()
