"""Sound file to the topic `audio`, in real time; the node ends with the file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from rclpy.duration import Duration
from rclpy.node import Node

from speech_gesture_ros.audio.files import read_audio
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.timebase import index_to_ns, ns_to_index
from speech_gesture_ros.nodes.audio_messages import audio_type, int16_from_float, message_from_pcm
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import AudioFileSettings

log = logging.getLogger(__name__)


class AudioFileNode(Node):
    """Publishes one file; each message when its last sample is due, as a microphone does.

    Args:
        on_end: Called at the end of the file, unless it is repeated; by default the context is shut down.
        node_arguments: Of `rclpy.node.Node`.

    Attributes:
        published: Samples published so far, from the beginning of the file on.
    """

    def __init__(self, *, on_end: Callable[[], object] | None = None, **node_arguments: Any) -> None:
        super().__init__("audio_file_node", **node_arguments)
        self._on_end = on_end or self.context.try_shutdown
        declare(self, AudioFileSettings, is_locked=lambda: True)
        self._settings = settings = read(self, AudioFileSettings)
        if not settings.path:
            raise ConfigError("parameter 'path'", settings.path, "a sound file", "Set it: -p path:=my.wav")
        self._kind = audio_type(settings.type)
        samples, self._rate = read_audio(settings.path)
        silence = np.zeros((round(settings.start_delay_s * self._rate), samples.shape[1]), dtype=np.float32)
        self._samples = int16_from_float(np.concatenate([silence, samples]))
        self._chunk = max(1, settings.chunk_ms * self._rate // 1000)
        self._publisher = self.create_publisher(self._kind, "audio", AUDIO_OUT_QOS)
        self.published = 0
        self._start_ns: int | None = None
        self._timer = self.create_timer(min(settings.chunk_ms / 4000.0, 0.01), self._publish_due)

    @property
    def duration_s(self) -> float:
        """Duration of all messages, the silence at the start included [s]."""
        return len(self._samples) / self._rate

    def _publish_due(self) -> None:
        """Publish every message whose last sample is due."""
        now_ns = self.get_clock().now().nanoseconds
        if self._start_ns is None:
            if self._publisher.get_subscription_count() < self._settings.subscribers:
                return
            self._start_ns = now_ns
            log.info("playing %s: %.1f s, %d Hz, %d channel(s)", self._settings.path, self.duration_s, self._rate,
                     self._samples.shape[1])
        due = ns_to_index(now_ns - self._start_ns, self._rate)
        while (stop := min(self.published + self._chunk, len(self._samples))) <= due and stop > self.published:
            stamp = self.get_clock().now().to_msg()
            self._publisher.publish(message_from_pcm(self._kind, self._samples[self.published:stop], self._rate, stamp))
            self.published = stop
        if self.published == len(self._samples):
            self._end()

    def _end(self) -> None:
        if self._settings.loop and self._start_ns is not None:
            self._start_ns += index_to_ns(self.published, self._rate)
            self.published = 0
            return
        self._publisher.wait_for_all_acked(Duration(seconds=2))
        log.info("end of the file")
        self.destroy_timer(self._timer)
        self._on_end()


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(AudioFileNode, args)


if __name__ == "__main__":
    main()
