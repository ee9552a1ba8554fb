"""Section: a part of a file that is a complete sound file."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

Data = bytes | mmap


@dataclass(frozen=True)
class Section:
    """Part of a file that is a complete sound file.

    Attributes:
        start: Its first byte.
        stop: One past its last byte.
        header: Bytes that replace the first of it.
        replaced: How many they replace.
    """

    start: int
    stop: int
    header: bytes = b""
    replaced: int = 0
