"""Decoder of PCM bytes from a driver, a topic or a socket to float samples, in complete frames.

Messages may end inside a frame. A 16-bit stereo frame has four bytes; an incomplete one is carried to the next message.
Compressed audio decoded as samples would be loud noise, so it is recognised and refused; a stream that begins as mp3 is
for `mp3_decoder`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.encodings import ENCODINGS
from speech_gesture_ros.audio.mp3_decoder import MP3, MP3_REMEDY
from speech_gesture_ros.audio.mp3_frames import mp3_frame
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE

MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 8_000, 192_000  # [Hz]
MAX_CHANNELS = 64


@dataclass(frozen=True)
class PcmFormat:
    """Format of interleaved samples, or of an mp3 stream, which states its rate and channels itself.

    Attributes:
        sample_rate: [Hz], 8 000 to 192 000.
        channels: Samples in a frame, 1 to 64.
        encoding: One of `ENCODINGS`: sign or float, bits, byte order; or `MP3`.

    Raises:
        InputError: If a field is outside its bounds.
    """

    sample_rate: int = SAMPLE_RATE
    channels: int = 1
    encoding: str = "s16le"

    def __post_init__(self) -> None:
        _check_count("sample rate", self.sample_rate, MIN_SAMPLE_RATE, MAX_SAMPLE_RATE,
                     "Set the rate at which the audio was recorded, in Hz.")
        _check_count("number of channels", self.channels, 1, MAX_CHANNELS, "Set the channels of the source.")
        if self.encoding not in ENCODINGS and self.encoding != MP3:
            raise InputError("sample encoding", self.encoding, f"one of {', '.join(ENCODINGS)}, {MP3}",
                             "Most microphones and speech synthesisers use s16le.")

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame: a sample of each channel."""
        return 1 if self.encoding == MP3 else ENCODINGS[self.encoding].num_bytes * self.channels


Pcm = tuple["bytes | npt.NDArray[np.generic]", PcmFormat]  # data of one message and its format


def _check_count(thing: str, value: object, low: int, high: int, remedy: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(thing, value, f"a whole number from {low} to {high}", remedy)


class PcmDecoder:
    """Byte stream to samples; chunks of bytes may end anywhere.

    Attributes:
        format: Format of the bytes.
    """

    def __init__(self, fmt: PcmFormat) -> None:
        self.format = fmt
        self.reset()

    def reset(self) -> None:
        """Drop the incomplete frame that was carried."""
        self._carry = b""
        self._is_start = True

    @property
    def is_inside_frame(self) -> bool:
        """True if the bytes so far end inside a frame."""
        return bool(self._carry)

    def begins_as_mp3(self, data: object) -> bool:
        """Return whether the first bytes of the stream are mp3 frames."""
        return self._is_start and _is_mp3(self._bytes_from(data))

    def push(self, data: bytes | bytearray | memoryview | npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
        """Decode the frames that are complete.

        Args:
            data: The next bytes, or a buffer or array of bytes or of samples of the format's type; arrays are (N,)
                interleaved or (T, C).

        Returns:
            (T, C) samples; integers scaled to [-1, 1), floats unchanged.

        Raises:
            InputError: If the data is compressed audio, or an array of another sample type or channel count.
        """
        piece = self._bytes_from(data)
        _refuse_compressed(piece, self._is_start)
        self._is_start = self._is_start and not piece
        stream = self._carry + piece
        whole = len(stream) - len(stream) % self.format.frame_bytes
        self._carry = stream[whole:]
        return ENCODINGS[self.format.encoding].decode(stream[:whole]).reshape(-1, self.format.channels)

    def _bytes_from(self, data: object) -> bytes:
        try:
            array = np.asarray(memoryview(data))  # type: ignore[arg-type]  # anything that is a buffer
        except (TypeError, ValueError) as error:
            raise InputError("audio data", type(data).__name__, "bytes, a buffer or a NumPy array",
                             "Convert it with numpy.asarray first.") from error
        encoding = ENCODINGS[self.format.encoding]
        stored = (encoding.dtype.kind, encoding.num_bytes)  # three bytes are no type of NumPy
        if array.dtype.itemsize > 1 and (array.dtype.kind, array.dtype.itemsize) != stored:
            name = encoding.dtype.name if encoding.num_bytes == encoding.dtype.itemsize else "three bytes a sample"
            raise InputError("type of the audio samples", str(array.dtype), f"{name} or bytes",
                             f"The format is {self.format.encoding}: correct the encoding.")
        if array.ndim > 1 and array.shape[1:] != (self.format.channels,):
            raise InputError("shape of the audio samples", array.shape, f"(T, {self.format.channels})",
                             "Correct the number of channels.")
        if array.dtype.itemsize > 1:
            array = array.astype(encoding.dtype)  # an array has its own byte order; the stream has the format's
        return array.tobytes()


# -- compressed audio --------------------------------------------------------------------------------------------------

_CONTAINERS = {b"ID3": "mp3", b"OggS": "Ogg", b"fLaC": "FLAC", b"RIFF": "a WAV file with its header"}


def _refuse_compressed(piece: bytes, is_start: bool) -> None:
    if is_start:
        for magic, name in _CONTAINERS.items():
            if piece.startswith(magic):
                remedy = f"{MP3_REMEDY}." if name == MP3 else "Decode it first, or play the file with audio_file_node."
                raise InputError("audio data", name, "plain PCM samples", remedy)
    if piece[:1] == b"\xff" and _is_mp3(piece):
        raise InputError("audio data", MP3, "plain PCM samples", f"{MP3_REMEDY}.")


def _is_mp3(piece: bytes) -> bool:
    """Return whether the bytes begin with MPEG layer III frames: a header may occur by chance, the length not."""
    frame = mp3_frame(piece[:4])
    if frame is None or len(piece) < frame.num_bytes:
        return False
    return len(piece) == frame.num_bytes or mp3_frame(piece[frame.num_bytes:frame.num_bytes + 4]) is not None
