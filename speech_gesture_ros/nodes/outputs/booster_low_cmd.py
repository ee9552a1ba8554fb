"""Interface `booster_low_cmd`: booster_interface/LowCmd, with a weight for each motor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.nodes.outputs.low_level import LowLevelWriter, low_level_output
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput
from speech_gesture_ros.robot.command_interfaces.shipped import BoosterOptions


def booster_output(context: OutputContext) -> SampledOutput:
    """Return the output of all groups of the interface."""
    return low_level_output(context, BoosterWriter)


class BoosterWriter(LowLevelWriter):
    """Publishes commands of all motors; those that gestures do not move keep weight 0."""

    package = "booster_interface"

    def __init__(self, context: OutputContext) -> None:
        options: BoosterOptions = context.options
        self._motors = options.motors
        super().__init__(context)

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command for as many motors as the robot has."""
        del now_ns
        motors = [self._motor_type() for _ in range(self._motors)]
        self._fill(motors, command)
        for i in self._indices:
            motors[i].weight = command.weight
        self._publisher.publish(self._command_type(cmd_type=self._command_type.CMD_TYPE_SERIAL, motor_cmd=motors))

    def _motor_states(self, state: Any) -> Sequence[Any]:
        motors: Sequence[Any] = state.motor_state_serial
        self._motors = self._motors or len(motors)
        return motors
