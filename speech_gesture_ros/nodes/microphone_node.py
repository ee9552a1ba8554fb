"""A microphone on the topic `audio`."""

from __future__ import annotations

import logging
import queue
from typing import Any

import numpy as np
import numpy.typing as npt
from rclpy.node import Node

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.nodes.audio_messages import audio_type, message_from_pcm
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.qos import AUDIO_OUT
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import MicrophoneSettings

log = logging.getLogger(__name__)

QUEUE = 500  # messages that may wait between the sound card's thread and ours


class MicrophoneNode(Node):
    """Sends what the input device hears. The device's own thread only copies; this node's thread sends."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("microphone_node", **node_arguments)
        declare(self, MicrophoneSettings, is_locked=lambda: True)
        self._settings = settings = read(self, MicrophoneSettings)
        self._kind = audio_type(settings.type)
        self._heard: queue.Queue[npt.NDArray[np.int16]] = queue.Queue(QUEUE)
        self._lost = 0
        self._publisher = self.create_publisher(self._kind, "audio", AUDIO_OUT)
        self._stream = self._open(settings)
        self.create_timer(min(settings.chunk_ms / 2000.0, 0.01), self._send)

    def close(self) -> None:
        """Close the device."""
        if hasattr(self, "_stream"):
            self._stream.close()

    def _open(self, settings: MicrophoneSettings) -> Any:
        try:
            import sounddevice
        except (ImportError, OSError) as error:  # OSError: the package is there, PortAudio is not
            raise MissingDependencyError("sounddevice with PortAudio", "The microphone",
                                         "pip install sounddevice; apt-get install libportaudio2") from error
        device: int | str | None = settings.device or None
        if settings.device.isdigit():
            device = int(settings.device)
        try:
            stream = sounddevice.InputStream(
                samplerate=settings.sample_rate, channels=settings.channels, dtype="int16", device=device,
                blocksize=settings.chunk_ms * settings.sample_rate // 1000, callback=self._hear)
            stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            names = [d["name"] for d in sounddevice.query_devices() if d["max_input_channels"] > 0]
            raise ConfigError("input device", settings.device, f"one of {names}",
                              f"Set the parameters device, sample_rate and channels. ({error})") from error
        return stream

    def _hear(self, samples: npt.NDArray[np.int16], frames: int, when: Any, status: Any) -> None:
        del frames, when
        lost = bool(status)
        try:
            self._heard.put_nowait(samples.copy())
        except queue.Full:
            lost = True
        self._lost += lost

    def _send(self) -> None:
        if self._lost:
            log.warning("the sound card gave up audio %d time(s): the machine is too busy", self._lost)
            self._lost = 0
        while not self._heard.empty():
            stamp = self.get_clock().now().to_msg()
            self._publisher.publish(
                message_from_pcm(self._kind, self._heard.get_nowait(), self._settings.sample_rate, stamp))


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(MicrophoneNode, args)


if __name__ == "__main__":
    main()
