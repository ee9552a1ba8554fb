"""Reader of .npz and .npy files: what their headers state is checked before memory is used, and nothing is unpickled.

A compressed file of a few kilobytes can hold gigabytes, and a header can state any shape. So the header of each array
is read alone, and no more is decompressed than it states.
"""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import MIB, check_size
from speech_gesture_ros.core.errors import InputError

MAX_ARRAYS_BYTES = 512 * MIB  # of all arrays that are read from a file
MAX_DIMENSIONS = 8
SINGLE = "array"  # name of the array in a .npy file

# What zipfile and NumPy raise on damaged files; headers are Python literals, which are tokenised.
_DAMAGE = (OSError, ValueError, EOFError, NotImplementedError, RuntimeError, MemoryError, SyntaxError,
           tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error)

Arrays = dict[str, npt.NDArray[Any]]


def read_arrays(path: Path, kind: str, names: Collection[str] | None = None,
                max_bytes: int = MAX_ARRAYS_BYTES) -> Arrays:
    """Read the arrays of a file.

    Args:
        path: The file.
        kind: Its kind in messages, such as "motion file".
        names: Arrays that are read; None for all. Others are not decompressed.
        max_bytes: Bound of the file, and of the arrays together [bytes].

    Returns:
        Arrays by name; `SINGLE` names that of a .npy file.

    Raises:
        InputError: If the file is missing, damaged, too large, or has Python objects in it.
    """
    check_size(path, max_bytes, kind)
    try:
        if zipfile.is_zipfile(path):
            return _read_archive(path, names, max_bytes)
        with path.open("rb") as file:
            return {SINGLE: _read_array(file, SINGLE, max_bytes)}
    except _DAMAGE as error:
        raise InputError(kind, str(path), "an intact .npz or .npy file of plain arrays", str(error)) from None


def array_names(path: Path, kind: str) -> tuple[str, ...]:
    """Return the names of the arrays in a .npz file, without reading them.

    Raises:
        InputError: If it is missing or no .npz file.
    """
    check_size(path, MAX_ARRAYS_BYTES, kind)
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy"))
    except _DAMAGE as error:
        raise InputError(kind, str(path), "an intact .npz file", str(error)) from None


def _read_archive(path: Path, names: Collection[str] | None, max_bytes: int) -> Arrays:
    arrays: Arrays = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if name == info.filename or (names is not None and name not in names):
                continue
            with archive.open(info) as file:
                arrays[name] = _read_array(file, name, max_bytes - sum(array.nbytes for array in arrays.values()))
    return arrays


def _read_array(file: BinaryIO | Any, name: str, max_bytes: int) -> npt.NDArray[Any]:
    """Read one array; no more than its header states and no more than `max_bytes`."""
    version = np.lib.format.read_magic(file)
    headers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    read_header = headers.get(version)
    if read_header is None:
        raise ValueError(f"{name[:40]!r} has the format version {version}; save it with ASCII names")
    shape, is_fortran, dtype = read_header(file)
    if dtype.hasobject:
        raise ValueError(f"{name[:40]!r} holds Python objects, which are not read; save plain arrays")
    if len(shape) > MAX_DIMENSIONS or any(size < 0 for size in shape):
        raise ValueError(f"{name[:40]!r} has {len(shape)} dimensions, or a negative size")
    stated = math.prod(shape) * max(1, dtype.itemsize)
    if stated > max_bytes:
        raise ValueError(f"{name[:40]!r} states {stated / MIB:.3g} MiB; at most {max_bytes / MIB:.3g} MiB are read")
    data = file.read(math.prod(shape) * dtype.itemsize)
    if len(data) != math.prod(shape) * dtype.itemsize or file.read(1):  # the last read checks the archive's checksum
        raise ValueError(f"{name[:40]!r} has another length than its header states")
    values = np.frombuffer(data, dtype) if data else np.zeros(math.prod(shape), dtype)
    return np.array(values.reshape(shape, order="F" if is_fortran else "C"))
