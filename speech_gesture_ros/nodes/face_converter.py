"""Node face_converter: the face of gesture_node or face_node in the form of another program or robot (`face_targets`).

    gesture_node/face/blendshapes ─┐
    gesture_node/face/visemes ─────┼──► until its stamp ──► target
    gesture_node/skeleton ─────────┘    (rotation of the head against the trunk, for vmc and live_link)

A frame is sent at its stamp, in time with ~/audio_out. If no frame has come for `SILENT_S`, because the other node has
ended without a message, the mouth is closed once.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import numpy.typing as npt
from rclpy.node import Node
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import JointState
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.agent.timed_queue import TimedQueue
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES, VISEMES
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.callback_guard import GuardedCallbacks
from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.face_output import MOUTH
from speech_gesture_ros.nodes.face_settings import FaceConverterSettings
from speech_gesture_ros.nodes.face_targets import ConvertedFrame, make_target
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.pose.body_angles import BodyAngles

log = logging.getLogger(__name__)

PERIOD_S = 0.005
SILENT_S = 0.3
MAX_WAIT_S = 1.0  # of a frame for its stamp; with a later one the clocks differ
WITH_HEAD = ("vmc", "live_link")


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
        self._last: ConvertedFrame | None = None
        self._arrived_ns: int | None = None  # the newest frame; None once the mouth is closed
        self.create_subscription(JointState, "gesture_node/face/visemes", self._take_visemes, 10)
        self.create_subscription(JointState, "gesture_node/face/blendshapes", self._take_shapes, 10)
        if settings.target in WITH_HEAD:
            skeleton = load_skeleton()
            self._num_joints, self._angles = len(skeleton), BodyAngles(skeleton)
            self.create_subscription(MarkerArray, "gesture_node/skeleton", self._take_skeleton, 10)
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

    def _take_skeleton(self, message: MarkerArray) -> None:
        (joints,) = [marker for marker in message.markers if marker.ns == "joints"] or [None]
        if joints is None or len(joints.points) != self._num_joints:
            raise InputError("joints in ~/skeleton", 0 if joints is None else len(joints.points),
                             str(self._num_joints), "Use the gesture_node of the same version.")
        joint_xyz = np.array([(p.x, p.y, p.z) for p in joints.points])
        if not np.isfinite(joint_xyz).all():
            raise InputError("a joint in ~/skeleton", "NaN or infinity", "finite", "Its publisher is at fault.")
        frames = self._angles.read(joint_xyz).frames
        turn = frames["head"].below(frames["torso"]).rotation
        self._head = Rotation.from_matrix(turn).as_quat()

    def _send_due(self) -> None:
        now_ns = self._now_ns()
        due = self._frames.take(now_ns)
        if due:
            self._last = due[-1]  # frames that are overdue are not shown
            self._target.send(self._last)
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

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)


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
