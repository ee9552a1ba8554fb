"""Arrays out of an HDF5 file as Keras 2 wrote them: old-style groups, contiguous little-endian float32. Nothing else.

Facts from the HDF5 File Format Specification, version 3.0. What a file has besides is named in the error; h5py can
save it anew in this form.

    superblock ─► root group ─► symbol table ─► B-tree ─► nodes of (name in heap, object) ─► group or array
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_DATASPACE, _DATATYPE, _LAYOUT, _CONTINUATION, _SYMBOL_TABLE = 0x01, 0x03, 0x08, 0x10, 0x11
_FLOAT32 = (1, 4)  # class and size


def read_hdf5(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Every float32 array of a file by its path, as "model_weights/dense_3/dense_3/kernel:0".

    Raises:
        InputError: If the file is no HDF5 file, is damaged or newer than what is understood here.
    """
    data = path.read_bytes()
    if data[:8] != SIGNATURE:
        raise InputError(f"file {path}", data[:8], "an HDF5 file", "Copy the published weights again.")
    if data[8] != 0 or data[13:15] != b"\x08\x08":
        raise InputError(f"HDF5 superblock of {path}", data[8], "of version 0 with 8-byte offsets",
                         "Save the file anew with h5py, libver='earliest'.")
    try:
        (root,) = struct.unpack_from("<Q", data, 0x40)
        return dict(_arrays(data, root, ""))
    except (struct.error, IndexError, ValueError, RecursionError) as error:
        raise InputError(f"content of {path}", str(error), "old-style groups of contiguous arrays",
                         "The file is damaged, or newer than Keras 2: copy the published weights again.") from error


def _arrays(data: bytes, address: int, name: str) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    messages = dict(_messages(data, address))
    if _SYMBOL_TABLE in messages:
        tree, heap = struct.unpack_from("<QQ", messages[_SYMBOL_TABLE])
        for child, child_address in _members(data, tree, heap):
            yield from _arrays(data, child_address, f"{name}/{child}".lstrip("/"))
    elif _LAYOUT in messages:
        kind = messages[_DATATYPE]
        (size,) = struct.unpack_from("<I", kind, 4)
        if (kind[0] & 0x0F, size) == _FLOAT32 and not kind[1] & 1:
            yield name, _array(data, messages, name)


def _messages(data: bytes, address: int) -> Iterator[tuple[int, bytes]]:
    """The messages of an object header of version 1."""
    version, count, length = struct.unpack_from("<BxH4xI", data, address)
    if version != 1:
        raise ValueError(f"object header of version {version} at {address}")
    pieces = [(address + 16, length)]
    while pieces and count:
        position, remaining = pieces.pop(0)
        while remaining >= 8 and count:
            kind, size = struct.unpack_from("<HH", data, position)
            body = data[position + 8:position + 8 + size]
            if kind == _CONTINUATION:
                pieces.append(struct.unpack_from("<QQ", body))
            yield kind, body
            position, remaining, count = position + 8 + size, remaining - 8 - size, count - 1


def _members(data: bytes, tree: int, heap: int) -> Iterator[tuple[str, int]]:
    """Name and address of everything in a group."""
    if data[heap:heap + 4] != b"HEAP" or data[tree:tree + 4] not in (b"TREE", b"SNOD"):
        raise ValueError(f"no group at {tree}")
    if data[tree:tree + 4] == b"TREE":
        (used,) = struct.unpack_from("<H", data, tree + 6)
        for i in range(used):
            (child,) = struct.unpack_from("<Q", data, tree + 24 + 8 + 16 * i)
            yield from _members(data, child, heap)
        return
    (names,) = struct.unpack_from("<Q", data, heap + 24)
    (used,) = struct.unpack_from("<H", data, tree + 6)
    for i in range(used):
        offset, address = struct.unpack_from("<QQ", data, tree + 8 + 40 * i)
        begin = names + offset
        yield data[begin:data.index(b"\0", begin)].decode(), address


def _array(data: bytes, messages: dict[int, bytes], name: str) -> npt.NDArray[np.float32]:
    space, layout = messages[_DATASPACE], messages[_LAYOUT]
    shape = struct.unpack_from(f"<{space[1]}Q", space, 8 if space[0] == 1 else 4)
    if layout[:2] != b"\x03\x01":
        raise ValueError(f"array {name} has layout {layout[:2]!r}, not contiguous")
    address, size = struct.unpack_from("<QQ", layout, 2)
    values = np.frombuffer(data[address:address + size], dtype="<f4")
    return values.reshape(shape).astype(np.float32)
