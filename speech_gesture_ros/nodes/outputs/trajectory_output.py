"""Interface `trajectory`: windows as trajectory_msgs/JointTrajectory for a joint_trajectory_controller."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from trajectory_msgs.msg import JointTrajectory

from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.controllers import controller_name
from speech_gesture_ros.nodes.conversions import TrajectoryWriter
from speech_gesture_ros.nodes.outputs.output import Output, OutputContext, no_subscriber
from speech_gesture_ros.nodes.qos import TRAJECTORY_QOS


class TrajectoryOutput(Output):
    """Publisher of one controller; a lifecycle publisher, silent while the node is not active.

    Args:
        context: The group.
    """

    def __init__(self, context: OutputContext) -> None:
        self._node, self._measured = context.node, context.measured
        (self.name,) = context.groups
        self._writer = TrajectoryWriter(context.description, self.name)
        self._controller, self._is_yielding = controller_name(context.node, context.topic), False
        self._publisher = context.node.create_lifecycle_publisher(JointTrajectory, context.topic, TRAJECTORY_QOS)

    @property
    def reason(self) -> str:
        """No controller, or joints of it without a measured position."""
        return self._measured.missing(self._writer.mapping.held_names) or no_subscriber(self._publisher)

    def activate(self) -> None:
        """Do nothing: the node activates its lifecycle publishers."""

    def deactivate(self) -> None:
        """Do nothing: the node deactivates its lifecycle publishers."""

    def yield_controllers(self, controllers: Collection[str]) -> None:
        """Send nothing while the controller executes an external goal: a window would replace it."""
        self._is_yielding = self._controller in controllers

    def send(self, window: Window) -> bool:
        """Publish a window; return False while yielding, or while a joint has no measured position."""
        return self.prepare(window)()

    def prepare(self, window: Window) -> Callable[[], bool]:
        """Return the function that publishes a window, which is a message already.

        `serialize_message` would shorten it further, but it returns more bytes than the message has: readers of bags
        refuse those.
        """
        return partial(self._publish, self._writer.message(window, self._measured.positions))

    def _publish(self, message: JointTrajectory | None) -> bool:
        if message is None or self._is_yielding:
            return False
        self._publisher.publish(message)
        self.sent += 1
        return True

    def close(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_lifecycle_publisher(self._publisher)
