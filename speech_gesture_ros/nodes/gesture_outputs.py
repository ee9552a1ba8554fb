"""What gesture_node sends: commands to the robot, the skeleton, the voice in time, what became of wishes."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any

from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.agent.agent_output import TimedPose
from speech_gesture_ros.agent.agent_runner import OutputFunctions
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.conversions import SkeletonWriter
from speech_gesture_ros.nodes.outputs.choice import make_outputs
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.qos import AUDIO_OUT
from speech_gesture_ros.robot.description import RobotDescription


class GestureOutputs:
    """Publishers, silent while the node is not active; only ~/gesture_status speaks then, too.

    Args:
        node: The lifecycle node.
        description: The robot.
        skeleton: Skeleton of the poses.
        frame_id: Frame of the skeleton.
        is_dry: Asked before each window: whether to keep it from the robot.
        joint_timeout_s: Older joint states are not believed [s].

    Raises:
        ConfigError: If groups are told in ways that do not go together.
        MissingDependencyError: If message packages are missing.
    """

    def __init__(self, node: Any, description: RobotDescription, skeleton: Skeleton, frame_id: str,
                 is_dry: Callable[[], bool], joint_timeout_s: float) -> None:
        self._node = node
        self._is_dry = is_dry
        self._measured = MeasuredJoints(joint_timeout_s)
        self._robot = make_outputs(node, description, self._measured, lambda: int(node.get_clock().now().nanoseconds))
        self._skeleton = SkeletonWriter(skeleton, frame_id)
        self._skeletons = node.create_lifecycle_publisher(MarkerArray, "~/skeleton", 10)
        self._request_statuses = node.create_publisher(String, "~/gesture_status", 50)
        self._voice: Any = None

    def activate(self) -> None:
        """The robot is ours from now on."""
        for output in self._robot:
            output.activate()

    def deactivate(self) -> None:
        """Let the robot follow what it was sent to rest, and give it back."""
        for output in self._robot:
            output.deactivate()

    @property
    def reason(self) -> str:
        """Why the robot must stand still until further notice: "" if it can be told to move. From any thread."""
        return next((output.reason for output in self._robot if output.reason), "")

    @property
    def functions(self) -> OutputFunctions:
        """The methods that an `AgentRunner` calls."""
        return OutputFunctions(window=self.send_window, pose=self.send_pose, audio=self.send_audio,
                               request_status=self.send_request_status)

    def send_window(self, window: Window) -> bool:
        """Have the robot follow a window; from any thread, one at a time. False if part of it will not."""
        if self._is_dry():
            return False
        self._measured.follow(window)
        are_told = [output.send(window) for output in self._robot]
        return all(are_told)

    def yield_controllers(self, controllers: Collection[str]) -> None:
        """Send nothing to controllers that execute external goals, by full name; an empty collection ends it."""
        for output in self._robot:
            output.yield_controllers(controllers)

    def has_sent_goal(self, goal_id: bytes) -> bool:
        """Return whether an output sent the action goal with an id of 16 bytes; all others are external."""
        return any(output.has_sent_goal(goal_id) for output in self._robot)

    def send_pose(self, pose: TimedPose) -> None:
        """Publish a human pose on ~/skeleton, stamped with the time at which it is performed."""
        self._skeletons.publish(self._skeleton.message(pose.joint_xyz, pose.stamp_ns))

    def send_audio(self, message: Any) -> None:
        """Say on ~/audio_out what was heard."""
        if self._voice is not None and isinstance(message, self._voice.msg_type):
            self._voice.publish(message)

    def send_request_status(self, status: RequestStatus) -> None:
        """Publish the status of a gesture request on ~/gesture_status: a JSON object without the unknown fields."""
        known = {key: value for key, value in asdict(status).items() if value not in (None, "")}
        self._request_statuses.publish(String(data=json.dumps(known)))

    def offer_audio(self, kind: Any, *, is_active: bool) -> None:
        """Offer ~/audio_out in the type that is heard."""
        if self._voice is not None:
            self._node.destroy_lifecycle_publisher(self._voice)
        self._voice = self._node.create_lifecycle_publisher(kind, "~/audio_out", AUDIO_OUT)
        if is_active:  # one that is made while the node is active has missed its activation
            self._voice.on_activate(None)

    def close(self) -> None:
        """Take all topics back."""
        self.deactivate()
        for output in self._robot:
            output.close()
        for publisher in (self._skeletons, self._voice):
            if publisher is not None:
                self._node.destroy_lifecycle_publisher(publisher)
        self._node.destroy_publisher(self._request_statuses)

    def observe_joints(self, names: Sequence[str], positions: Sequence[float]) -> None:
        """Take joint states [rad]."""
        self._measured.update(names, positions)
