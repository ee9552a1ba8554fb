"""Publishers of the gesture node: commands, human skeleton, delayed audio, statuses of gesture requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.agent.agent_output import TimedPose, WindowDelivery
from speech_gesture_ros.agent.agent_runner import OutputFunctions
from speech_gesture_ros.agent.joint_readings import position_bounds
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.control.whole_turns import WholeTurns
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.conversions import SkeletonWriter
from speech_gesture_ros.nodes.outputs.choice import make_outputs
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.performed_body import hand_shapes_message
from speech_gesture_ros.nodes.plan_markers import PlanWriter
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS, LATCHED_QOS
from speech_gesture_ros.robot.description import RobotDescription


class GestureOutputs:
    """Publishers of a configured node; while it is not active only ~/gesture_status is published.

    Args:
        node: The lifecycle node.
        description: The robot.
        skeleton: Skeleton of the poses.
        frame_id: Frame of the skeleton.
        is_dry: Returns True if windows must not be sent to the robot.
        joint_timeout_s: Older joint states are not used [s].
        steady_ns: Clock that is never set [ns].

    Raises:
        ConfigError: If the command interfaces cannot be used together.
        MissingDependencyError: If message packages are missing.
    """

    def __init__(self, node: Any, description: RobotDescription, skeleton: Skeleton, frame_id: str,
                 is_dry: Callable[[], bool], joint_timeout_s: float, steady_ns: Callable[[], int]) -> None:
        self._node = node
        self._is_dry = is_dry
        self._measured = MeasuredJoints(joint_timeout_s, steady_ns, position_bounds(description.model.urdf.joints))
        self._joint_names, self._turns = description.joint_names, WholeTurns(description)
        self._now_ns = lambda: int(node.get_clock().now().nanoseconds)
        self._robot = make_outputs(node, description, self._measured, self._now_ns)
        self._skeleton = SkeletonWriter(skeleton, frame_id)
        self._skeletons = node.create_lifecycle_publisher(MarkerArray, "~/skeleton", 10)
        self._hands = node.create_lifecycle_publisher(String, "~/hand_shapes", LATCHED_QOS)
        self._hand_shapes: tuple[int, int] | None = None  # published last
        self._plan = PlanWriter(description)
        self._plans = node.create_lifecycle_publisher(MarkerArray, "~/plan", 5)
        self._request_statuses = node.create_publisher(String, "~/gesture_status", 50)
        self._delayed_audio: Any = None
        self._audio_lock = threading.Lock()  # the worker publishes, the executor replaces the publisher

    def activate(self) -> None:
        """Begin to command the robot."""
        for output in self._robot:
            output.activate()

    def deactivate(self) -> None:
        """Let the robot follow its last window to rest, and release it."""
        for output in self._robot:
            output.deactivate()

    @property
    def sent(self) -> dict[str, int]:
        """Number of windows or goals sent by each output."""
        return {output.name: output.sent for output in self._robot}

    @property
    def reason(self) -> str:
        """Reason for which the robot cannot be commanded now; "" if it can. For any thread."""
        return next((output.reason for output in self._robot if output.reason), "")

    @property
    def functions(self) -> OutputFunctions:
        """The methods that an `AgentRunner` calls."""
        return OutputFunctions(window=self.send_window, pose=self.send_pose, audio=self.send_audio,
                               request_status=self.send_request_status)

    def send_window(self, window: Window, latest_ns: int) -> WindowDelivery:
        """Make the robot follow a window. For any thread, one at a time.

        Args:
            window: The window.
            latest_ns: ROS time after which it must not be published [ns]; read immediately before each output.
        """
        if self._is_dry():
            return WindowDelivery.PARTLY
        if self._measured.follow(window):  # while windows follow one another the turns stay
            held = self._measured.positions
            self._turns.choose(np.array([held.get(name, np.nan) for name in self._joint_names]), window.positions[0])
        window = self._turns.window(window)
        results = [send() if self._now_ns() <= latest_ns else None
                   for send in [output.prepare(window) for output in self._robot]]
        if any(results) and self._plans.get_subscription_count():
            self._plans.publish(self._plan.message(window))
        if None in results:
            return WindowDelivery.PARTLY_LATE if any(results) else WindowDelivery.LATE
        return WindowDelivery.FOLLOWED if all(results) else WindowDelivery.PARTLY

    def yield_controllers(self, controllers: Collection[str]) -> None:
        """Send nothing to controllers that execute external goals, by full name; an empty collection ends it."""
        for output in self._robot:
            output.yield_controllers(controllers)

    def has_sent_goal(self, goal_id: bytes) -> bool:
        """Return whether an output sent the action goal with an id of 16 bytes; all others are external."""
        return any(output.has_sent_goal(goal_id) for output in self._robot)

    def send_pose(self, pose: TimedPose) -> None:
        """Publish a human pose on ~/skeleton, stamped with the time at which it is performed, and new hand shapes."""
        if pose.hand_shapes != self._hand_shapes:
            self._hand_shapes = pose.hand_shapes
            self._hands.publish(hand_shapes_message(pose.hand_shapes))
        self._skeletons.publish(self._skeleton.message(pose.joint_xyz, pose.stamp_ns))

    def send_audio(self, message: Any) -> None:
        """Publish delayed audio on ~/audio_out."""
        with self._audio_lock:
            if self._delayed_audio is not None and isinstance(message, self._delayed_audio.msg_type):
                self._delayed_audio.publish(message)

    def send_request_status(self, status: RequestStatus) -> None:
        """Publish the status of a gesture request on ~/gesture_status: a JSON object without the unknown fields."""
        known = {key: value for key, value in asdict(status).items() if value not in (None, "")}
        self._request_statuses.publish(String(data=json.dumps(known)))

    def offer_audio(self, kind: Any, *, is_active: bool) -> None:
        """Make ~/audio_out with the message class of the audio."""
        with self._audio_lock:
            if self._delayed_audio is not None:
                self._node.destroy_lifecycle_publisher(self._delayed_audio)
            self._delayed_audio = self._node.create_lifecycle_publisher(kind, "~/audio_out", AUDIO_OUT_QOS)
            if is_active:  # the node activates only publishers that exist at its activation
                self._delayed_audio.on_activate(None)

    def close(self) -> None:
        """Release the robot and destroy all publishers."""
        self.deactivate()
        for output in self._robot:
            output.close()
        for publisher in (self._skeletons, self._hands, self._plans, self._delayed_audio):
            if publisher is not None:
                self._node.destroy_lifecycle_publisher(publisher)
        self._node.destroy_publisher(self._request_statuses)

    def observe_joints(self, names: Sequence[str], positions: Sequence[float]) -> None:
        """Take joint states [rad]."""
        self._measured.update(names, positions)
