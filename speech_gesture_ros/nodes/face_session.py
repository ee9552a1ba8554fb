"""Face of a gesture node's session: publishers and requests, beside the gestures.

The mouth is at rest, whatever the speech, while one of `MUTING` inhibitors is set: what stops the robot's motion by
command stops its lips as well. The voice on ~/audio_out goes on; `~/interrupt` ends both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from speech_gesture_ros.agent.agent_face import AgentFace
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.nodes.face_joints import FaceJoints
from speech_gesture_ros.nodes.face_output import FaceOutput
from speech_gesture_ros.nodes.face_requests import FaceRequests
from speech_gesture_ros.nodes.face_settings import AgentFaceSettings, face_style
from speech_gesture_ros.nodes.services import ENABLE_INHIBITOR
from speech_gesture_ros.nodes.stop import LOCK_INHIBITOR, STOP_INHIBITOR

MUTING = (STOP_INHIBITOR, LOCK_INHIBITOR, ENABLE_INHIBITOR)


class FaceSession:
    """Everything of the face that exists while the node is configured.

    Args:
        node: The lifecycle node.
        settings: Its parameters.
        face: Face of the agent, which belongs to the worker's thread.
        inhibitors: Registry of motion inhibitors.
        submit: Lets the worker's thread do a task.
        is_dry: Returns True if nothing must be sent to the robot.

    Attributes:
        output: The publishers.
    """

    def __init__(self, node: Any, settings: AgentFaceSettings, face: AgentFace, inhibitors: MotionInhibitors,
                 submit: Callable[[Callable[[], None]], object], is_dry: Callable[[], bool]) -> None:
        self._face, self._inhibitors, self._submit = face, inhibitors, submit
        self._style = settings.face_style
        joints = [FaceJoints(node, channels, is_dry) for channels in settings.channel_maps]
        self.output = FaceOutput(node, settings.face_frame_id, face.timeline.ahead, joints)
        self._requests = FaceRequests(
            node, lambda shapes: submit(lambda: face.timeline.stage.set_expression(shapes)),
            lambda phones: submit(lambda: face.phones.add(phones)), settings.face_frame_id)

    def close(self) -> None:
        """Close the mouth; destroy publishers and subscriptions."""
        self._requests.close()
        self.output.close()

    def set_style(self, text: str) -> None:
        """Apply the live parameter `face.style` if it has changed."""
        if text != self._style:
            style, self._style = face_style(text), text
            self._submit(lambda: self._face.timeline.stage.set_style(style))

    def mute(self) -> None:
        """Close the mouth while motion is inhibited by command; for the worker's thread, before each update."""
        self._face.timeline.is_muted = any(self._inhibitors.reason(name) for name in MUTING)
