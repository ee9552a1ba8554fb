"""Publishers of a face, for the gesture node and the face node.

    frames ──► ~/face/blendshapes, ~/face/visemes     JointState, 50 Hz, stamped with the time to be visible
    ahead ───► ~/face/trajectory                      JointTrajectory, 10 Hz: the frames that are known to follow
          └──► joints of the face                     JointTrajectory, 10 Hz (`face_joints`)

An output that ends, with the node or its activation, publishes a few frames in which the mouth closes, so that no
subscriber is left with open lips. Every trajectory ends with a closed mouth for the same reason.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from speech_gesture_ros.agent.face_timeline import FRAME_NS, TimedFace, resting_row
from speech_gesture_ros.core.face_channels import ARTICULATION_NAMES, BLENDSHAPES, VISEME_COLUMNS
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.conversions import time_from_ns
from speech_gesture_ros.nodes.face_joints import FaceJoints
from speech_gesture_ros.nodes.qos import JOINT_STATES_OUT_QOS

CLOSING_FRAMES = 5  # in which the mouth closes when the output ends: 0.1 s
TRAJECTORY_FRAMES = 5  # from one trajectory to the next: 0.1 s
VISEME_NAMES = ARTICULATION_NAMES[VISEME_COLUMNS]
MOUTH = np.array([name.startswith(("mouth", "jaw", "tongue")) for name in BLENDSHAPES])


class FaceOutput:
    """Publishers of a face; while it is not active nothing is published. For any thread.

    Args:
        node: The node.
        frame_id: Of the messages: the name of the face or the agent.
        ahead: Returns the frames that are known to follow; called by the thread that calls `send`.
        joints: Joints of the robot's face.
    """

    def __init__(self, node: Any, frame_id: str, ahead: Callable[[], Sequence[TimedFace]],
                 joints: Sequence[FaceJoints] = ()) -> None:
        self._node, self._frame_id, self._ahead, self._joints = node, frame_id, ahead, joints
        self._shapes = node.create_publisher(JointState, "~/face/blendshapes", JOINT_STATES_OUT_QOS)
        self._visemes = node.create_publisher(JointState, "~/face/visemes", JOINT_STATES_OUT_QOS)
        self._trajectory = node.create_publisher(JointTrajectory, "~/face/trajectory", JOINT_STATES_OUT_QOS)
        self._lock = threading.Lock()  # the worker publishes, the executor ends it
        self._is_active = False
        self._last: TimedFace | None = None
        self._count = 0  # frames since the last trajectory

    def activate(self) -> None:
        """Begin to publish."""
        self._is_active = True

    def deactivate(self) -> None:
        """Close the mouth and publish nothing afterwards."""
        with self._lock:
            if self._is_active and self._last is not None:
                frames = closing_frames(self._last)
                for frame in frames:
                    self._publish(frame)
                for joints in self._joints:
                    joints.send(frames)
            self._is_active, self._last = False, None

    def close(self) -> None:
        """Close the mouth and destroy the publishers."""
        self.deactivate()
        for publisher in (self._shapes, self._visemes, self._trajectory):
            self._node.destroy_publisher(publisher)
        for joints in self._joints:
            joints.close()

    def send(self, frames: Sequence[TimedFace]) -> None:
        """Publish frames, oldest first, and from time to time those that follow."""
        with self._lock:
            if not self._is_active or not frames:
                return
            for frame in frames:
                self._publish(frame)
            self._last = frames[-1]
            for joints in self._joints:
                joints.follow(frames)
            self._count += len(frames)
            if self._count >= TRAJECTORY_FRAMES:
                self._count = 0
                self._publish_ahead()

    def _publish(self, frame: TimedFace) -> None:
        for publisher, names, values in ((self._shapes, BLENDSHAPES, frame.shapes),
                                         (self._visemes, VISEME_NAMES, frame.visemes)):
            message = JointState(name=list(names), position=values.astype(float).tolist())
            message.header.stamp, message.header.frame_id = time_from_ns(frame.stamp_ns), self._frame_id
            publisher.publish(message)

    def _publish_ahead(self) -> None:
        is_wanted = self._trajectory.get_subscription_count() > 0
        if not is_wanted and not self._joints:
            return
        frames = self._ahead()
        if is_wanted and frames:
            self._trajectory.publish(self._trajectory_message(frames))
        for joints in self._joints:
            joints.send(frames)

    def _trajectory_message(self, frames: Sequence[TimedFace]) -> JointTrajectory:
        begin_ns = frames[0].stamp_ns
        message = JointTrajectory(joint_names=list(BLENDSHAPES), points=[
            JointTrajectoryPoint(positions=frame.shapes.astype(float).tolist(),
                                 time_from_start=Duration(sec=(frame.stamp_ns - begin_ns) // NS,
                                                          nanosec=(frame.stamp_ns - begin_ns) % NS))
            for frame in frames])
        message.header.stamp, message.header.frame_id = time_from_ns(begin_ns), self._frame_id
        return message


def closing_frames(last: TimedFace) -> list[TimedFace]:
    """Return the frames in which a mouth closes after the last one; none if it is at rest."""
    rest = resting_row()[VISEME_COLUMNS]
    if last.visemes[0] == 1.0 and not last.shapes[MOUTH].any():
        return []
    shares = 1.0 - np.arange(1, CLOSING_FRAMES + 1) / CLOSING_FRAMES
    return [TimedFace(last.stamp_ns + (k + 1) * FRAME_NS, np.where(MOUTH, share * last.shapes, last.shapes),
                      share * last.visemes + (1.0 - share) * rest) for k, share in enumerate(shares)]
