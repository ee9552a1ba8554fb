"""Commands as the messages that go by name or by order: forward controllers, joint states, NAOqi, YARP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.control.joint_mapping import ControllerJointMapping
from speech_gesture_ros.nodes.conversions import time_from_ns
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import nobody_listens
from speech_gesture_ros.nodes.qos import COMMANDS
from speech_gesture_ros.robot.commands import FORWARD, JOINT_ANGLES, JOINT_STATE, POSITION_DIRECT
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

SLOWEST = 0.05  # NAOqi: share of its top speed that a joint at rest may still use to arrive
CATCH_UP = 1.2  # NAOqi: how much faster than the motion a joint may be that trails it


class PositionWriter:
    """One message for the joints of one controller.

    Args:
        node: The node.
        description: The robot.
        group: Which controller.
        measured: Where joints stand that are the controller's and not ours.
    """

    def __init__(self, node: Any, description: RobotDescription, group: str, measured: MeasuredJoints) -> None:
        self._node = node
        self._measured = measured
        order = description.commands.order.get(group, description.groups[group])
        self._mapping = ControllerJointMapping(description.joint_names, order, description.commands)
        self._own = description.indices(description.groups[group])
        self._fill = WRITERS[description.commands.of_group(group)](self._mapping, description.limits.velocity)
        self._publisher = node.create_publisher(self._fill.type, description.topics[group], COMMANDS)

    @property
    def reason(self) -> str:
        """No controller, or joints of it that nobody has measured."""
        return self._measured.missing(self._mapping.held_names) or nobody_listens(self._publisher)

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command."""
        positions = self._mapping.positions(command.positions, self._measured.positions)
        if positions is not None:
            self._publisher.publish(self._fill.message(positions, command, self._own, now_ns))

    def close(self) -> None:
        """Take the topic back."""
        self._node.destroy_publisher(self._publisher)


class _ForwardPosition:
    """std_msgs/Float64MultiArray: positions in the controller's order, nothing else."""

    def __init__(self, mapping: ControllerJointMapping, top_speed: Array) -> None:
        del mapping, top_speed
        self.type = Float64MultiArray

    def message(self, positions: Array, command: SampledCommand, own: npt.NDArray[np.int64], now_ns: int) -> Any:
        del command, own, now_ns
        return Float64MultiArray(data=positions.tolist())


class _JointAngles:
    """naoqi_bridge_msgs/JointAnglesWithSpeed: where to go, and what share of its top speed a joint may use."""

    def __init__(self, mapping: ControllerJointMapping, top_speed: Array) -> None:
        self.type = message_type("naoqi_bridge_msgs/msg/JointAnglesWithSpeed")
        self._names, self._top_speed = list(mapping.names), top_speed

    def message(self, positions: Array, command: SampledCommand, own: npt.NDArray[np.int64], now_ns: int) -> Any:
        share = CATCH_UP * float(np.max(np.abs(command.velocities[own]) / self._top_speed[own]))
        message = self.type(joint_names=self._names, joint_angles=positions.tolist(),
                            speed=min(max(share, SLOWEST), 1.0), relative=0)
        message.header.stamp = time_from_ns(now_ns)
        return message


class _PositionDirect:
    """yarp_control_msgs/PositionDirect: names and positions."""

    def __init__(self, mapping: ControllerJointMapping, top_speed: Array) -> None:
        del top_speed
        self.type = message_type("yarp_control_msgs/msg/PositionDirect")
        self._names = list(mapping.names)

    def message(self, positions: Array, command: SampledCommand, own: npt.NDArray[np.int64], now_ns: int) -> Any:
        del command, own, now_ns
        return self.type(names=self._names, positions=positions.tolist())


WRITERS: Mapping[str, Any] = {FORWARD: _ForwardPosition, JOINT_ANGLES: _JointAngles, POSITION_DIRECT: _PositionDirect}


class JointStateWriter:
    """sensor_msgs/JointState with our joints, and maybe others: where they were measured, or where they are said to be.

    Args:
        node: The node.
        description: The robot.
        topic: Where to.
        others: Joints that are not ours and where they stand as long as nobody has measured them [rad].
        measured: Where they were measured.
        is_alone: Whether the robot is nothing but what we say: all our joints, and nobody else may say where it is.
    """

    def __init__(self, node: Any, description: RobotDescription, topic: str, others: Mapping[str, float],
                 measured: MeasuredJoints, is_alone: bool) -> None:
        self._node, self._topic, self._is_alone = node, node.resolve_topic_name(topic), is_alone
        self._others = others
        self._measured = measured
        told = [name for group, names in description.groups.items() for name in names
                if is_alone or description.commands.of_group(group) == JOINT_STATE]
        self._mapping = ControllerJointMapping(description.joint_names, (*told, *others), description.commands)
        self._message = JointState(name=list(self._mapping.names))
        self._publisher = node.create_publisher(JointState, topic, COMMANDS)

    @property
    def reason(self) -> str:
        """Nobody who hears; or somebody else who says where the robot is, although it is nothing but what we say."""
        if not self._is_alone:
            return nobody_listens(self._publisher)
        if self._node.count_publishers(self._topic) > 1:
            return f"somebody else publishes {self._topic}: two robots cannot be one"
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
        """Take the topic back."""
        self._node.destroy_publisher(self._publisher)
