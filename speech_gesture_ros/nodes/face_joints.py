"""Joints of a robot's face, such as a jaw: trajectories for their controller, inside the limits of a channel map.

Every message begins at the frame published last and ends with a closed mouth, at rest: a controller that receives no
further message closes it. Nothing is sent in a dry run.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from speech_gesture_ros.agent.face_timeline import FRAME_NS, TimedFace
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.channel_map import FaceChannelMap
from speech_gesture_ros.face.joint_follower import JointFollower
from speech_gesture_ros.nodes.conversions import time_from_ns
from speech_gesture_ros.nodes.qos import TRAJECTORY_QOS

STOPPING_FRAMES = 25  # after the last frame, in which the joints come to rest


class FaceJoints:
    """Publisher of the joints of one controller.

    Args:
        node: The node.
        channels: Topic, joints and limits.
        is_dry: Returns True if nothing must be sent to the robot.
    """

    def __init__(self, node: Any, channels: FaceChannelMap, is_dry: Callable[[], bool]) -> None:
        self._node, self._is_dry = node, is_dry
        self._names = list(channels.joints)
        self._follower = JointFollower(channels)
        self._stamp_ns = 0  # of the frame that was followed last
        self._publisher = node.create_publisher(JointTrajectory, channels.topic, TRAJECTORY_QOS)

    def follow(self, frames: Sequence[TimedFace]) -> None:
        """Take the frames that are published."""
        if frames:
            self._follower.push(np.stack([frame.shapes for frame in frames]))
            self._stamp_ns = frames[-1].stamp_ns

    def send(self, ahead: Sequence[TimedFace]) -> None:
        """Publish the trajectory of the frames that follow, the last of which has a closed mouth."""
        if self._is_dry() or not ahead:
            return
        last = ahead[-1]
        rest = [TimedFace(last.stamp_ns + k * FRAME_NS, last.shapes, last.visemes)
                for k in range(1, STOPPING_FRAMES + 1)]
        frames = [*ahead, *rest]
        positions, velocities = copy.deepcopy(self._follower).push(np.stack([frame.shapes for frame in frames]))
        velocities[-1] = 0.0
        begin_ns = self._stamp_ns or frames[0].stamp_ns - FRAME_NS
        message = JointTrajectory(joint_names=self._names, points=[
            JointTrajectoryPoint(positions=position.tolist(), velocities=velocity.tolist(),
                                 time_from_start=_duration(frame.stamp_ns - begin_ns))
            for frame, position, velocity in zip(frames, positions, velocities)])
        message.header.stamp = time_from_ns(begin_ns)
        self._publisher.publish(message)

    def close(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)


def _duration(time_ns: int) -> Duration:
    return Duration(sec=time_ns // NS, nanosec=time_ns % NS)
