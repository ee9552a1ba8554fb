"""Parameters of nodes that receive the topic `audio`."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.audio.encodings import ENCODINGS
from speech_gesture_ros.audio.mp3_decoder import MP3
from speech_gesture_ros.audio.pcm import MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, PcmFormat
from speech_gesture_ros.nodes.audio_messages import KNOWN_TYPES
from speech_gesture_ros.nodes.parameters import parameter


@dataclass(frozen=True)
class AudioInputSettings:
    """Parameters of the topic `audio`."""

    audio_type: str = parameter("auto", "Message type of the topic `audio`, as package/msg/Type; auto: the type of "
                                "its publishers.", name="audio.type", choices=("auto", *KNOWN_TYPES))
    audio_sample_rate: int = parameter(16000, "Sample rate of messages that do not state theirs [Hz].",
                                       name="audio.sample_rate", low=MIN_SAMPLE_RATE, high=MAX_SAMPLE_RATE)
    audio_channels: int = parameter(1, "Channels of messages that do not state theirs.", name="audio.channels", low=1,
                                    high=MAX_CHANNELS)
    audio_encoding: str = parameter("s16le", "Encoding of byte messages that do not state theirs.",
                                    name="audio.encoding", choices=(*ENCODINGS, MP3))

    @property
    def audio_format(self) -> PcmFormat:
        """Format of messages that do not state theirs."""
        return PcmFormat(self.audio_sample_rate, self.audio_channels, self.audio_encoding)
