"""Windows as they are, to one joint_trajectory_controller."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from trajectory_msgs.msg import JointTrajectory

from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.controllers import controller_name
from speech_gesture_ros.nodes.conversions import TrajectoryWriter
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.output import nobody_listens
from speech_gesture_ros.nodes.qos import TRAJECTORY
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)


class TrajectoryOutput:
    """One controller; silent while the node is not active.

    Args:
        node: The lifecycle node.
        description: The robot.
        group: Which controller.
        measured: Where joints stand that are the controller's and not ours.
    """

    def __init__(self, node: Any, description: RobotDescription, group: str, measured: MeasuredJoints) -> None:
        self._node = node
        self._measured = measured
        self._writer = TrajectoryWriter(description, group)
        self._name, self._is_left = controller_name(node, description.topics[group]), False
        self._publisher = node.create_lifecycle_publisher(JointTrajectory, description.topics[group], TRAJECTORY)

    @property
    def reason(self) -> str:
        """No controller, or joints of it that nobody has measured."""
        return self._measured.missing(self._writer.mapping.held_names) or nobody_listens(self._publisher)

    def activate(self) -> None:
        """The publisher follows the node's life by itself."""

    def deactivate(self) -> None:
        """The publisher follows the node's life by itself."""

    def leave(self, controllers: Collection[str]) -> None:
        """Be silent while others move the controller: it follows them already, and a window would replace theirs."""
        self._is_left = self._name in controllers

    def send(self, window: Window) -> bool:
        """Publish a window; False if others move the controller, or it has joints that nobody has measured."""
        message = None if self._is_left else self._writer.message(window, self._measured.positions)
        if message is not None:
            self._publisher.publish(message)
        return message is not None

    def close(self) -> None:
        """Take the topic back."""
        self._node.destroy_lifecycle_publisher(self._publisher)
