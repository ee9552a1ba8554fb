"""Files that are written completely or not at all: beside the old file, which is replaced at the end.

An interrupted process, a full disk or a second process leaves no half of a file.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from speech_gesture_ros.core.outputs import check_output_file, is_device, output_errors

TEMPORARY_PREFIX = ".part-"


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path with the same suffix, whose file replaces `path` when the block ends without an error.

    Folders that are missing are made. After an error the temporary file is deleted and `path` is as it was. A symbolic
    link stays one; a device or a pipe is written directly.

    Raises:
        OutputError: If the file cannot be written.
    """
    if is_device(path):
        with output_errors(path):
            yield path
        return
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(4)}{target.suffix}")
    check_output_file(path)
    try:
        with output_errors(path, temporary):
            target.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file, which replaces `path` when the block ends without an error; see `replaced_file`."""
    with replaced_file(path) as temporary, temporary.open("wb") as file:
        yield file


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8; see `replaced_file`."""
    with atomic_write(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))  # file names may have bytes that are no text
