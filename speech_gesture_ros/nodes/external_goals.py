"""External goals: while a controller executes a goal of another node, this node yields.

    <controller>/follow_joint_trajectory/_action/status ──► a goal that this node has not sent ──► a motion inhibitor

The yielded controller is sent nothing, not even a brake, which would replace the external goal; the others brake.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any

from action_msgs.msg import GoalStatus, GoalStatusArray
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from speech_gesture_ros.agent.inhibitors import MotionInhibitors

EXTERNAL_GOAL_INHIBITOR = "external goal"  # name of this motion inhibitor
STATUS_TOPIC = "{}/follow_joint_trajectory/_action/status"
PENDING_STATUSES = (GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_CANCELING)
STATUS_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class ExternalGoals:
    """Subscriptions to the goal statuses of controllers.

    Args:
        node: The node.
        controllers: Full names of controllers that execute trajectories.
        inhibitors: Registry of motion inhibitors.
        yield_controllers: Called with the controllers that execute external goals.
        apply_inhibitors: Called after each change; stops the robot, if necessary, before it returns.
        has_sent_goal: Returns True for the id, 16 bytes, of a goal that this node has sent.
    """

    def __init__(self, node: Any, controllers: Iterable[str], inhibitors: MotionInhibitors,
                 yield_controllers: Callable[[Collection[str]], None], apply_inhibitors: Callable[[], None],
                 has_sent_goal: Callable[[bytes], bool]) -> None:
        self._node, self._inhibitors, self._has_sent_goal = node, inhibitors, has_sent_goal
        self._yield_controllers, self._apply_inhibitors = yield_controllers, apply_inhibitors
        self._counts: dict[str, int] = dict.fromkeys(controllers, 0)  # external goals of each controller
        self._subscriptions = [
            node.create_subscription(GoalStatusArray, STATUS_TOPIC.format(name), partial(self._take, name), STATUS_QOS)
            for name in self._counts
        ]

    def drop_lost_controllers(self) -> None:
        """Forget the goals of controllers that have ended, and so cannot report the end of a goal."""
        for name, count in self._counts.items():
            if count and not self._node.count_publishers(STATUS_TOPIC.format(name)):
                self._set(name, 0)

    def close(self) -> None:
        """Destroy the subscriptions and remove the inhibitor."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._inhibitors.set(EXTERNAL_GOAL_INHIBITOR)

    def _take(self, name: str, message: GoalStatusArray) -> None:
        goals: Sequence[GoalStatus] = message.status_list
        self._set(name, sum(goal.status in PENDING_STATUSES
                            and not self._has_sent_goal(bytes(goal.goal_info.goal_id.uuid)) for goal in goals))

    def _set(self, name: str, count: int) -> None:
        self._counts[name] = count
        busy = [controller for controller, goals in self._counts.items() if goals]
        self._yield_controllers(busy)
        reason = f"yielding to an external goal on {', '.join(busy)}" if busy else ""
        self._inhibitors.set(EXTERNAL_GOAL_INHIBITOR, reason)
        self._apply_inhibitors()
