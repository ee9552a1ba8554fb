"""Interface `forward_position`: std_msgs/Float64MultiArray for a ForwardCommandController."""

from __future__ import annotations

from std_msgs.msg import Float64MultiArray

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.nodes.outputs.position_writer import Array, sampled_positions
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput


def forward_position_output(context: OutputContext) -> SampledOutput:
    """Return an output for positions in the controller's order, without names."""

    def make_message(positions: Array, command: SampledCommand, now_ns: int) -> Float64MultiArray:
        del command, now_ns
        return Float64MultiArray(data=positions.tolist())

    return sampled_positions(context, Float64MultiArray, make_message)
