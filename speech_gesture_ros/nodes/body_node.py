"""Node body_node: the performed human as TF frames and as a body of ROS4HRI (REP-155), from ~/skeleton of gesture_node.

gesture_node/skeleton ─► BodyAngles ─┬─► /tf            body_<id> in the skeleton's frame, and the parts below it
                                     ├─► /humans/bodies/<id>/joint_states     angles of the model of REP-155
                                     └─► /humans/bodies/tracked               the identifier, where asked for

Messages have the stamp of the pose: the time at which it is performed.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

from geometry_msgs.msg import Transform, TransformStamped, Vector3
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.nodes.callback_guard import GuardedCallbacks
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.performed_body import joints_from_message
from speech_gesture_ros.nodes.qos import JOINT_STATES_OUT_QOS, LATCHED_QOS
from speech_gesture_ros.nodes.quaternions import quaternion_message
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import BodySettings
from speech_gesture_ros.pose.body_angles import PARENTS, BodyAngles, BodyState, Frame

log = logging.getLogger(__name__)

TF_DEPTH = 100


class BodyNode(GuardedCallbacks, Node):
    """Publishes each pose of the human again, in the forms that are asked for."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("body_node", **node_arguments)
        declare(self, BodySettings, is_locked=lambda: True)
        settings = read(self, BodySettings)
        self._id, skeleton = settings.id, load_skeleton()
        self._count, self._angles = len(skeleton), BodyAngles(skeleton)
        self._links = {"all": ("body", *PARENTS), "body": ("body",), "none": ()}[settings.frames]
        self._tf: Any = None
        if self._links:
            self._tf_message = _message_class("tf2_msgs", "TFMessage", "Set frames to 'none', or install it.")
            self._tf = self.create_publisher(self._tf_message, "/tf", TF_DEPTH)
        self._joints: Any = None
        if settings.joint_states:
            self._joints = self.create_publisher(JointState, f"/humans/bodies/{self._id}/joint_states",
                                                 JOINT_STATES_OUT_QOS)
        if settings.tracked:
            ids = _message_class("hri_msgs", "IdsList", "Set tracked to false, or install it.")
            self._tracked = self.create_publisher(ids, "/humans/bodies/tracked", LATCHED_QOS)
            self._tracked.publish(ids(ids=[self._id]))
        self.create_subscription(MarkerArray, "gesture_node/skeleton", self._take, 10)
        log.info("body %s, from %s", self._id, self.resolve_topic_name("gesture_node/skeleton"))

    def _take(self, message: MarkerArray) -> None:
        header, joint_xyz = joints_from_message(message, self._count)
        state = self._angles.read(joint_xyz)
        if self._tf is not None:
            self._tf.publish(self._tf_message(transforms=self._transforms(state, header)))
        if self._joints is not None:
            names = [f"{joint}_{self._id}" for joint in state.angles]
            self._joints.publish(JointState(header=Header(stamp=header.stamp), name=names,
                                            position=list(state.angles.values())))

    def _transforms(self, state: BodyState, header: Header) -> list[TransformStamped]:
        transforms = []
        for link in self._links:
            frame, parent = state.frames[link], header.frame_id
            if link in PARENTS:
                frame, parent = frame.below(state.frames[PARENTS[link]]), f"{PARENTS[link]}_{self._id}"
            transforms.append(TransformStamped(header=Header(stamp=header.stamp, frame_id=parent),
                                               child_frame_id=f"{link}_{self._id}", transform=_transform(frame)))
        return transforms


def _transform(frame: Frame) -> Transform:
    x, y, z = frame.origin.tolist()
    return Transform(translation=Vector3(x=x, y=y, z=z), rotation=quaternion_message(frame.rotation))


def _message_class(package: str, name: str, remedy: str) -> Any:
    try:
        return getattr(importlib.import_module(f"{package}.msg"), name)
    except ImportError as error:
        raise MissingDependencyError(package, name, f"apt install ros-$ROS_DISTRO-{package.replace('_', '-')}. {remedy}"
                                     ) from error


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(BodyNode, args)


if __name__ == "__main__":
    main()
