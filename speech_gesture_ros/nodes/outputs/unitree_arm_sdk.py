"""Interface `unitree_arm_sdk`: unitree_hg/LowCmd, with the weight in place of a motor that the robot does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.outputs.low_level import LowLevelWriter, low_level_output
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput
from speech_gesture_ros.nodes.outputs.unitree_crc import crc32_words
from speech_gesture_ros.robot.command_interfaces.shipped import UnitreeOptions

MOTOR_COUNT = 35  # in every message
CRC_LAYOUT = "<2B2x" + "B3x5fI" * MOTOR_COUNT + "4I"  # memory layout of the message in the firmware, without the CRC


def unitree_output(context: OutputContext) -> SampledOutput:
    """Return the output of all groups of the interface."""
    return low_level_output(context, UnitreeWriter)


class UnitreeWriter(LowLevelWriter):
    """Publishes commands of 35 motors.

    Raises:
        ConfigError: If a motor number is out of range, or that of the weight.
    """

    package = "unitree_hg"

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        options: UnitreeOptions = context.options
        self._weight_index = options.weight_index
        if max(*self._indices, self._weight_index) >= MOTOR_COUNT or self._weight_index in self._indices:
            raise ConfigError("motor numbers", [*self._indices, self._weight_index],
                              f"below {MOTOR_COUNT}, that of the weight different from all others",
                              "Correct the profile.")
        self._message = self._command_type()

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command with its CRC."""
        del now_ns
        message = self._message
        self._fill(message.motor_cmd, command)
        message.motor_cmd[self._weight_index].q = command.weight
        values: list[float] = [message.mode_pr, message.mode_machine]
        for motor in message.motor_cmd:
            values += (motor.mode, motor.q, motor.dq, motor.tau, motor.kp, motor.kd, motor.reserve)
        message.crc = crc32_words(CRC_LAYOUT, [*values, *message.reserve])
        self._publisher.publish(message)

    def _motor_states(self, state: Any) -> Sequence[Any]:
        motors: Sequence[Any] = state.motor_state
        return motors
