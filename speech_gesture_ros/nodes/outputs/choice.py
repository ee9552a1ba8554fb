"""Which output each group of a robot gets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.outputs.follow_output import FollowOutput
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.output import Output
from speech_gesture_ros.nodes.outputs.position_writers import JointStateWriter, PositionWriter
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput
from speech_gesture_ros.nodes.outputs.trajectory_output import TrajectoryOutput
from speech_gesture_ros.robot.commands import (
    BOOSTER,
    FOLLOW,
    JOINT_STATE,
    LOW_LEVEL,
    NONE,
    TRAJECTORY,
    UNITREE,
)
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.urdf import load_urdf

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]


def make_outputs(node: Any, description: RobotDescription, measured: MeasuredJoints,
                 now_ns: Callable[[], int]) -> list[Output]:
    """The outputs of all groups.

    Args:
        node: The lifecycle node.
        description: The robot.
        measured: Where joints stand.
        now_ns: The ROS clock.

    Raises:
        ConfigError: If groups are told in ways that do not go together.
        MissingDependencyError: If message packages are missing.
    """
    commands, limits = description.commands, description.limits
    kinds = {group: commands.of_group(group) for group in description.groups}
    low_level = {kind for kind in kinds.values() if kind in LOW_LEVEL}
    if len(low_level) > 1:
        raise ConfigError("command interfaces", sorted(low_level), "one low-level interface a robot",
                          "Correct the profile.")
    if low_level and description.low_level_speed <= 0:
        raise ConfigError("parameter 'commands.allow_low_level'", False, f"true for {low_level.pop()}",
                          "These commands pass the robot's own safety: read docs/controllers.md first.")
    log.info("%s is told by %s", description.name, ", ".join(
        f"{kinds[group]} on {description.topics[group]}" for group in kinds))
    outputs: list[Output] = []
    whole: dict[str, str] = {}  # interface to its topic, for messages with all groups
    for group, kind in kinds.items():
        if kind == TRAJECTORY:
            outputs.append(TrajectoryOutput(node, description, group, measured))
        elif kind == FOLLOW:
            outputs.append(FollowOutput(node, description, group, measured, now_ns))
        elif kind in (JOINT_STATE, *LOW_LEVEL):
            whole.setdefault(kind, description.topics[group])
        elif kind != NONE:
            writer = PositionWriter(node, description, group, measured)
            outputs.append(SampledOutput(writer, limits.velocity, commands.rate_hz, now_ns, name=group))
    for kind, topic in whole.items():
        if kind == JOINT_STATE:
            outputs.append(_joint_states(node, description, measured, now_ns, topic))
        else:
            outputs.append(_low_level(node, description, measured, now_ns, topic, kind))
    return outputs


def _joint_states(node: Any, description: RobotDescription, measured: MeasuredJoints, now_ns: Callable[[], int],
                  topic: str) -> Output:
    """A robot that is only seen is told all its joints, from its rest pose on; others hear of the joints we move."""
    is_robot = node.resolve_topic_name(topic) == node.resolve_topic_name("joint_states")
    others: dict[str, float] = {}
    if is_robot:
        log.info("no robot but its picture: joint_states are ours, beginning with the rest pose")
        others = {joint.name: _nearest_to_zero(joint.lower, joint.upper)
                  for joint in load_urdf(description.urdf).joints
                  if joint.is_movable and joint.mimic is None and joint.name not in description.joint_names}
    writer = JointStateWriter(node, description, topic, others, measured, is_alone=is_robot)
    return SampledOutput(writer, description.limits.velocity, description.commands.rate_hz, now_ns,
                         start=(lambda: description.rest_q) if is_robot else None, name=topic)


def _nearest_to_zero(lower: float | None, upper: float | None) -> float:
    return max(lower if lower is not None else -np.inf, min(0.0, upper if upper is not None else np.inf))


def _low_level(node: Any, description: RobotDescription, measured: MeasuredJoints, now_ns: Callable[[], int],
               topic: str, kind: str) -> Output:
    from speech_gesture_ros.nodes.outputs.low_level import BoosterWriter, UnitreeWriter

    def start() -> Array | None:
        return measured.latest(description.joint_names)

    writer = {UNITREE: UnitreeWriter, BOOSTER: BoosterWriter}[kind](node, description, topic)
    log.warning("low-level commands on %s: past the robot's own safety, at most %.2f rad/s", topic,
                float(description.limits.velocity.max()))
    return SampledOutput(writer, description.limits.velocity, description.commands.rate_hz, now_ns, start=start,
                         ramp_s=description.commands.ramp_s, name=topic)
