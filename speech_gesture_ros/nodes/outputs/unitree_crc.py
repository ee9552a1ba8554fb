"""CRC of Unitree's commands: CRC-32 with polynomial 0x04C11DB7 over 32-bit words, highest bit first."""

from __future__ import annotations

import struct
from collections.abc import Sequence

CRC_POLYNOMIAL = 0x04C11DB7


def _remainders() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        remainder = byte << 24
        for _ in range(8):
            remainder = (remainder << 1) ^ (CRC_POLYNOMIAL if remainder & 0x80000000 else 0)
        rows.append(remainder & 0xFFFFFFFF)
    return tuple(rows)


BYTE_REMAINDERS = _remainders()  # of every byte


def crc32_words(layout: str, values: Sequence[float]) -> int:
    """Return the CRC of values packed with a `struct` layout, as little-endian words.

    Example:
        >>> crc32_words("<I", [0])
        3338984827
    """
    data = struct.pack(layout, *values)
    crc = 0xFFFFFFFF
    for start in range(0, len(data), 4):
        for byte in data[start + 3:None if start == 0 else start - 1:-1]:
            crc = ((crc << 8) ^ BYTE_REMAINDERS[(crc >> 24) ^ byte]) & 0xFFFFFFFF
    return crc
