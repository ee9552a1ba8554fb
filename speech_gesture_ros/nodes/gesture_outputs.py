"""What gesture_node sends: trajectories to the controllers, the skeleton, the voice in time, what became of wishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.core.robot import RobotDescription
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.conversions import SkeletonWriter, TrajectoryWriter
from speech_gesture_ros.nodes.performer import Outputs
from speech_gesture_ros.nodes.qos import AUDIO_OUT, TRAJECTORY
from speech_gesture_ros.pipeline.request_book import Notice


class GestureOutputs:
    """Lifecycle publishers, silent while the node is not active; only ~/gesture_status speaks then, too.

    Args:
        node: The lifecycle node.
        description: The robot.
        skeleton: Skeleton of the poses.
        frame_id: Frame of the skeleton.
        is_dry: Asked before each window: whether to keep it from the robot.
    """

    def __init__(self, node: Any, description: RobotDescription, skeleton: Skeleton, frame_id: str,
                 is_dry: Callable[[], bool]) -> None:
        self._node = node
        self._is_dry = is_dry
        self._trajectories = [
            (TrajectoryWriter(description, group), node.create_lifecycle_publisher(JointTrajectory, topic, TRAJECTORY))
            for group, topic in description.topics.items()
        ]
        self._skeleton = SkeletonWriter(skeleton, frame_id)
        self._skeletons = node.create_lifecycle_publisher(MarkerArray, "~/skeleton", 10)
        self._notices = node.create_publisher(String, "~/gesture_status", 50)
        self._voice: Any = None

    @property
    def functions(self) -> Outputs:
        """The same for a `Performer`."""
        return Outputs(window=self.send_window, pose=self.send_pose, audio=self.send_audio,
                       notice=self.send_notice)

    def send_window(self, window: Window) -> None:
        """One trajectory for each controller."""
        if not self._is_dry():
            for writer, publisher in self._trajectories:
                publisher.publish(writer.message(window))

    def send_pose(self, joint_xyz: npt.NDArray[np.floating], now_ns: int) -> None:
        """Show a (J, 3) human pose [m]."""
        self._skeletons.publish(self._skeleton.message(joint_xyz, now_ns))

    def send_audio(self, message: Any) -> None:
        """Say on ~/audio_out what was heard."""
        if self._voice is not None and isinstance(message, self._voice.msg_type):
            self._voice.publish(message)

    def send_notice(self, notice: Notice) -> None:
        """Say on ~/gesture_status what became of a wish: a JSON object without the fields that are not known."""
        known = {key: value for key, value in asdict(notice).items() if value not in (None, "")}
        self._notices.publish(String(data=json.dumps(known)))

    def offer_audio(self, kind: Any, *, is_active: bool) -> None:
        """Offer ~/audio_out in the type that is heard."""
        if self._voice is not None:
            self._node.destroy_lifecycle_publisher(self._voice)
        self._voice = self._node.create_lifecycle_publisher(kind, "~/audio_out", AUDIO_OUT)
        if is_active:  # one that is made while the node is active has missed its activation
            self._voice.on_activate(None)

    def close(self) -> None:
        """Take all topics back."""
        for publisher in (*(p for _, p in self._trajectories), self._skeletons, self._voice):
            if publisher is not None:
                self._node.destroy_lifecycle_publisher(publisher)
        self._node.destroy_publisher(self._notices)
