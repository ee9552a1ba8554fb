"""Node face_node: speech on the topic `audio` to a face, for agents without a body.

audio ──► LiveFace ──► ~/face/blendshapes, ~/face/visemes      JointState, 50 Hz, stamped with the time to be visible
                   ──► ~/audio_out                             the same sound, delayed so that it is in sync
                   ──► ~/face/trajectory, joints               JointTrajectory, 10 Hz: what is known to follow
~/face/expression, ~/face/hri_expression, ~/face/phones ──► requests (`face_requests`)
~/interrupt       ──► (Trigger) the speech that waits is dropped: voice and lips end
"""

from __future__ import annotations

import logging
from typing import Any

from rclpy.node import Node
from std_srvs.srv import Trigger

from speech_gesture_ros.agent.live_face import LiveFace
from speech_gesture_ros.agent.timed_queue import TimedQueue
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.face_stage import FaceStage
from speech_gesture_ros.nodes.audio_input import AudioInput
from speech_gesture_ros.nodes.audio_messages import pcm_from_message
from speech_gesture_ros.nodes.callback_guard import GuardedCallbacks
from speech_gesture_ros.nodes.face_joints import FaceJoints
from speech_gesture_ros.nodes.face_output import FaceOutput
from speech_gesture_ros.nodes.face_requests import FaceRequests
from speech_gesture_ros.nodes.face_settings import FaceSettings, face_style
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

log = logging.getLogger(__name__)

UPDATE_PERIOD_S, STYLE_PERIOD_S = 0.01, 0.2


class FaceNode(GuardedCallbacks, Node):
    """Publishes a face for the speech that it receives."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("face_node", **node_arguments)
        declare(self, FaceSettings, is_locked=lambda: True)
        settings = read(self, FaceSettings)
        self._stage = FaceStage(seed=settings.seed, upper_face=settings.upper_face)
        face = SpeechToFace(resolve(settings.model, "models"), settings.look_ahead_s, self._stage)
        self._live = LiveFace(face, lead_s=settings.lead_s)
        self._voice: TimedQueue[Any] = TimedQueue()
        joints = [FaceJoints(self, channels, lambda: False) for channels in settings.channel_maps]
        self._output = FaceOutput(self, settings.frame_id, self._live.timeline.ahead, joints)
        self._output.activate()
        self._requests = FaceRequests(self, self._stage.set_expression, self._live.phones.add, settings.frame_id)
        self._delayed: Any = None
        self._audio = AudioInput(self, settings.audio_type, settings.audio_format, self._take_audio, self._offer_audio)
        self.create_service(Trigger, "~/interrupt", self._interrupt)
        self._style = ""
        self._read_style()
        self.create_timer(STYLE_PERIOD_S, self._read_style)
        self.create_timer(UPDATE_PERIOD_S, self._update)
        log.info("face %s: %.0f ms from sound to face", settings.model, 1e3 * self._live.latency_s)

    def close(self) -> None:
        """Close the mouth; destroy publishers and subscriptions."""
        if hasattr(self, "_audio"):
            self._audio.close()
            self._requests.close()
            self._output.close()

    def _take_audio(self, message: Any) -> None:
        now_ns = self._now_ns()
        data, fmt = pcm_from_message(message, self._audio.fallback)
        if len(data):
            self._live.push(data, fmt, now_ns)
            self._voice.push(message, now_ns + round(self._live.latency_s * NS))

    def _offer_audio(self, kind: Any) -> None:
        """Make ~/audio_out with the message class of the audio."""
        if self._delayed is not None:
            self.destroy_publisher(self._delayed)
        self._delayed = self.create_publisher(kind, "~/audio_out", AUDIO_OUT_QOS)

    def _interrupt(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        self._live.interrupt()
        self._voice.reset()
        response.success, response.message = True, "audio dropped, the mouth closes"
        return response

    def _update(self) -> None:
        now_ns = self._now_ns()
        self._output.send(self._live.update(now_ns))
        for message in self._voice.take(now_ns):
            if self._delayed is not None and isinstance(message, self._delayed.msg_type):
                self._delayed.publish(message)

    def _read_style(self) -> None:
        style = read(self, FaceSettings).style
        if style != self._style:
            self._style = style
            self._stage.set_style(face_style(style))

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(FaceNode, args)


if __name__ == "__main__":
    main()
