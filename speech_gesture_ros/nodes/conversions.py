"""Motion as messages, and back: with `audio_messages` the only place that touches message fields."""

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

BONE_M = 0.02  # thickness of drawn bones
JOINT_M = 0.035  # diameter of drawn joints
BONE_COLOUR = ColorRGBA(r=0.25, g=0.45, b=0.75, a=1.0)
JOINT_COLOUR = ColorRGBA(r=0.95, g=0.55, b=0.2, a=1.0)


def time_from_ns(time_ns: int) -> Time:
    """Nanoseconds to a message's stamp."""
    return Time(sec=time_ns // NS, nanosec=time_ns % NS)


def ns_from_time(stamp: Time | Duration) -> int:
    """A stamp, or a duration, in nanoseconds."""
    return int(stamp.sec) * NS + int(stamp.nanosec)


class TrajectoryWriter:
    """Windows to the messages of one controller.

    A window has some forty knots and comes 25 times a second for every controller: the message and its points are made
    once and filled anew, which is safe because publishing serialises at once.

    Args:
        description: The robot.
        group: Which controller.

    Attributes:
        mapping: Its joints.
    """

    def __init__(self, description: RobotDescription, group: str) -> None:
        joints = description.commands.controller_joints(group, description.groups[group])
        self.mapping = ControllerJointMapping(description.joint_names, joints, description.commands)
        self._message = JointTrajectory(joint_names=list(self.mapping.names))
        self._points: list[JointTrajectoryPoint] = []

    def message(self, window: Window, held: Mapping[str, float] | None = None) -> JointTrajectory | None:
        """The message, valid until the next call; None while a joint that is not ours was not measured.

        Args:
            window: What the robot is to do.
            held: Where joints that are not ours are to stay [rad].
        """
        told = self.mapping.positions(window.positions, held or {})
        if told is None:
            return None
        while len(self._points) < len(window):
            since_ns = index_to_ns(len(self._points), KNOT_RATE)
            duration = Duration(sec=since_ns // NS, nanosec=since_ns % NS)
            self._points.append(JointTrajectoryPoint(time_from_start=duration))
        points = self._points[: len(window)]
        positions, velocities = told.tolist(), self.mapping.velocities(window.velocities).tolist()
        for point, position, velocity in zip(points, positions, velocities):
            point.positions = position
            point.velocities = velocity
        self._message.header.stamp = time_from_ns(window.stamp_ns)
        self._message.points = points
        return self._message


def trajectory_from_message(message: JointTrajectory) -> Trajectory:
    """The message as the controller emulator takes it."""
    points = tuple(
        TrajectoryPoint(ns_from_time(p.time_from_start), p.positions, p.velocities, p.accelerations, p.effort)
        for p in message.points
    )
    return Trajectory(ns_from_time(message.header.stamp), tuple(message.joint_names), points)


def joint_state_message(names: tuple[str, ...], q: npt.NDArray[np.floating], dq: npt.NDArray[np.floating],
                        stamp_ns: int) -> JointState:
    """Measured (N,) positions [rad] and velocities [rad/s]."""
    return JointState(header=Header(stamp=time_from_ns(stamp_ns)), name=list(names), position=q.tolist(),
                      velocity=dq.tolist())


def robot_description_message(urdf: str) -> String:
    """The URDF as it goes over robot_description."""
    return String(data=urdf)


class SkeletonWriter:
    """Human poses to markers: bones as lines, joints as spheres.

    Args:
        skeleton: The skeleton of the poses.
        frame_id: TF frame they are given in: x forward, y left, z up, origin at the pelvis.
    """

    def __init__(self, skeleton: Skeleton, frame_id: str) -> None:
        self._parents = skeleton.parents
        header = Header(frame_id=frame_id)
        self._bones = Marker(header=header, ns="bones", type=Marker.LINE_LIST, color=BONE_COLOUR)
        self._bones.scale.x = BONE_M
        self._joints = Marker(header=header, ns="joints", type=Marker.SPHERE_LIST, color=JOINT_COLOUR)
        self._joints.scale.x = self._joints.scale.y = self._joints.scale.z = JOINT_M
        for marker in (self._bones, self._joints):
            marker.pose.orientation.w = 1.0
        self._array = MarkerArray(markers=[self._bones, self._joints])

    def message(self, joint_xyz: npt.NDArray[np.floating], stamp_ns: int) -> MarkerArray:
        """(J, 3) joint positions [m]; valid until the next call."""
        points = [Point(x=x, y=y, z=z) for x, y, z in np.asarray(joint_xyz, dtype=np.float64).tolist()]
        self._joints.points = points
        self._bones.points = [points[i] for child, parent in enumerate(self._parents) if parent >= 0
                              for i in (int(parent), child)]
        self._bones.header.stamp = self._joints.header.stamp = time_from_ns(stamp_ns)
        return self._array


LEVELS = {"ok": DiagnosticStatus.OK, "warn": DiagnosticStatus.WARN, "error": DiagnosticStatus.ERROR}


def diagnostics_message(name: str, level: str, summary: str, values: Mapping[str, object],
                        stamp_ns: int) -> DiagnosticArray:
    """One status; nested values become dotted keys."""
    status = DiagnosticStatus(level=LEVELS[level], name=name, message=summary,
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
