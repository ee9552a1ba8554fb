"""Interface `position_direct`: yarp_control_msgs/PositionDirect for iCub and ergoCub."""

from __future__ import annotations

from typing import Any

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.nodes.outputs.position_writer import Array, controller_mapping, sampled_positions
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput


def position_direct_output(context: OutputContext) -> SampledOutput:
    """Return an output for names and positions."""
    kind = message_type("yarp_control_msgs/msg/PositionDirect")
    names = list(controller_mapping(context).names)

    def make_message(positions: Array, command: SampledCommand, now_ns: int) -> Any:
        del command, now_ns
        return kind(names=names, positions=positions.tolist())

    return sampled_positions(context, kind, make_message)
