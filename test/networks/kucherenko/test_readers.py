"""Files of HDF5 and TensorFlow, written here byte by byte after their specifications, and read back."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.networks.kucherenko.hdf5 import read_hdf5
from speech_gesture_ros.networks.kucherenko.tf_checkpoint import _masked_crc, read_checkpoint

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5


# -- HDF5 --------------------------------------------------------------------------------------------------------------


def message(kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 8)
    return struct.pack("<HHB3x", kind, len(body), 0) + body


def header(*messages: bytes) -> bytes:
    body = b"".join(messages)
    return struct.pack("<BxHII4x", 1, len(messages), 1, len(body)) + body


def hdf5_file(array: np.ndarray = ARRAY, layout: bytes | None = None) -> bytes:
    """/layer/kernel:0, each object at a place of its own."""
    root, tree, heap, names, node = 0x60, 0x100, 0x180, 0x1A0, 0x200
    layer, tree2, heap2, names2, node2, dataset, data = 0x280, 0x300, 0x340, 0x360, 0x380, 0x400, 0x500
    space = struct.pack("<BBB5x", 1, array.ndim, 0) + struct.pack(f"<{array.ndim}Q", *array.shape)
    kind = struct.pack("<B3sI", 0x11, b"\x20\x1f\0", 4) + struct.pack("<HHBBBBI", 0, 32, 23, 8, 0, 23, 127)
    layout = layout or struct.pack("<BBQQ", 3, 1, data, array.nbytes)
    places = {
        0: b"\x89HDF\r\n\x1a\n" + bytes([0, 0, 0, 0, 0, 8, 8, 0]) + struct.pack("<HHI", 4, 16, 0)
        + struct.pack("<4Q", 0, 2**64 - 1, data + array.nbytes, 2**64 - 1) + struct.pack("<QQ", 0, root),
        root: header(message(0x11, struct.pack("<QQ", tree, heap))),
        tree: b"TREE" + struct.pack("<BBHQQQQQ", 0, 0, 1, 2**64 - 1, 2**64 - 1, 0, node, 8),
        heap: b"HEAP" + struct.pack("<B3xQQQ", 0, 16, 1, names), names: b"\0" * 8 + b"layer\0",
        node: b"SNOD" + struct.pack("<BBHQQ", 1, 0, 1, 8, layer),
        layer: header(message(0x11, struct.pack("<QQ", tree2, heap2))),
        tree2: b"TREE" + struct.pack("<BBHQQQQQ", 0, 0, 1, 2**64 - 1, 2**64 - 1, 0, node2, 8),
        heap2: b"HEAP" + struct.pack("<B3xQQQ", 0, 16, 1, names2), names2: b"\0" * 8 + b"kernel:0\0",
        node2: b"SNOD" + struct.pack("<BBHQQ", 1, 0, 1, 8, dataset),
        dataset: header(message(0x01, space), message(0x03, kind), message(0x08, layout)),
        data: array.astype("<f4").tobytes(),
    }
    file = bytearray(max(places) + array.nbytes)
    for place, content in places.items():
        file[place:place + len(content)] = content
    return bytes(file)


def test_an_array_in_a_group_is_found_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "model.hdf5").write_bytes(hdf5_file())
    arrays = read_hdf5(tmp_path / "model.hdf5")
    assert list(arrays) == ["layer/kernel:0"]
    np.testing.assert_array_equal(arrays["layer/kernel:0"], ARRAY)


@pytest.mark.parametrize("content", [
    b"PK\3\4 something else", hdf5_file()[:0x300], hdf5_file(layout=b"\x03\x02" + 40 * b"\0"),
    b"\x89HDF\r\n\x1a\n" + b"\x02" + 100 * b"\0"])
def test_other_hdf5_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.hdf5").write_bytes(content)
    with pytest.raises(InputError, match=r"model\.hdf5"):
        read_hdf5(tmp_path / "model.hdf5")


# -- TensorFlow checkpoint ---------------------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A LevelDB block without trailer; keys share what they can with the one before."""
    body, before = b"", b""
    for key, value in entries:
        shared = next((i for i, (a, b) in enumerate(zip(key, before)) if a != b), min(len(key), len(before)))
        body += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return body + struct.pack("<II", 0, 1)


def write_checkpoint(prefix: Path, arrays: dict[str, np.ndarray]) -> None:
    entries, data = [(b"", b"\x08\x01")], b""
    for name, array in sorted(arrays.items()):
        body = array.astype("<f4").tobytes()
        shape = b"".join(b"\x12" + varint(len(d)) + d for d in (b"\x08" + varint(size) for size in array.shape))
        entry = (b"\x08\x01" + b"\x12" + varint(len(shape)) + shape + b"\x20" + varint(len(data))
                 + b"\x28" + varint(len(body)) + b"\x35" + struct.pack("<I", _masked_crc(body)))
        entries.append((name.encode(), entry))
        data += body
    table, handles = b"", []
    for content in (block(entries), block([])):
        handles.append(varint(len(table)) + varint(len(content)))
        table += content + b"\0" + struct.pack("<I", _masked_crc(content + b"\0"))
    index = block([(b"zzz", handles[0])])
    footer = handles[1] + varint(len(table)) + varint(len(index))
    table += index + b"\0" + struct.pack("<I", _masked_crc(index + b"\0"))
    prefix.with_name(prefix.name + ".index").write_bytes(
        table + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57))
    prefix.with_name(prefix.name + ".data-00000-of-00001").write_bytes(data)


def test_arrays_of_a_checkpoint(tmp_path: Path) -> None:
    arrays = {"Variables/matrix1": ARRAY, "Variables/matrix2": np.ones((130, 3), np.float32), "step": np.float32([7])}
    write_checkpoint(tmp_path / "chkpt", arrays)
    found = read_checkpoint(tmp_path / "chkpt")
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_the_checksum_is_that_of_the_standard() -> None:
    """CRC-32C of "123456789" is E3069283 (RFC 3720), stored rotated by 15 bits and offset."""
    crc = 0xE3069283
    assert _masked_crc(b"123456789") == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@pytest.mark.parametrize(("suffix", "place"), [(".index", 5), (".index", -3), (".data-00000-of-00001", 2)])
def test_a_flipped_bit_is_found(tmp_path: Path, suffix: str, place: int) -> None:
    write_checkpoint(tmp_path / "chkpt", {"matrix": ARRAY})
    path = tmp_path / f"chkpt{suffix}"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="chkpt"):
        read_checkpoint(tmp_path / "chkpt")


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "chkpt", {"matrix": ARRAY})
    (tmp_path / "chkpt.data-00000-of-00001").unlink()
    with pytest.raises(InputError, match="data-00000-of-00001"):
        read_checkpoint(tmp_path / "chkpt")
