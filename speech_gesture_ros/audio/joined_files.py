"""Complete sound files joined in one file: mp3 or WAV files put together, chained Ogg streams, FLAC after FLAC.

libsndfile reads the first of them and stops, so each is found here and read as a file of its own. A WAV header that was
written to a pipe has no length; the section then carries a header with the length that is really there.
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Iterator

from speech_gesture_ros.audio.mp3_frames import mp3_frame
from speech_gesture_ros.audio.mp3_sections import mp3_sections
from speech_gesture_ros.audio.sections import Data, Section
from speech_gesture_ros.core.errors import InputError

MAX_SECTIONS = 10_000
_FLAC_START = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_WAV_START = re.compile(rb"RI(?:FF|FX)....WAVE", re.DOTALL)
_CHUNK_NAME = re.compile(rb"[A-Za-z0-9 _\-]{4}")
_OGG_HEADER, _OGG_FIRST_PAGE = 27, 2


def find_sections(data: Data) -> list[Section]:
    """Return the sound files in the content of a file; one section if they are of a kind that is not joined.

    Raises:
        InputError: If there are more than `MAX_SECTIONS`.
    """
    if _WAV_START.match(data):
        found = _wav_sections(data)
    elif data[:4] == b"OggS":
        found = _between(_ogg_starts(data), len(data))
    elif data[:4] == b"fLaC":
        found = _between((match.start() for match in _FLAC_START.finditer(data)), len(data))
    elif data[:3] == b"ID3" or mp3_frame(data[:4]) is not None:
        found = mp3_sections(data)
    else:
        return [Section(0, len(data))]
    sections = list(itertools.islice(found, MAX_SECTIONS + 1))
    if len(sections) > MAX_SECTIONS:
        raise InputError("joined sound files in one file", f"more than {MAX_SECTIONS}", f"at most {MAX_SECTIONS}",
                         "Cut it into parts.")
    return sections


def _between(starts: Iterator[int], stop: int) -> Iterator[Section]:
    """Yield the sections that begin at some bytes; the first begins with the file, whatever lies before it."""
    next(starts, None)
    start = 0
    for following in itertools.chain(starts, [stop]):
        yield Section(start, following)
        start = following


# -- Ogg ---------------------------------------------------------------------------------------------------------------


def _ogg_starts(data: Data) -> Iterator[int]:
    """Yield the first page of each chained stream: a first page after one that is none (RFC 3533, 4)."""
    position, is_begin = 0, False
    while 0 <= position <= len(data) - _OGG_HEADER:
        is_first_page = bool(data[position + 5] & _OGG_FIRST_PAGE)
        if is_first_page and not is_begin:
            yield position
        is_begin = is_first_page
        segments = data[position + _OGG_HEADER:position + _OGG_HEADER + data[position + 26]]
        position += _OGG_HEADER + len(segments) + sum(segments)
        if data[position:position + 4] != b"OggS":
            position = data.find(b"OggS", position)


# -- WAV ---------------------------------------------------------------------------------------------------------------


def _wav_sections(data: Data) -> Iterator[Section]:
    match = _WAV_START.match(data)
    while match:
        section = _wav_section(data, match.start())
        yield section
        match = _WAV_START.search(data, section.stop)


def _wav_section(data: Data, start: int) -> Section:
    """Return the WAV file that begins at a byte, with a header that states its real length."""
    order = "<" if data[start:start + 4] == b"RIFF" else ">"
    position = start + 12
    while (name := _chunk_name(data, position)) and name != b"data":
        position += 8 + _padded(_chunk_size(data, position, order))
    body = position + 8
    if name != b"data":
        return Section(start, len(data))
    size, riff_stop = (_chunk_size(data, at, order) for at in (position, start))
    if _is_size_true(data, body, size, min(start + 8 + riff_stop, len(data)), order):
        following = _WAV_START.search(data, body + _padded(size))
        return Section(start, following.start() if following else len(data))
    following = _WAV_START.search(data, body)
    stop = following.start() if following else len(data)
    length = min(stop - body, 2**32 - 1 - (body - start))
    header = bytearray(data[start:body])
    header[4:8] = struct.pack(f"{order}I", length + len(header) - 8)
    header[-4:] = struct.pack(f"{order}I", length)
    return Section(start, stop, bytes(header), replaced=len(header))


def _is_size_true(data: Data, body: int, size: int, riff_stop: int, order: str) -> bool:
    """Return whether the stated size of the sound agrees with what follows it."""
    after = body + _padded(size)
    if body + size > len(data):
        return False
    if after >= len(data) or _WAV_START.match(data, after):
        return True
    if _chunk_name(data, after) and after + _chunk_size(data, after, order) <= len(data):
        return True
    return size > 0 and riff_stop - after <= size


def _chunk_name(data: Data, position: int) -> bytes:
    """Return the name of a chunk; empty if there is none."""
    name = data[position:position + 4]
    return name if position + 8 <= len(data) and _CHUNK_NAME.fullmatch(name) else b""


def _chunk_size(data: Data, position: int, order: str) -> int:
    return int(struct.unpack(f"{order}I", data[position + 4:position + 8])[0])


def _padded(size: int) -> int:
    return size + size % 2
