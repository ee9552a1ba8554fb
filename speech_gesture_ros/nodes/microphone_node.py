"""Microphone to the topic `audio`."""

from __future__ import annotations

import logging
import threading
from typing import Any

from rclpy.node import Node

from speech_gesture_ros.audio.microphone import Microphone
from speech_gesture_ros.nodes.audio_messages import audio_type, int16_from_float, message_from_pcm
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import MicrophoneSettings

log = logging.getLogger(__name__)


class MicrophoneNode(Node):
    """Publishes the audio of an input device, from a thread that waits for the device only."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("microphone_node", **node_arguments)
        declare(self, MicrophoneSettings, is_locked=lambda: True)
        settings = read(self, MicrophoneSettings)
        self._kind = audio_type(settings.type)
        self._publisher = self.create_publisher(self._kind, "audio", AUDIO_OUT_QOS)
        device = int(settings.device) if settings.device.isdigit() else settings.device or None
        self._microphone = Microphone(device, settings.sample_rate, settings.channels, settings.chunk_ms / 1000.0)
        self._microphone.__enter__()
        log.info("recording from %s: %d Hz of the device, %d Hz and %d channel(s) published",
                 settings.device or "the default device", self._microphone.device_rate, settings.sample_rate,
                 settings.channels)
        self._overflows = 0
        self._is_ending = False
        self._thread = threading.Thread(target=self._send, name="microphone", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the device."""
        if hasattr(self, "_thread"):
            self._is_ending = True
            self._microphone.__exit__(None, None, None)
            self._thread.join(2.0)

    def _send(self) -> None:
        rate = self._microphone.format.sample_rate
        for block in self._microphone:
            if self._is_ending:
                return
            stamp = self.get_clock().now().to_msg()
            self._publisher.publish(message_from_pcm(self._kind, int16_from_float(block), rate, stamp))
            if self._microphone.overflows > self._overflows:
                self._overflows = self._microphone.overflows
                log.warning("audio was lost %d time(s): the machine is too busy", self._overflows)
        if not self._is_ending:
            log.error("the input device was disconnected")
            self.context.try_shutdown()


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(MicrophoneNode, args)


if __name__ == "__main__":
    main()
