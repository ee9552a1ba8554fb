"""Reader of TensorFlow checkpoints (format 2): <prefix>.index gives the place of each array in <prefix>.data.

    <prefix>.index   a LevelDB table: blocks of sorted (key, value), each key sharing a prefix with the one before
    its values       protocol buffers: type, shape, shard, offset, size and checksum of an array
    its footer       place of the index block, which gives the places of the blocks

Facts from LevelDB's table_format.md and TensorFlow's tensor_bundle.proto. Checksums are verified.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError

MAGIC = 0xDB4775248B80FB57
MAX_INDEX_BYTES, MAX_DATA_BYTES = 4 * MIB, 256 * MIB
MAX_VARINT_BITS = 64
_FLOAT = 1  # DT_FLOAT
COPY_AGAIN = "Copy the published weights again."


def read_checkpoint(prefix: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Return every float32 array of a checkpoint by its name.

    Args:
        prefix: Path without ".index".

    Raises:
        InputError: If a file is missing, damaged or compressed.
    """
    index = prefix.with_name(prefix.name + ".index")
    shard = prefix.with_name(prefix.name + ".data-00000-of-00001")
    table = read_bounded(index, MAX_INDEX_BYTES, "index of the checkpoint")
    data, arrays = read_bounded(shard, MAX_DATA_BYTES, "data of the checkpoint"), {}
    try:
        for key, value in _table(table):
            entry = _fields(value)
            if key and entry.get(1) == [_FLOAT]:
                arrays[key.decode()] = _array(data, entry, f"{key.decode()} in {shard}")
    except (struct.error, LookupError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InputError(f"content of {index}", str(error), "an intact table of a TensorFlow checkpoint",
                         COPY_AGAIN) from error
    return arrays


def _array(data: bytes, entry: dict[int, list[Any]], where: str) -> npt.NDArray[np.float32]:
    offset, size = entry.get(4, [0])[0], entry.get(5, [0])[0]
    sizes = [_fields(dimension).get(1, [0])[0] for dimension in _fields(entry.get(2, [b""])[0]).get(2, [])]
    body = data[offset:offset + size]
    if len(body) != size or 4 * math.prod(sizes) != size:
        raise InputError(where, (sizes, len(body)), f"{size} bytes", COPY_AGAIN)
    if entry.get(6) != [_masked_crc(body)]:
        raise InputError(f"checksum of {where}", _masked_crc(body), str(entry.get(6)), COPY_AGAIN)
    return np.frombuffer(body, dtype="<f4").reshape(sizes).astype(np.float32)


def _table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a LevelDB table."""
    if len(data) < 48 or struct.unpack_from("<Q", data, len(data) - 8)[0] != MAGIC:
        raise ValueError("no table: its magic number is missing")
    footer = data[-48:]
    _, position = _varint(footer, 0)
    _, position = _varint(footer, position)
    for _, handle in _block(data, footer[position:]):
        yield from _block(data, handle)


def _block(data: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset, position = _varint(handle, 0)
    size, _ = _varint(handle, position)
    compression, crc = struct.unpack_from("<BI", data, offset + size)
    if compression:
        raise ValueError(f"a block is compressed ({compression})")
    if crc != _masked_crc(data[offset:offset + size + 1]):
        raise ValueError(f"the checksum of the block at {offset} is wrong")
    block = data[offset:offset + size]
    (restarts,) = struct.unpack_from("<I", block, size - 4)
    end, position, key = size - 4 - 4 * restarts, 0, b""
    while position < end:
        shared, position = _varint(block, position)
        added, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position:position + added]
        yield key, block[position + added:position + added + length]
        position += added + length


def _fields(message: bytes) -> dict[int, list[Any]]:
    """A protocol buffer without its schema: field number to values, numbers or bytes."""
    fields: dict[int, list[Any]] = {}
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        value: int | bytes
        if tag & 7 == 0:
            value, position = _varint(message, position)
        elif tag & 7 == 2:
            length, position = _varint(message, position)
            value, position = message[position:position + length], position + length
        else:
            width = {1: 8, 5: 4}[tag & 7]
            value, position = int.from_bytes(message[position:position + width], "little"), position + width
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A variable-length integer (seven bits a byte), and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
        if shift > MAX_VARINT_BITS:
            raise ValueError(f"a number is longer than {MAX_VARINT_BITS} bits")


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


def _masked_crc(data: bytes) -> int:
    """CRC-32C (Castagnoli), rotated and offset as LevelDB stores it."""
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
