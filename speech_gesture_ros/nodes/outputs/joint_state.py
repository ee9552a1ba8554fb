"""Interface `joint_state`: sensor_msgs/JointState, as commands or as the state of a robot that exists only in RViz.

On the topic joint_states there is no robot: every joint is published, from the rest pose on. On any other topic the
messages are commands: the joints of the groups, only while they move.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sensor_msgs.msg import JointState

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.control.joint_mapping import ControllerJointMapping
from speech_gesture_ros.nodes.conversions import time_from_ns
from speech_gesture_ros.nodes.outputs.output import OutputContext, no_subscriber
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput
from speech_gesture_ros.nodes.qos import COMMAND_QOS
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.link_poses import locked_position

log = logging.getLogger(__name__)


def joint_state_output(context: OutputContext) -> SampledOutput:
    """Return the output of all groups of the interface."""
    node, description = context.node, context.description
    is_state = node.resolve_topic_name(context.topic) == node.resolve_topic_name("joint_states")
    if is_state:
        log.info("no robot: this node publishes joint_states, beginning with the rest pose")
    writer = JointStateWriter(context, is_state=is_state)
    return SampledOutput(writer, description.limits.velocity, description.commands.rate_hz, context.now_ns,
                         start=(lambda: description.rest_q) if is_state else None, name=context.topic)


class JointStateWriter:
    """Publishes one message for each command.

    Args:
        context: The groups.
        is_state: True if the messages are the robot's joint states: all its joints, and no other node may publish
            them.
    """

    def __init__(self, context: OutputContext, *, is_state: bool) -> None:
        self._node, self._measured, self._is_state = context.node, context.measured, is_state
        self._topic = context.node.resolve_topic_name(context.topic)
        description = context.description
        self._others = _other_joints(description) if is_state else {}
        names = [name for joints in description.groups.values() for name in joints] if is_state else context.joints
        self._mapping = ControllerJointMapping(description.joint_names, (*names, *self._others), description.commands)
        self._message = JointState(name=list(self._mapping.names))
        self._publisher = context.node.create_publisher(JointState, context.topic, COMMAND_QOS)

    @property
    def reason(self) -> str:
        """No subscriber; or another node publishes the joint states of a robot that does not exist."""
        if not self._is_state:
            return no_subscriber(self._publisher)
        if self._node.count_publishers(self._topic) > 1:
            return f"another node publishes {self._topic}: stop it, or choose another command interface"
        return ""

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command."""
        positions = self._mapping.positions(command.positions, {**self._others, **self._measured.positions})
        if positions is not None:
            self._message.header.stamp = time_from_ns(now_ns)
            self._message.position = positions.tolist()
            self._message.velocity = self._mapping.velocities(command.velocities).tolist()
            self._publisher.publish(self._message)

    def close(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)


def _other_joints(description: RobotDescription) -> Mapping[str, float]:
    """Return the movable joints that gestures do not move, and a position inside their limits [rad]."""
    return {joint.name: locked_position(joint) for joint in description.model.urdf.joints
            if joint.is_movable and joint.name not in description.joint_names}
