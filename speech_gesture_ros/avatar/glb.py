"""Container of a GLB file (glTF 2.0, binary): one JSON chunk and one chunk of binary data.

Khronos Group, glTF 2.0 Specification, section 4.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError

MAGIC, VERSION, JSON_CHUNK, BINARY_CHUNK = b"glTF", 2, 0x4E4F534A, 0x004E4942
MAX_FILE_BYTES = 256 * MIB
KIND = "GLB file"


def pack_glb(document: dict[str, Any], data: bytes) -> bytes:
    """Return the file of a document and its binary data."""
    text = json.dumps(document, separators=(",", ":"), sort_keys=True, allow_nan=False).encode("ascii")
    text += b" " * (-len(text) % 4)
    data += b"\0" * (-len(data) % 4)
    chunks = struct.pack("<II", len(text), JSON_CHUNK) + text + struct.pack("<II", len(data), BINARY_CHUNK) + data
    return MAGIC + struct.pack("<II", VERSION, 12 + len(chunks)) + chunks


def write_glb(path: Path, document: dict[str, Any], data: bytes) -> None:
    """Write a GLB file.

    Raises:
        OutputError: If it cannot be written.
    """
    with atomic_write(path) as file:
        file.write(pack_glb(document, data))


def read_glb(path: Path) -> tuple[dict[str, Any], bytes]:
    """Read a GLB file; return its document and its binary data.

    Raises:
        InputError: If it is missing, too large or damaged.
    """
    content = read_bounded(path, MAX_FILE_BYTES, KIND)
    try:
        magic, version, _ = struct.unpack_from("<4sII", content)
        if magic != MAGIC or version != VERSION:
            raise ValueError("it does not begin as a file of glTF 2.0")
        chunks: dict[int, bytes] = {}
        at = 12
        while at < len(content):
            length, kind = struct.unpack_from("<II", content, at)
            if at + 8 + length > len(content):
                raise ValueError("a chunk is longer than the file")
            chunks.setdefault(kind, content[at + 8:at + 8 + length])
            at += 8 + length
        document = json.loads(chunks[JSON_CHUNK])
        if not isinstance(document, dict):
            raise ValueError("its JSON is no object")
    except (struct.error, ValueError, KeyError, RecursionError) as error:
        raise InputError(KIND, str(path), "a binary file of glTF 2.0", str(error)) from None
    return document, chunks.get(BINARY_CHUNK, b"")
