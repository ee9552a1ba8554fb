"""mp3 files joined in one file.

libsndfile decodes as many frames as the length tag in the first frame states; without a tag it estimates the number
from the first bit rate, which is wrong for variable ones. So frames are counted here, and a section without a true tag
is given a frame with one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from speech_gesture_ros.audio.mp3_frames import Mp3Frame, mp3_frame
from speech_gesture_ros.audio.sections import Data, Section

_SYNC = re.compile(rb"\xff[\xe2-\xfb]|ID3")


def mp3_sections(data: Data) -> Iterator[Section]:
    """Yield the mp3 files in the content of a file."""
    file: _Mp3File | None = None
    for position, frame, tag in _frames(data):
        if file is not None and tag is None and file.continues(frame):
            file.num_frames += 1
            file.is_constant &= frame.num_bytes - file.frame.num_bytes in (-1, 0, 1)
            continue
        if file is not None:
            yield file.section(data, position)
        file = _Mp3File(position if file else 0, position, frame, tag, num_frames=0 if tag else 1)
    yield file.section(data, len(data)) if file is not None else Section(0, len(data))


@dataclass
class _Mp3File:
    """File of which frames are counted.

    Attributes:
        start: Its first byte.
        position: Its first frame.
        frame: The first frame.
        tag: Number of frames that the tag in the first frame states; None if there is no tag.
        num_frames: Frames so far, without the one with the tag.
        is_constant: All frames have one bit rate.
    """

    start: int
    position: int
    frame: Mp3Frame
    tag: float | None
    num_frames: int
    is_constant: bool = True

    def continues(self, frame: Mp3Frame) -> bool:
        is_same = (frame.sample_rate, frame.channels) == (self.frame.sample_rate, self.frame.channels)
        return is_same and (self.tag is None or self.num_frames < self.tag)

    def section(self, data: Data, stop: int) -> Section:
        if self.tag is not None or self.is_constant:
            return Section(self.start, stop)
        header = bytes(data[self.position:self.position + 4])
        return Section(self.position, stop, _frame_with_tag(header, self.num_frames), replaced=0)


def _frames(data: Data) -> Iterator[tuple[int, Mp3Frame, float | None]]:
    """Yield the place, the header and the length tag of each frame; what lies between frames is skipped."""
    position, before = 0, None
    while position < len(data) - 4:
        if data[position:position + 3] == b"ID3":
            position += _id3_bytes(data[position:position + 10])
            continue
        frame = mp3_frame(data[position:position + 4])
        tag = None if frame is None else _tag(data, position, frame)
        if frame is None or (tag is None and not _is_same(frame, before) and not _is_followed(data, position, frame)):
            found = _SYNC.search(data, position + 1)
            position = found.start() if found else len(data)
            continue
        yield position, frame, tag
        position, before = position + frame.num_bytes, frame


def _is_same(frame: Mp3Frame, other: Mp3Frame | None) -> bool:
    return other is not None and (frame.sample_rate, frame.channels) == (other.sample_rate, other.channels)


def _is_followed(data: Data, position: int, frame: Mp3Frame) -> bool:
    """Return whether a frame of the same format follows; a header alone may occur by chance."""
    return _is_same(frame, mp3_frame(data[position + frame.num_bytes:position + frame.num_bytes + 4]))


def _tag(data: Data, position: int, frame: Mp3Frame) -> float | None:
    """Return the number of frames that follow a Xing or VBRI tag; None if the frame has no tag."""
    xing, vbri = position + frame.tag_offset, position + 36
    if data[xing:xing + 4] in (b"Xing", b"Info") and xing + 12 <= len(data):
        states_length = data[xing + 7] & 1
        return int.from_bytes(data[xing + 8:xing + 12], "big") if states_length else math.inf
    if data[vbri:vbri + 4] == b"VBRI":
        return int.from_bytes(data[vbri + 14:vbri + 18], "big")
    return None


def _frame_with_tag(header: bytes, num_frames: int) -> bytes:
    """Return a silent frame of the format of another, with a tag that states the number of frames after it."""
    bits = bytes([header[0], header[1] | 1, 0x90 | header[2] & 0x0C, header[3]])  # no checksum, a medium bit rate
    frame = mp3_frame(bits)
    assert frame is not None
    start = bits + bytes(frame.tag_offset - 4) + b"Xing" + (1).to_bytes(4, "big") + num_frames.to_bytes(4, "big")
    return start + bytes(frame.num_bytes - len(start))


def _id3_bytes(header: bytes) -> int:
    """Return the length of an ID3v2 tag from its first ten bytes (four times seven bits); 3 if it is none."""
    if len(header) < 10 or max(header[6:10]) > 127:
        return 3
    return 10 + sum(byte << shift for byte, shift in zip(header[6:10], (21, 14, 7, 0)))
