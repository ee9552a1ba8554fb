"""Giving way: while a controller of ours executes somebody else's goal, the robot is not ours to move.

<controller>/follow_joint_trajectory/_action/status ──► a goal that is not ours ──► a reason to stand still

That controller follows the goal already and is told nothing more, for a brake of ours would replace what it follows;
the others brake.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any

from action_msgs.msg import GoalStatus, GoalStatusArray
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from speech_gesture_ros.agent.inhibitors import MotionInhibitors

log = logging.getLogger(__name__)

WHO = "goal"
STATUS = "{}/follow_joint_trajectory/_action/status"
UNDER_WAY = (GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_CANCELING)
ACTION_STATUS = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                           durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Yielding:
    """Watches the goals of controllers.

    Args:
        node: The node.
        controllers: Full names of controllers that follow trajectories.
        inhibitors: Where reasons are kept.
        leave: Called with the controllers that others move.
        apply_inhibitors: Called when there may be a new reason.
        is_ours: Whether we sent the goal with an id of 16 bytes.
    """

    def __init__(self, node: Any, controllers: Iterable[str], inhibitors: MotionInhibitors,
                 leave: Callable[[Collection[str]], None], apply_inhibitors: Callable[[], None],
                 is_ours: Callable[[bytes], bool]) -> None:
        self._node, self._inhibitors, self._is_ours = node, inhibitors, is_ours
        self._leave, self._apply_inhibitors = leave, apply_inhibitors
        self._foreign: dict[str, int] = dict.fromkeys(controllers, 0)  # goals of others under way
        self._subscriptions = [
            node.create_subscription(GoalStatusArray, STATUS.format(name), partial(self._take, name), ACTION_STATUS)
            for name in self._foreign
        ]

    def look(self) -> None:
        """Forget the goals of controllers that are gone: they can no longer say that a goal has ended."""
        for name, count in self._foreign.items():
            if count and not self._node.count_publishers(STATUS.format(name)):
                self._set(name, 0)

    def close(self) -> None:
        """Watch no longer."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._inhibitors.set(WHO)

    def _take(self, name: str, message: GoalStatusArray) -> None:
        goals: Sequence[GoalStatus] = message.status_list
        self._set(name, sum(goal.status in UNDER_WAY and not self._is_ours(bytes(goal.goal_info.goal_id.uuid))
                            for goal in goals))

    def _set(self, name: str, count: int) -> None:
        self._foreign[name] = count
        busy = [controller for controller, goals in self._foreign.items() if goals]
        self._leave(busy)
        self._inhibitors.set(WHO, f"yielding to a goal of {', '.join(busy)}" if busy else "")
        self._apply_inhibitors()
