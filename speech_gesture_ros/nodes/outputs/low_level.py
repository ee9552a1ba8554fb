"""Common part of low-level interfaces: motors by number, with gains, and a weight that shares them with the robot.

    weight 0 ──ramp──► 1   the robot's own controller hands its arms over, and takes them back
    state    ────────────► joint_states, which these robots do not publish themselves

No controller checks limits after this one. Therefore these interfaces are off unless a parameter allows them, slow, and
always ramped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import OutputContext, no_subscriber
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput
from speech_gesture_ros.nodes.qos import COMMAND_QOS, JOINT_STATES_IN_QOS, JOINT_STATES_OUT_QOS
from speech_gesture_ros.robot.command_interfaces.shipped import MotorJoint, MotorOptions

Array = npt.NDArray[np.float64]

JOINT_STATES = "joint_states"
STATE_PERIOD_NS = NS // 50  # robots publish 500 states a second; 50 of them are read


class LowLevelWriter:
    """Publishes motor commands, and joint states from the robot's motor states.

    Args:
        context: All groups of the interface.

    Raises:
        ConfigError: If a joint has no motor number, or two have the same.
        MissingDependencyError: If the robot's messages are not installed.
    """

    package: ClassVar[str]

    def __init__(self, context: OutputContext) -> None:
        self._node, description = context.node, context.description
        options: MotorOptions = context.options
        joints: list[MotorJoint] = [context.joint_options(name) for name in context.joints]
        self._mapping = ControllerJointMapping(description.joint_names, context.joints, description.commands)
        self._indices = [joint.index for joint in joints]
        if min(self._indices) < 0 or len(set(self._indices)) != len(self._indices):
            raise ConfigError("motor numbers in commands.joints", dict(zip(context.joints, self._indices)),
                              "a different one for every joint", "Give each joint its index in the profile.")
        self._kp = [options.kp if joint.kp is None else joint.kp for joint in joints]
        self._kd = [options.kd if joint.kd is None else joint.kd for joint in joints]
        self._state_type = message_type(f"{self.package}/msg/LowState")
        self._command_type = message_type(f"{self.package}/msg/LowCmd")
        self._motor_type = message_type(f"{self.package}/msg/MotorCmd")
        self._state_ns = 0  # ROS time of the last state; 0 before the first
        self._publisher = context.node.create_publisher(self._command_type, context.topic, COMMAND_QOS)
        self._states = context.node.create_subscription(self._state_type, options.state_topic, self._take_state,
                                                        JOINT_STATES_IN_QOS, raw=True)
        self._joints = context.node.create_publisher(JointState, JOINT_STATES, JOINT_STATES_OUT_QOS)

    @property
    def reason(self) -> str:
        """No motor states yet, or no subscriber."""
        return no_subscriber(self._publisher) if self._state_ns else f"no message on {self._states.topic_name} yet"

    def close(self) -> None:
        """Destroy publishers and subscription."""
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
        if 0 <= now_ns - self._state_ns < STATE_PERIOD_NS:
            return
        motors = self._motor_states(deserialize_message(data, self._state_type))
        if len(motors) <= max(self._indices):
            return
        self._state_ns = now_ns
        positions = self._mapping.measured(np.array([motors[i].q for i in self._indices], dtype=np.float64))
        speeds = self._mapping.velocities_measured(np.array([motors[i].dq for i in self._indices], dtype=np.float64))
        if self._node.count_publishers(self._node.resolve_topic_name(JOINT_STATES)) <= 1:  # no other publisher
            self._joints.publish(joint_state_message(self._mapping.order, positions, speeds, now_ns))

    def _fill(self, motors: Sequence[Any], command: SampledCommand) -> None:
        """Write positions, velocities and gains into the motors of a message."""
        positions = self._mapping.positions(command.positions, {})
        if positions is None:
            raise RuntimeError("a low-level command has a joint that gestures do not move")
        velocities = self._mapping.velocities(command.velocities)
        for i, q, dq, kp, kd in zip(self._indices, positions.tolist(), velocities.tolist(), self._kp, self._kd):
            motor = motors[i]
            motor.q, motor.dq, motor.kp, motor.kd = q, dq, kp, kd


def low_level_output(context: OutputContext, make_writer: Callable[[OutputContext], LowLevelWriter]) -> SampledOutput:
    """Return a ramped output that begins where the joints are measured."""
    description, options = context.description, context.options

    def measured() -> Array | None:
        return context.measured.latest(description.joint_names)

    return SampledOutput(make_writer(context), description.limits.velocity, description.commands.rate_hz,
                         context.now_ns, start=measured, ramp_s=options.ramp_s, name=context.topic)
