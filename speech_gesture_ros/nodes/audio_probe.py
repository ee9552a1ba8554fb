"""Node audio_probe: one line on what arrives on the topic `audio`; it needs no model and no robot.

    ros2 run speech_gesture_ros audio_probe --ros-args -r audio:=/tts/audio

It uses the same subscription as gesture_node, so what it receives, gesture_node receives.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import ReliabilityPolicy

from speech_gesture_ros.audio.audio_meter import AudioMeter
from speech_gesture_ros.nodes.audio_input import AudioInput
from speech_gesture_ros.nodes.audio_messages import pcm_from_message
from speech_gesture_ros.nodes.callback_guard import GuardedCallbacks
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import AudioProbeSettings

log = logging.getLogger(__name__)


class AudioProbe(GuardedCallbacks, Node):
    """Node that logs what it receives, and ends.

    Args:
        steady_ns: Clock that is never set [ns].
        node_arguments: Of `rclpy.node.Node`.
    """

    def __init__(self, *, steady_ns: Callable[[], int] = time.monotonic_ns, **node_arguments: Any) -> None:
        super().__init__("audio_probe", **node_arguments)
        declare(self, AudioProbeSettings, is_locked=lambda: True)
        settings = read(self, AudioProbeSettings)
        self._steady_ns, self._meter = steady_ns, AudioMeter()
        self._audio = AudioInput(self, settings.audio_type, settings.audio_format, self._take, lambda _: None)
        self._timer = self.create_timer(settings.seconds, self.report)

    @property
    def messages(self) -> int:
        """Number of messages that were received."""
        return self._audio.counts.messages

    def report(self) -> None:
        """Log the summary and end."""
        topic = self.resolve_topic_name("audio")
        publishers = self.get_publishers_info_by_topic(topic)
        names = ", ".join(sorted(
            f"{p.node_namespace.rstrip('/')}/{p.node_name} "
            f"({'reliable' if p.qos_profile.reliability == ReliabilityPolicy.RELIABLE else 'best effort'})"
            for p in publishers))
        summary = self._meter.summary
        if summary is None:
            remedy = ("compare the topic with `ros2 topic list`" if not publishers else
                      f"their type is {', '.join(sorted({p.topic_type for p in publishers}))}, and no message came")
            log.warning("no audio on %s: %d publisher(s) %s; %s", topic, len(publishers), names, remedy)
        else:
            log.info("%s as %s from %s: %s, %d lost in transport", topic, self._audio.type_name,
                     names or "no publisher", summary, self._audio.counts.lost_messages)
            for doubt in (*summary.doubts, *self._stamp_doubts()):
                log.warning("%s", doubt)
        self.destroy_timer(self._timer)
        self.context.try_shutdown()

    def _stamp_doubts(self) -> list[str]:
        counts = self._audio.order.counts
        doubts = []
        if counts.repeated_messages:
            doubts.append(f"{counts.repeated_messages} messages came twice, and are left out: stop one of the bridges "
                          "or relays")
        if counts.same_stamps or counts.earlier_stamps:
            doubts.append(f"{counts.same_stamps} stamps equal, {counts.earlier_stamps} earlier than the one before: "
                          "messages are performed as they arrive, but correct the clock of the source")
        return doubts

    def close(self) -> None:
        """Destroy the subscription."""
        if hasattr(self, "_audio"):
            self._audio.close()

    def _take(self, message: Any) -> None:
        data, fmt = pcm_from_message(message, self._audio.fallback)
        if len(data):
            self._meter.push(data, fmt, self._steady_ns())


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(AudioProbe, args)


if __name__ == "__main__":
    main()
