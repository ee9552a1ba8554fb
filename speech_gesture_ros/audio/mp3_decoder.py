"""Decoder of an mp3 stream that is cut anywhere, as audio_capture sends it by default; by PyAV, which is optional.

The delay of an mp3 encoder and decoder, 1105 samples, is part of the sound: a player of the same messages has it, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

MP3 = "mp3"  # as an encoding
MP3_REMEDY = (
    "audio_capture sends mp3 by default: start it with format:=wave "
    "(ros2 launch audio_capture capture.launch.xml format:=wave)"
)

Piece = tuple[int, npt.NDArray[np.float32]]


class Mp3Decoder:
    """Bytes of a stream to samples; the rest of an incomplete frame comes with the next bytes.

    Attributes:
        broken_frames: Frames that could not be decoded: the stream began or continued in the middle.

    Raises:
        InputError: If PyAV is not installed.
    """

    def __init__(self) -> None:
        try:
            import av
        except ImportError as error:
            raise InputError("audio data", MP3, "plain PCM samples", f"{MP3_REMEDY}, or install the decoder: pip "
                             "install av.") from error
        self._av: Any = av
        self.broken_frames = 0
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._codec = self._av.CodecContext.create(MP3, "r")

    def push(self, data: bytes) -> list[Piece]:
        """Decode the frames that are complete.

        Returns:
            Sample rate [Hz] and (T, C) samples of each frame.
        """
        pieces: list[Piece] = []
        if not data:  # the parser would take it for the end of the stream
            return pieces
        for packet in self._codec.parse(data):
            try:
                frames = self._codec.decode(packet)
            except self._av.error.InvalidDataError:
                self.broken_frames += 1
                continue
            pieces += [(int(frame.sample_rate), _samples(frame)) for frame in frames]
        return pieces


def _samples(frame: Any) -> npt.NDArray[np.float32]:
    """Return the (T, C) samples of a planar frame."""
    planes = frame.to_ndarray()
    if planes.dtype == np.int16:
        planes = planes.astype(np.float32) / np.float32(32768)
    return np.ascontiguousarray(planes.T, dtype=np.float32)
