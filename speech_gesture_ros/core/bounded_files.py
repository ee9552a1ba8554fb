"""Reading of text and binary files whose size is checked first."""

from __future__ import annotations

import hashlib
from pathlib import Path

from speech_gesture_ros.core.errors import InputError

MIB = 2**20


def check_size(path: Path, max_bytes: int, kind: str) -> None:
    """Check that a file exists and is not larger than a bound.

    Raises:
        InputError: If it does not, is no file, or is larger.
    """
    if not path.is_file():
        raise InputError(kind, str(path), "an existing file", "Check the path.")
    size = path.stat().st_size
    if size > max_bytes:
        raise InputError(f"size of {path}", f"{size / MIB:.1f} MiB", f"at most {max_bytes / MIB:g} MiB",
                         f"It is no {kind}, or cut it into parts.")


def read_bounded(path: Path, max_bytes: int, kind: str) -> bytes:
    """Read a file that has at most `max_bytes`.

    Args:
        path: The file.
        max_bytes: Bound of its size [bytes].
        kind: Its kind in messages, such as "BVH file".

    Raises:
        InputError: If it is missing, cannot be read, or is larger.
    """
    check_size(path, max_bytes, kind)
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)  # files of /proc and growing files have other sizes than stated
    except OSError as error:
        raise InputError(kind, str(path), "a readable file", str(error)) from None
    if len(data) > max_bytes:
        raise InputError(f"size of {path}", "growing", f"at most {max_bytes / MIB:g} MiB", f"It is no {kind}.")
    return data


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in parts."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MIB):
            digest.update(block)
    return digest.hexdigest()
