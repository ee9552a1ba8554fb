"""References of the controllers, from their own state topics: the best positions to engage a robot at.

A servo is measured a little off its command. Motion that begins at the measured position makes the command jump by that
difference; motion that begins at the controller's reference does not. The topics also state which window a controller
follows, and so how long its delivery took. Needs control_msgs, which every robot with ros2_control has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from speech_gesture_ros.agent.agent_runner import Reading
from speech_gesture_ros.agent.joint_readings import JointReadings
from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.paced_group import PacedGroup
from speech_gesture_ros.nodes.qos import CONTROLLER_STATES_IN_QOS
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)

MAX_AGE_S = 0.5  # older references are not used
PERIOD_S = 0.005  # between two states that are read; Gazebo's controllers publish at 1 kHz


class ControllerStates:
    """Subscriptions to `<controller>/controller_state`.

    Args:
        node: The node.
        controllers: Full names of the controllers.
        description: The robot, with N joints.
        on_reference: Called with (N,) positions [rad], NaN where unknown, and the ROS time [ns].
        on_followed: Called with the name of a controller, the stamp of the trajectory that it follows, the ROS time at
            which it does, and that of the state read before, None for the first [ns].
        now_ns: Returns the ROS time [ns].
    """

    def __init__(self, node: Any, controllers: Iterable[str], description: RobotDescription,
                 on_reference: Callable[[Reading], None], on_followed: Callable[[str, int, int, int | None], None],
                 now_ns: Callable[[], int]) -> None:
        self._node, self._on_reference, self._on_followed, self._now_ns = node, on_reference, on_followed, now_ns
        self._references = JointReadings(description.joint_names, description.limits,
                                         description.continuous_joints)
        self._read_ns: dict[str, int] = {}  # controller to the stamp of its state read last [ns]
        self._subscriptions: list[Any] = []
        try:
            from control_msgs.msg import JointTrajectoryControllerState
        except ImportError:
            log.info("control_msgs is not installed: the robot is engaged at its measured positions")
            return
        group = PacedGroup(PERIOD_S)
        self._subscriptions = [
            node.create_subscription(JointTrajectoryControllerState, f"{name}/controller_state",
                                     partial(self._take, name), CONTROLLER_STATES_IN_QOS, callback_group=group)
            for name in controllers
        ]

    def close(self) -> None:
        """Destroy the subscriptions."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _take(self, name: str, message: Any) -> None:
        now_ns = self._now_ns()
        is_new = hasattr(message, "reference")  # since control_msgs 4.1
        point, measured = (message.reference, message.feedback) if is_new else (message.desired, message.actual)
        followed_since_ns, stamp_ns = ns_from_time(measured.time_from_start), ns_from_time(message.header.stamp)
        if followed_since_ns > 0:
            self._on_followed(name, stamp_ns - followed_since_ns, stamp_ns, self._read_ns.get(name))
        self._read_ns[name] = stamp_ns
        self._references.update(message.joint_names, point.positions, now_ns)
        self._on_reference((self._references.fresh(now_ns, MAX_AGE_S), now_ns))
