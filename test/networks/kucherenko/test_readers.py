"""Readers of the published files: HDF5 of Keras, and TensorFlow checkpoints, written here after their specification."""

from __future__ import annotations

import re
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.networks.kucherenko import keras_weights
from speech_gesture_ros.networks.kucherenko.keras_weights import read_keras_weights
from speech_gesture_ros.networks.kucherenko.tf_checkpoint import _masked_crc, read_checkpoint

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5


# -- HDF5 --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def keras_file(tmp_path: Path) -> Path:
    """/layer/kernel:0 and arrays of other types."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "model.hdf5", "w", libver="earliest") as file:
        file["layer/kernel:0"] = ARRAY
        file["layer/steps"] = np.arange(3)
        file["names"] = np.array([b"kernel"])
    return tmp_path / "model.hdf5"


def test_an_array_in_a_group_is_found_by_its_path(keras_file: Path) -> None:
    arrays = read_keras_weights(keras_file)
    assert list(arrays) == ["layer/kernel:0"]
    np.testing.assert_array_equal(arrays["layer/kernel:0"], ARRAY)
    assert arrays["layer/kernel:0"].dtype == np.float32


@pytest.mark.parametrize("keep", [0, 100, 1000])
def test_a_truncated_file_is_refused_by_name(keras_file: Path, keep: int) -> None:
    keras_file.write_bytes(keras_file.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"model\.hdf5"):
        read_keras_weights(keras_file)


def test_another_kind_of_file_is_refused_by_name(keras_file: Path) -> None:
    keras_file.write_bytes(b"PK\3\4 something else")
    with pytest.raises(InputError, match=r"model\.hdf5"):
        read_keras_weights(keras_file)


def test_without_h5py_the_remedy_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingDependencyError, match=r"needs h5py, which is not installed\. Run: pip install h5py"):
        read_keras_weights(tmp_path / "model.hdf5")


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


def test_a_number_without_end_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "chkpt", {"matrix": ARRAY})
    index = tmp_path / "chkpt.index"
    content = bytearray(index.read_bytes())
    content[-48:-8] = b"\xff" * 40
    index.write_bytes(bytes(content))
    with pytest.raises(InputError, match="a number is longer than 64 bits"):
        read_checkpoint(tmp_path / "chkpt")


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_a_sparse_checkpoint_is_refused_by_its_size(tmp_path: Path, suffix: str) -> None:
    write_checkpoint(tmp_path / "chkpt", {"matrix": ARRAY})
    with (tmp_path / f"chkpt{suffix}").open("ab") as file:
        file.truncate(2**40)
    with pytest.raises(InputError, match=r"size of .*chkpt.* is '1048576\.0 MiB'"):
        read_checkpoint(tmp_path / "chkpt")


# -- hostile HDF5 ------------------------------------------------------------------------------------------------------


def trees(data: bytes, level: int) -> list[int]:
    """Places of the group B-tree nodes of a level in a file (HDF5 specification, III.A.1)."""
    places = [match.start() for match in re.finditer(b"TREE", data)]
    return [at for at in places if (data[at + 4], data[at + 5]) == (0, level)]


@pytest.fixture
def many_arrays(tmp_path: Path) -> Path:
    """A file whose group has a B-tree of two levels."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "many.hdf5", "w", libver="earliest") as file:
        for i in range(400):
            file[f"layer/array_{i:03}"] = ARRAY
    return tmp_path / "many.hdf5"


def test_all_arrays_of_a_large_group_are_read(many_arrays: Path) -> None:
    assert len(read_keras_weights(many_arrays)) == 400


@pytest.mark.slow
@pytest.mark.parametrize("place", ["child", "sibling"])
def test_a_tree_that_points_back_to_itself_ends_with_its_reason(many_arrays: Path, monkeypatch: pytest.MonkeyPatch,
                                                                place: str) -> None:
    """The HDF5 library loops or crashes on it; the bound is on processor time, not on the clock."""
    monkeypatch.setattr(keras_weights, "MAX_PROCESSOR_S", 3)
    data = bytearray(many_arrays.read_bytes())
    [root] = trees(data, level=1)
    for at in [root + 32 + 16 * i for i in range(data[root + 6])] if place == "child" else [root + 8, root + 16]:
        data[at:at + 8] = root.to_bytes(8, "little")
    if place == "sibling":
        for leaf in trees(data, level=0):
            data[leaf + 8:leaf + 24] = 2 * leaf.to_bytes(8, "little")
    many_arrays.write_bytes(data)
    with pytest.raises(InputError, match=r"many\.hdf5 is 'reading it (does not end|ended with SIG)"):
        read_keras_weights(many_arrays)


def test_a_group_that_contains_itself_is_entered_once(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "loop.hdf5", "w") as file:
        group = file.create_group("a/b")
        group["up"], group["root"], file["a/kernel"] = file["a"], file["/"], ARRAY
        file["a/soft"], file["a/outside"] = h5py.SoftLink("/a"), h5py.ExternalLink("other.hdf5", "/")
    assert list(read_keras_weights(tmp_path / "loop.hdf5")) == ["a/kernel"]


def test_an_array_of_terabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "huge.hdf5", "w") as file:
        file.create_dataset("kernel", shape=(10**12,), dtype="f4", chunks=(10**6,))
    with pytest.raises(InputError, match="'kernel' exceeds 256 MiB"):
        read_keras_weights(tmp_path / "huge.hdf5")
