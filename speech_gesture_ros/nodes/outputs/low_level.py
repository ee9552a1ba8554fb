"""Unitree's arm_sdk and Booster's joint_ctrl: motors by number, with gains, and our share of them as a weight.

    weight 0 ──ramp──► 1   the robot's own controller gives its arms to us, and takes them back
    state    ────────────► joint_states, which these robots do not publish themselves

Nothing below us looks after limits here: hence off unless asked for by name, slow, and never without the ramp.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import JointState

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.control.joint_mapping import ControllerJointMapping
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.conversions import joint_state_message
from speech_gesture_ros.nodes.outputs.crc import crc32_words
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import nobody_listens
from speech_gesture_ros.nodes.qos import COMMANDS, JOINT_STATES_IN, JOINT_STATES_OUT
from speech_gesture_ros.robot.commands import BOOSTER, UNITREE
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

JOINT_STATES = "joint_states"
STATE_NS = NS // 50  # states come 500 times a second; this often one is read
UNITREE_MOTORS = 35
UNITREE_CRC = "<2B2x" + "B3x5fI" * UNITREE_MOTORS + "4I"  # the message as the firmware lays it out, without the sum


class LowLevelWriter:
    """What both have in common: the motors of our joints, their gains, and the state that says where they are.

    Args:
        node: The node.
        description: The robot.
        topic: Where commands go.

    Raises:
        ConfigError: If a joint has no motor number, or two have the same.
        MissingDependencyError: If the robot's messages are not installed.
    """

    package: ClassVar[str]
    state_topic: ClassVar[str]

    def __init__(self, node: Any, description: RobotDescription, topic: str) -> None:
        self._node = node
        commands = description.commands
        names = tuple(name for group, joints in description.groups.items() for name in joints
                      if commands.of_group(group) in (UNITREE, BOOSTER))
        self._mapping = ControllerJointMapping(description.joint_names, names, commands)
        self._indices = [commands.joint(name).index for name in names]
        if min(self._indices) < 0 or len(set(self._indices)) != len(self._indices):
            raise ConfigError("motor numbers in commands.joints", dict(zip(names, self._indices)),
                              "a different one for every joint", "Give each joint its index in the profile.")
        gains = [commands.joint(name) for name in names]
        self._kp = [commands.kp if joint.kp is None else joint.kp for joint in gains]
        self._kd = [commands.kd if joint.kd is None else joint.kd for joint in gains]
        self._motors = commands.motors
        self._state_type = message_type(f"{self.package}/msg/LowState")
        self._command_type = message_type(f"{self.package}/msg/LowCmd")
        self._motor_type = message_type(f"{self.package}/msg/MotorCmd")
        self._heard_ns = 0
        self._publisher = node.create_publisher(self._command_type, topic, COMMANDS)
        self._states = node.create_subscription(self._state_type, commands.state_topic or self.state_topic,
                                                self._take_state, JOINT_STATES_IN, raw=True)
        self._joints = node.create_publisher(JointState, JOINT_STATES, JOINT_STATES_OUT)

    @property
    def reason(self) -> str:
        """The robot's state is what we need to know before the first word, and that the robot hears it."""
        return nobody_listens(self._publisher) if self._heard_ns else f"no {self._states.topic_name} yet"

    def close(self) -> None:
        """Take the topics back."""
        self._node.destroy_subscription(self._states)
        self._node.destroy_publisher(self._publisher)
        self._node.destroy_publisher(self._joints)

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command."""
        raise NotImplementedError

    def _motor_states(self, state: Any) -> Sequence[Any]:
        raise NotImplementedError

    def _take_state(self, data: bytes) -> None:
        now_ns = self._node.get_clock().now().nanoseconds
        if 0 <= now_ns - self._heard_ns < STATE_NS:
            return
        motors = self._motor_states(deserialize_message(data, self._state_type))
        if len(motors) <= max(self._indices):
            return
        self._heard_ns = now_ns
        positions = self._mapping.measured(np.array([motors[i].q for i in self._indices], dtype=np.float64))
        speeds = self._mapping.velocities_measured(np.array([motors[i].dq for i in self._indices], dtype=np.float64))
        if self._node.count_publishers(self._node.resolve_topic_name(JOINT_STATES)) <= 1:  # nobody but us
            self._joints.publish(joint_state_message(self._mapping.order, positions, speeds, now_ns))

    def _fill(self, motors: Sequence[Any], command: SampledCommand) -> None:
        positions = self._mapping.positions(command.positions, {})
        if positions is None:
            raise RuntimeError("a low-level command has a joint that is not ours")
        velocities = self._mapping.velocities(command.velocities)
        for i, q, dq, kp, kd in zip(self._indices, positions.tolist(), velocities.tolist(), self._kp, self._kd):
            motor = motors[i]
            motor.q, motor.dq, motor.kp, motor.kd = q, dq, kp, kd


class UnitreeWriter(LowLevelWriter):
    """unitree_hg/LowCmd for the arm_sdk: the weight stands in the place of a motor that the robot does not have."""

    package = "unitree_hg"
    state_topic = "lowstate"

    def __init__(self, node: Any, description: RobotDescription, topic: str) -> None:
        super().__init__(node, description, topic)
        self._weight_index = description.commands.weight_index
        if max(*self._indices, self._weight_index) >= UNITREE_MOTORS or self._weight_index in self._indices:
            raise ConfigError("motor numbers", [*self._indices, self._weight_index],
                              f"below {UNITREE_MOTORS}, that of the weight none of them", "Correct the profile.")
        self._message = self._command_type()

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command with its check sum."""
        del now_ns
        message = self._message
        self._fill(message.motor_cmd, command)
        message.motor_cmd[self._weight_index].q = command.weight
        values: list[float] = [message.mode_pr, message.mode_machine]
        for motor in message.motor_cmd:
            values += (motor.mode, motor.q, motor.dq, motor.tau, motor.kp, motor.kd, motor.reserve)
        message.crc = crc32_words(UNITREE_CRC, [*values, *message.reserve])
        self._publisher.publish(message)

    def _motor_states(self, state: Any) -> Sequence[Any]:
        motors: Sequence[Any] = state.motor_state
        return motors


class BoosterWriter(LowLevelWriter):
    """booster_interface/LowCmd: every motor has a weight of its own; those that are not ours keep 0."""

    package = "booster_interface"
    state_topic = "low_state"

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
