"""A command interface of your own: the gesture node sends joint angles in degrees, as std_msgs/Float64MultiArray.

    python examples/5_command_interface.py --ros-args -p commands.interface:=degrees

The driver of the robot subscribes to <group>/degrees for every group and publishes joint_states; until then the node
logs what is missing. In a package of your own an entry point replaces `register_interface` (docs/controllers.md), and
the shipped gesture_node finds the interface by itself.
"""

from dataclasses import dataclass

import numpy as np
from std_msgs.msg import Float64MultiArray

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.nodes.outputs.output import Output, OutputContext
from speech_gesture_ros.nodes.outputs.position_writer import sampled_positions
from speech_gesture_ros.robot.command_interfaces import CommandInterface, register_interface


@dataclass(frozen=True)
class DegreesOptions:
    """Keys that the interface adds to `commands` of a profile.

    Attributes:
        decimals: Decimals to which angles are rounded.
    """

    decimals: int = 1


def degrees_output(context: OutputContext) -> Output:
    """Return the output of one group; called by the node at configure."""

    def make_message(positions: np.ndarray, command: SampledCommand, now_ns: int) -> Float64MultiArray:
        return Float64MultiArray(data=np.round(np.degrees(positions), context.options.decimals).tolist())

    return sampled_positions(context, Float64MultiArray, make_message)


INTERFACE = CommandInterface("degrees", topic="{group}/degrees", output=degrees_output, options=DegreesOptions)


def main() -> None:
    """Run the gesture node with the interface in its registry."""
    from speech_gesture_ros.nodes.gesture_node import main as run_node

    register_interface(INTERFACE)
    run_node()


if __name__ == "__main__":
    main()
