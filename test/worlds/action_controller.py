"""Action server with the rules of joint_trajectory_controller, which can reject, abort, or never end goals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from rclpy.action import ActionServer, CancelResponse, GoalResponse

from speech_gesture_ros.nodes.conversions import ns_from_time, trajectory_from_message
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController


class ActionController:
    """Controller of some joints behind a FollowJointTrajectory action.

    Args:
        node: Node of the server.
        topic: Name of the action.
        names: Joints.
        start: (N,) positions at first [rad].
        now_ns: Returns the ROS time [ns].

    Attributes:
        q: (N,) present positions [rad].
        track: ROS time [ns] and positions of every step.
        goals: Accepted goals.
        rejected: Reasons of the controller for rejected goals.
        cancelled: Number of requests to cancel a goal.
        entries: Jump of the command at each goal that follows an aborted or cancelled one [rad].
        does_accept: False to reject all goals.
        does_replace: False to reject goals while another one is executed.
        does_end: False to execute goals for ever.
    """

    def __init__(self, node: Any, topic: str, names: tuple[str, ...], start: np.ndarray,
                 now_ns: Callable[[], int]) -> None:
        self._node, self._topic, self._names, self._now_ns = node, topic, names, now_ns
        self._action = message_type("control_msgs/action/FollowJointTrajectory")
        self._controller = JointTrajectoryController(names, start=start)
        self._running: dict[bytes, tuple[Any, int]] = {}  # goal id to its handle and the time of its end [ns]
        self._cancelled: list[Any] = []  # handles to be ended as cancelled in the next step
        self._is_new = True
        self.q = np.array(start, dtype=np.float64)
        self.track: list[tuple[int, np.ndarray]] = []
        self.goals: list[Any] = []
        self.rejected: list[str] = []
        self.cancelled = 0
        self.entries: list[float] = []
        self.does_accept = self.does_replace = self.does_end = True
        self._server: ActionServer | None = None
        self.start()

    def start(self) -> None:
        """Make the server."""
        self._server = ActionServer(self._node, self._action, self._topic, lambda _: None, goal_callback=self._judge,
                                    handle_accepted_callback=self._take, cancel_callback=self._cancel)

    def stop(self) -> None:
        """Destroy the server."""
        if self._server is not None:
            self._server.destroy()
            self._server = None

    @property
    def is_busy(self) -> bool:
        """True while a goal is executed."""
        return bool(self._running)

    def abort(self, code: int = 0, text: str = "") -> None:
        """Abort the present goal; the joints are held where they are."""
        self._hold()
        self._end_all("abort", code, text)

    def step(self) -> None:
        """Move the joints to where they are commanded now, and end goals whose time is over."""
        now_ns = self._now_ns()
        self.q = self._controller.sample(now_ns)[0]
        self.track.append((now_ns, self.q))
        while self._cancelled:
            handle = self._cancelled.pop()
            if bytes(handle.goal_id.uuid) in self._running:
                self._hold()
                self._end(handle, "canceled")
        for handle, ends_ns in list(self._running.values()):
            if now_ns > ends_ns and self.does_end:
                self._end(handle, "succeed")

    def _hold(self) -> None:
        self._controller = JointTrajectoryController(self._names, start=self.q)
        self._is_new = True

    def _end(self, handle: Any, how: str, code: int = 0, text: str = "") -> None:
        """Give a goal its result; nothing waits for it meanwhile, so that the executor is idle."""

        def finish(goal: Any) -> Any:
            getattr(goal, how)()
            return self._action.Result(error_code=code, error_string=text)

        del self._running[bytes(handle.goal_id.uuid)]
        handle.execute(finish)

    def _end_all(self, how: str, code: int, text: str) -> None:
        for handle, _ in list(self._running.values()):
            self._end(handle, how, code, text)

    def _judge(self, goal: Any) -> GoalResponse:
        if not self.does_accept or (self.is_busy and not self.does_replace):
            return GoalResponse.REJECT
        now_ns = self._now_ns()
        before = self._controller.sample(now_ns)[0]
        reason = self._controller.accept(trajectory_from_message(goal.trajectory), now_ns)
        if reason:
            self.rejected.append(reason)
            return GoalResponse.REJECT
        if self._is_new:
            self.entries.append(float(np.abs(self._controller.sample(now_ns)[0] - before).max()))
            self._is_new = False
        self._end_all("abort", 0, "replaced")
        self.goals.append(goal)
        return GoalResponse.ACCEPT

    def _take(self, handle: Any) -> None:
        trajectory = handle.request.trajectory
        begin_ns = ns_from_time(trajectory.header.stamp) or self._now_ns()
        ends_ns = begin_ns + ns_from_time(trajectory.points[-1].time_from_start)
        self._running[bytes(handle.goal_id.uuid)] = handle, ends_ns

    def _cancel(self, handle: Any) -> CancelResponse:
        self.cancelled += 1
        self._cancelled.append(handle)
        return CancelResponse.ACCEPT
