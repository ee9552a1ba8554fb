"""Node face_converter: the face of gesture_node or face_node in the form of another program or robot (`face_targets`).

    gesture_node/face/blendshapes ─────┐
    gesture_node/face/visemes ─────────┼──► until its stamp ──► target
    gesture_node/skeleton, hand_shapes ┘    (vmc: bones of the whole body; live_link: rotation of the head)

A frame is sent at its stamp, in time with ~/audio_out, with the newest pose of the body; without a face each pose is
sent when it comes, without a body the face alone. If no frame has come for `SILENT_S`, because the other node has ended
without a message, the mouth is closed once.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rclpy.node import Node
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.agent.timed_queue import TimedQueue
from speech_gesture_ros.avatar.vrm_file import read_vrm_positions
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES, VISEMES
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.callback_guard import GuardedCallbacks
from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.face_output import MOUTH
from speech_gesture_ros.nodes.face_settings import FaceConverterSettings
from speech_gesture_ros.nodes.face_targets import ConvertedFrame, VmcTarget, make_target
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.performed_body import hand_shapes_from_message, joints_from_message
from speech_gesture_ros.nodes.qos import LATCHED_QOS
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.pose.body_angles import BodyAngles
from speech_gesture_ros.pose.vrm_pose import VrmPose, human_positions

log = logging.getLogger(__name__)

PERIOD_S = 0.005
SILENT_S = 0.3
MAX_WAIT_S = 1.0  # of a frame for its stamp; with a later one the clocks differ


class FaceConverter(GuardedCallbacks, Node):
    """Sends each frame of a face to one target."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("face_converter", **node_arguments)
        declare(self, FaceConverterSettings, is_locked=lambda: True)
        settings = read(self, FaceConverterSettings)
        self._target = make_target(self, settings.target, settings.host, settings.port, settings.expression_names,
                                   settings.subject)
        self._frames: TimedQueue[ConvertedFrame] = TimedQueue()
        self._visemes: tuple[int, npt.NDArray[np.float64]] | None = None  # stamp [ns], shares
        self._head: npt.NDArray[np.float64] | None = None
        self._bones: dict[str, npt.NDArray[np.float64]] | None = None
        self._bones_ns = 0  # their arrival
        self._last: ConvertedFrame | None = None
        self._arrived_ns: int | None = None  # the newest frame; None once the mouth is closed
        self.create_subscription(JointState, "gesture_node/face/visemes", self._take_visemes, 10)
        self.create_subscription(JointState, "gesture_node/face/blendshapes", self._take_shapes, 10)
        skeleton = load_skeleton()
        self._num_joints = len(skeleton)
        if isinstance(self._target, VmcTarget):
            self._positions = _positions(settings.avatar_file, skeleton)
            self._vrm = VrmPose(skeleton, self._positions if settings.avatar_file else None)
            self._hand_shapes: tuple[int, int] = (HandShape.REST, HandShape.REST)
            self.create_subscription(String, "gesture_node/hand_shapes", self._take_hand_shapes, LATCHED_QOS)
            self.create_subscription(MarkerArray, "gesture_node/skeleton", self._take_body, 10)
        elif settings.target == "live_link":
            self._angles = BodyAngles(skeleton)
            self.create_subscription(MarkerArray, "gesture_node/skeleton", self._take_head, 10)
        self.create_timer(PERIOD_S, self._send_due)
        log.info("face to %s, from %s", settings.target, self.resolve_topic_name("gesture_node/face/blendshapes"))

    def close(self) -> None:
        """Close the mouth and free the target."""
        if hasattr(self, "_target"):
            self._close_mouth()
            self._target.close()

    def _take_visemes(self, message: JointState) -> None:
        values = _values(message, [f"viseme_{name}" for name in VISEMES])
        self._visemes = ns_from_time(message.header.stamp), values

    def _take_shapes(self, message: JointState) -> None:
        stamp_ns, now_ns = ns_from_time(message.header.stamp), self._now_ns()
        shapes = _values(message, BLENDSHAPES)
        is_same = self._visemes is not None and abs(self._visemes[0] - stamp_ns) < NS // 25
        frame = ConvertedFrame(stamp_ns, shapes, self._visemes[1] if self._visemes and is_same else None, self._head)
        self._frames.push(frame, min(stamp_ns, now_ns + round(MAX_WAIT_S * NS)))
        self._arrived_ns = now_ns

    def _take_head(self, message: MarkerArray) -> None:
        _, joint_xyz = joints_from_message(message, self._num_joints)
        frames = self._angles.read(joint_xyz).frames
        turn = frames["head"].below(frames["torso"]).rotation
        self._head = Rotation.from_matrix(turn).as_quat()

    def _take_hand_shapes(self, message: String) -> None:
        self._hand_shapes = hand_shapes_from_message(message)

    def _take_body(self, message: MarkerArray) -> None:
        header, joint_xyz = joints_from_message(message, self._num_joints)
        turns = self._vrm.rotations(joint_xyz, self._hand_shapes)
        self._bones = {bone: np.concatenate([place, turns[bone]]) for bone, place in self._positions.items()}
        self._bones_ns = self._now_ns()
        if self._arrived_ns is None and isinstance(self._target, VmcTarget):
            self._target.send_body(self._bones, ns_from_time(header.stamp))

    def _send_due(self) -> None:
        now_ns = self._now_ns()
        due = self._frames.take(now_ns)
        if due:
            self._last = due[-1]  # frames that are overdue are not shown
            self._target.send(replace(self._last, bones=self._newest_bones(now_ns)))
        elif self._arrived_ns is not None and abs(now_ns - self._arrived_ns) > SILENT_S * NS:
            self._frames.reset()
            self._close_mouth()

    def _close_mouth(self) -> None:
        """Send the last frame with a closed mouth, once."""
        if self._last is not None and self._arrived_ns is not None:
            rest = np.zeros(len(VISEMES))
            rest[0] = 1.0
            shapes = np.where(MOUTH, 0.0, self._last.shapes)
            self._target.send(ConvertedFrame(self._now_ns(), shapes, rest, self._last.head_xyzw))
        self._arrived_ns = None

    def _newest_bones(self, now_ns: int) -> dict[str, npt.NDArray[np.float64]] | None:
        """Bones of the newest pose; None if it is old: the avatar's body stays as it is, or is moved by another."""
        return self._bones if abs(now_ns - self._bones_ns) < SILENT_S * NS else None

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)


def _positions(avatar_file: str, skeleton: Skeleton) -> dict[str, npt.NDArray[np.float64]]:
    return read_vrm_positions(Path(avatar_file).expanduser()) if avatar_file else human_positions(skeleton)


def _values(message: JointState, names: Any) -> npt.NDArray[np.float64]:
    """Return the values of the names in a message, 0 for those that it lacks, clipped to 0 to 1.

    Raises:
        InputError: If names and positions differ in number, or a value is not finite.
    """
    if len(message.name) != len(message.position) or len(message.name) > 4 * len(BLENDSHAPE_INDEX):
        raise InputError("names and positions of a face", (len(message.name), len(message.position)),
                         "equal, at most 208", "Its publisher is at fault.")
    given = dict(zip(message.name, message.position))
    values = np.array([given.get(name, 0.0) for name in names], dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError("a value of a face", "NaN or infinity", "0 to 1", "Its publisher is at fault.")
    return np.clip(values, 0.0, 1.0)


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(FaceConverter, args)


if __name__ == "__main__":
    main()
