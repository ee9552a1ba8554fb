"""Interface `joint_angles`: naoqi_bridge_msgs/JointAnglesWithSpeed for NAO and Pepper."""

from __future__ import annotations

from typing import Any

import numpy as np

from speech_gesture_ros.control.command_stream import SampledCommand
from speech_gesture_ros.nodes.conversions import time_from_ns
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.nodes.outputs.position_writer import Array, controller_mapping, sampled_positions
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput

MIN_SPEED_SHARE = 0.05  # share of its top speed that a joint at rest may still use to arrive
CATCH_UP_FACTOR = 1.2  # a joint may move this much faster than the motion, to make up for its lag


def joint_angles_output(context: OutputContext) -> SampledOutput:
    """Return an output for target angles and the share of its top speed that a joint may use."""
    kind = message_type("naoqi_bridge_msgs/msg/JointAnglesWithSpeed")
    names = list(controller_mapping(context).names)
    columns = context.description.indices(context.joints)
    top_speed = context.description.limits.velocity[columns]

    def make_message(positions: Array, command: SampledCommand, now_ns: int) -> Any:
        share = CATCH_UP_FACTOR * float(np.max(np.abs(command.velocities[columns]) / top_speed))
        message = kind(joint_names=names, joint_angles=positions.tolist(),
                       speed=min(max(share, MIN_SPEED_SHARE), 1.0), relative=0)
        message.header.stamp = time_from_ns(now_ns)
        return message

    return sampled_positions(context, kind, make_message)
