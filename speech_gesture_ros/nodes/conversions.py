"""Conversion of motion, state and diagnostics to messages and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Duration, Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import Point
from sensor_msgs.msg import JointState
from std_msgs.msg import ColorRGBA, Header, String
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint
from visualization_msgs.msg import Marker, MarkerArray

from speech_gesture_ros.control.joint_mapping import ControllerJointMapping
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.joint_trajectory_controller import Trajectory, TrajectoryPoint

BONE_WIDTH_M = 0.02
JOINT_DIAMETER_M = 0.035
BONE_COLOUR = ColorRGBA(r=0.25, g=0.45, b=0.75, a=1.0)
JOINT_COLOUR = ColorRGBA(r=0.95, g=0.55, b=0.2, a=1.0)


def time_from_ns(time_ns: int) -> Time:
    """Convert nanoseconds to a stamp."""
    return Time(sec=time_ns // NS, nanosec=time_ns % NS)


def ns_from_time(stamp: Time | Duration) -> int:
    """Convert a stamp or a duration to nanoseconds."""
    return int(stamp.sec) * NS + int(stamp.nanosec)


class TrajectoryWriter:
    """Converts windows to the messages of one controller.

    A window has about forty knots and is published 25 times a second for every controller: the message and its points
    are made once and reused, which is safe because publishing serialises at once.

    Args:
        description: The robot.
        group: Group of the controller.

    Attributes:
        mapping: Mapping to the controller's joints.
    """

    def __init__(self, description: RobotDescription, group: str) -> None:
        joints = description.commands.controller_joints(group, description.groups[group])
        self.mapping = ControllerJointMapping(description.joint_names, joints, description.commands)
        self._message = JointTrajectory(joint_names=list(self.mapping.names))
        self._points: list[JointTrajectoryPoint] = []

    def message(self, window: Window, held: Mapping[str, float] | None = None) -> JointTrajectory | None:
        """Return the message, valid until the next call; None while a joint to be held has no position.

        Args:
            window: Motion of all joints.
            held: Positions of joints that gestures do not move [rad].
        """
        mapped = self.mapping.positions(window.positions, held or {})
        if mapped is None:
            return None
        while len(self._points) < len(window):
            since_ns = index_to_ns(len(self._points), KNOT_RATE)
            duration = Duration(sec=since_ns // NS, nanosec=since_ns % NS)
            self._points.append(JointTrajectoryPoint(time_from_start=duration))
        points = self._points[: len(window)]
        positions, velocities = mapped.tolist(), self.mapping.velocities(window.velocities).tolist()
        for point, position, velocity in zip(points, positions, velocities):
            point.positions = position
            point.velocities = velocity
        self._message.header.stamp = time_from_ns(window.stamp_ns)
        self._message.points = points
        return self._message


def trajectory_from_message(message: JointTrajectory) -> Trajectory:
    """Convert a message for the simulated controllers."""
    points = tuple(
        TrajectoryPoint(ns_from_time(p.time_from_start), p.positions, p.velocities, p.accelerations, p.effort)
        for p in message.points
    )
    return Trajectory(ns_from_time(message.header.stamp), tuple(message.joint_names), points)


def joint_state_message(names: tuple[str, ...], q: npt.NDArray[np.floating], dq: npt.NDArray[np.floating],
                        stamp_ns: int) -> JointState:
    """Return a message with (N,) positions [rad] and velocities [rad/s]."""
    return JointState(header=Header(stamp=time_from_ns(stamp_ns)), name=list(names), position=q.tolist(),
                      velocity=dq.tolist())


def robot_description_message(urdf: str) -> String:
    """Return the message for robot_description."""
    return String(data=urdf)


class SkeletonWriter:
    """Converts human poses to markers: bones as lines, joints as spheres.

    Args:
        skeleton: The skeleton of the poses.
        frame_id: TF frame of the poses: x forward, y left, z up, origin at the pelvis.
    """

    def __init__(self, skeleton: Skeleton, frame_id: str) -> None:
        self._parents = skeleton.parents
        header = Header(frame_id=frame_id)
        self._bones = Marker(header=header, ns="bones", type=Marker.LINE_LIST, color=BONE_COLOUR)
        self._bones.scale.x = BONE_WIDTH_M
        self._joints = Marker(header=header, ns="joints", type=Marker.SPHERE_LIST, color=JOINT_COLOUR)
        self._joints.scale.x = self._joints.scale.y = self._joints.scale.z = JOINT_DIAMETER_M
        for marker in (self._bones, self._joints):
            marker.pose.orientation.w = 1.0
        self._array = MarkerArray(markers=[self._bones, self._joints])

    def message(self, joint_xyz: npt.NDArray[np.floating], stamp_ns: int) -> MarkerArray:
        """Return the message for a (J, 3) `joint_xyz` [m], valid until the next call."""
        points = [Point(x=x, y=y, z=z) for x, y, z in np.asarray(joint_xyz, dtype=np.float64).tolist()]
        self._joints.points = points
        self._bones.points = [points[i] for child, parent in enumerate(self._parents) if parent >= 0
                              for i in (int(parent), child)]
        self._bones.header.stamp = self._joints.header.stamp = time_from_ns(stamp_ns)
        return self._array


DIAGNOSTIC_LEVELS = {"ok": DiagnosticStatus.OK, "warn": DiagnosticStatus.WARN, "error": DiagnosticStatus.ERROR}


def diagnostics_message(name: str, level: str, summary: str, values: Mapping[str, object],
                        stamp_ns: int) -> DiagnosticArray:
    """Return a message with one status; nested values become dotted keys."""
    status = DiagnosticStatus(level=DIAGNOSTIC_LEVELS[level], name=name, message=summary,
                              values=[KeyValue(key=k, value=_text(v)) for k, v in _flat(values, "")])
    return DiagnosticArray(header=Header(stamp=time_from_ns(stamp_ns)), status=[status])


def _flat(values: Mapping[str, Any], prefix: str) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        pairs += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, value)]
    return pairs


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
