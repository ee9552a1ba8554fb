import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core import bounded_arrays
from speech_gesture_ros.core.bounded_arrays import SINGLE, read_arrays
from speech_gesture_ros.core.errors import InputError


def header(shape: str, dtype: str = "<f4") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    padded = text + b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saves_is_read_back(tmp_path: Path, save) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "f": np.asfortranarray(np.arange(6).reshape(2, 3)),
              "name": np.array("Ä person"), "names": np.array(["x", "yy"]), "empty": np.zeros((0, 3)),
              "nothing": np.array(""), "rate": np.float64(25), "flag": np.array([True])}
    save(tmp_path / "x.npz", **arrays)
    found = read_arrays(tmp_path / "x.npz", "file")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == np.asarray(array).dtype


def test_a_single_array_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(5))
    np.testing.assert_array_equal(read_arrays(tmp_path / "x.npy", "file")[SINGLE], np.arange(5))


def test_only_the_named_arrays_are_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.npz", wanted=header("(2,)") + bytes(8), other=b"damaged")
    assert read_arrays(path, "file", ["wanted"]).keys() == {"wanted"}


@pytest.mark.parametrize(("members", "reason"), [
    ({"a": header("(10**12,)".replace("10**12", "1000000000000")) + bytes(8)}, "states .* MiB; at most 512 MiB"),
    ({"a": header("(1000000, 1000000, 1000000)") + bytes(8)}, "states"),
    ({"a": header("(1000000000000,)", "<U0")}, "states"),
    ({"a": header("(100000000,)", "<f4"), "b": header("(100000000,)")}, "another length"),
    ({"a": header("(-5,)") + bytes(8)}, "negative size"),
    ({"a": header(str((1,) * 60)) + bytes(4)}, "60 dimensions"),
    ({"a": header("(2,)", "|O") + bytes(16)}, "Python objects"),
    ({"a": header("(2,)") + bytes(80)}, "another length"),
    ({"a": header("(2,)") + bytes(4)}, "another length"),
    ({"a": b"\x93NUMPY\x01\x00\xff\xff" + bytes(70_000)}, "intact"),
    ({"a": b"\x93NUMPY\x09\x00"}, "intact"),
    ({"a": b"text"}, "intact"),
    ({"a": header("(2,)").replace(b"shape", b"\x00hape")}, "intact"),
    ({"a": header("(2,").replace(b", }", b"   ")}, "intact"),
    ({"a": header("(" * 3000 + ")" * 3000)}, "intact"),
])
def test_hostile_headers_are_refused_before_memory_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                           members: dict[str, bytes], reason: str) -> None:
    path = archive(tmp_path / "x.npz", **members)
    monkeypatch.setattr(bounded_arrays.np, "zeros", None)
    with pytest.raises(InputError, match=reason):
        read_arrays(path, "motion file")


def test_no_more_is_decompressed_than_a_header_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "x.npz", a=header("(4,)") + bytes(50_000_000))
    assert path.stat().st_size < 60_000
    read, sizes = zipfile.ZipExtFile.read, []

    def counted(file, count=-1):
        data = read(file, count)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    with pytest.raises(InputError, match="another length"):
        read_arrays(path, "motion file")
    assert sum(sizes) < 1000


def test_the_bound_is_that_of_all_arrays_together(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros(600), b=np.zeros(600))
    assert len(read_arrays(tmp_path / "x.npz", "file", max_bytes=10_000)) == 2
    with pytest.raises(InputError, match="'b' states"):
        read_arrays(tmp_path / "x.npz", "file", max_bytes=9_000)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    file = io.BytesIO()
    (np.savez_compressed if seed % 2 else np.savez)(file, a=np.arange(50.0), names=np.array(["x", "y"]))
    data, rng = bytearray(file.getvalue()), np.random.default_rng(seed)
    for place in rng.integers(0, len(data), 4):
        data[place] = rng.integers(256)
    (tmp_path / "x.npz").write_bytes(data[:rng.integers(len(data))] if seed % 3 == 0 else data)
    try:
        read_arrays(tmp_path / "x.npz", "motion file")
    except InputError as refused:
        message = str(refused)
    else:
        message = "motion file"
    assert message.startswith("motion file")


def test_a_missing_file_a_folder_and_a_sparse_one_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(InputError, match="must be an existing file"):
            read_arrays(path, "motion file")
    with (tmp_path / "x.npz").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(InputError, match="must be at most 512 MiB"):
        read_arrays(tmp_path / "x.npz", "motion file")
