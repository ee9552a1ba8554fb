"""Messages with one position for each joint of one controller, sampled from windows at a fixed rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.control.joint_mapping import ControllerJointMapping
from speech_gesture_ros.nodes.outputs.output import OutputContext, no_subscriber
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput
from speech_gesture_ros.nodes.qos import COMMAND_QOS

Array = npt.NDArray[np.float64]
MessageMaker = Callable[[Array, SampledCommand, int], Any]  # from (M,) values, the command, and the ROS time [ns]


class PositionWriter:
    """Publishes one message for each command.

    Args:
        context: The group.
        message_type: Message class.
        make_message: Makes the message from the values of `mapping`, the command and the time.
    """

    def __init__(self, context: OutputContext, message_type: Any, make_message: MessageMaker) -> None:
        self._node, self._measured, self._make_message = context.node, context.measured, make_message
        self._mapping = controller_mapping(context)
        self._publisher = context.node.create_publisher(message_type, context.topic, COMMAND_QOS)

    @property
    def reason(self) -> str:
        """No controller, or joints of it without a measured position."""
        return self._measured.missing(self._mapping.held_names) or no_subscriber(self._publisher)

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command."""
        positions = self._mapping.positions(command.positions, self._measured.positions)
        if positions is not None:
            self._publisher.publish(self._make_message(positions, command, now_ns))

    def close(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)


def controller_mapping(context: OutputContext) -> ControllerJointMapping:
    """Return the mapping from the robot's joints to those of the group's controller."""
    description = context.description
    return ControllerJointMapping(description.joint_names, context.controller_joints, description.commands)


def sampled_positions(context: OutputContext, message_type: Any, make_message: MessageMaker) -> SampledOutput:
    """Return an output that publishes one message for each command, see `PositionWriter`."""
    writer = PositionWriter(context, message_type, make_message)
    return SampledOutput(writer, context.description.limits.velocity, context.description.commands.rate_hz,
                         context.now_ns, name=context.groups[0])
