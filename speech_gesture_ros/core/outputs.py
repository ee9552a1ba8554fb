"""Paths that a user gives for results: checked before any work, locked while a run writes, errors in one line."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from speech_gesture_ros.core.errors import OutputError

_REMEDIES = {
    errno.ENOSPC: "Free space, or choose another path.", errno.EDQUOT: "Free space, or choose another path.",
    errno.EFBIG: "Raise the limit of file sizes (ulimit -f), or choose another path.",
    errno.ENAMETOOLONG: "Choose a shorter name.", errno.EISDIR: "Give the path of a file.",
    errno.ENOTDIR: "Choose a path whose folders are folders.", errno.EEXIST: "Choose the path of a folder.",
    errno.EACCES: "Change its permissions, or choose another path.",
    errno.EPERM: "Change its permissions, or choose another path.", errno.EROFS: "Choose another path.",
}
_STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")


@contextmanager
def output_errors(path: Path, temporary: Path | None = None, *, any_file: bool = False) -> Iterator[None]:
    """Turn an `OSError` of the block into an `OutputError`, unless it names another file.

    Args:
        path: Output that the user gave.
        temporary: File that is written instead.
        any_file: The files that it names are parts of the path, too.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        named = {str(path), str(temporary), os.path.realpath(path), str(Path(os.path.realpath(path)).parent)}
        if error.filename is not None and not any_file and str(error.filename) not in named:
            raise
        raise _failed(path, error.errno or 0, error.strerror or str(error)) from error


def is_device(path: Path) -> bool:
    """Return whether a path is a device or a pipe, which is written directly and never replaced."""
    return path.exists() and not path.is_dir() and (not path.is_file() or str(path.absolute()).startswith(_STREAMS))


def check_output_file(path: Path) -> None:
    """Check that a file can be written, as far as that is visible before it is written.

    Raises:
        OutputError: If the path is a folder, is below a file, or has no write permission.
    """
    with output_errors(path, any_file=True):
        if is_device(path):
            return
        if path.is_dir():
            raise _failed(path, errno.EISDIR, "it is a folder")
        if path.exists() and not os.access(path, os.W_OK):
            raise _failed(path, errno.EACCES, f"no permission to write into {path}")
        _check_parents(path, Path(os.path.realpath(path)).parent)


def check_output_folder(path: Path) -> None:
    """Check that a folder exists or can be made, and can be written.

    Raises:
        OutputError: If the path is a file, is below a file, or has no write permission.
    """
    with output_errors(path, any_file=True):
        if path.exists() and not path.is_dir():
            raise _failed(path, errno.EEXIST, "it is a file, not a folder")
        _check_parents(path, Path(os.path.realpath(path)))


@contextmanager
def locked_folder(path: Path) -> Iterator[Path]:
    """Make a folder and lock it until the block ends, so that a second run does not write into it at the same time.

    The lock ends with the process, however it ends. File systems without locks are used without it. A new folder that
    is empty after an error is removed.

    Raises:
        OutputError: If the folder cannot be made, or another process has locked it.
    """
    check_output_folder(path)
    is_new = not path.exists()
    with output_errors(path, any_file=True):
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(path, "another run writes into it", "Wait for its end, or choose another folder."
                              ) from None
        except OSError:  # a network file system without locks
            pass
        yield path
    except BaseException:
        if is_new:
            with suppress(OSError):  # not empty
                path.rmdir()
        raise
    finally:
        os.close(descriptor)


def _check_parents(path: Path, folder: Path) -> None:
    """Check the first part of a folder's path that exists."""
    existing = next(part for part in (folder, *folder.parents) if part.exists())
    if not existing.is_dir():
        raise _failed(path, errno.ENOTDIR, f"{existing} is a file, not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise _failed(path, errno.EACCES, f"no permission to write into {existing}")


def _failed(path: Path, number: int, reason: str) -> OutputError:
    return OutputError(path, reason, _REMEDIES.get(number, "Choose another path."))
