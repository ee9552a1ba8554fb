"""A file is complete or not there."""

from __future__ import annotations

import errno
import os
import pickle
from pathlib import Path

import pytest

from speech_gesture_ros.core.atomic_files import atomic_write, write_text
from speech_gesture_ros.core.errors import OutputError
from speech_gesture_ros.core.outputs import locked_folder


def test_content_appears_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.bin"
    with atomic_write(path) as file:
        file.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_the_old_content_and_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with atomic_write(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_the_mode_of_the_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "file.txt"
    write_text(target, "old")
    target.chmod(0o640)
    link = tmp_path / "link.txt"
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_two_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    with atomic_write(path) as first, atomic_write(path) as second:
        first.write(b"a" * 10**6)
        second.write(b"b" * 10**6)
    assert set(path.read_bytes()) == {ord("a")}
    assert path.stat().st_size == 10**6
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reads = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "text")
    assert os.read(reads, 10) == b"text"
    os.close(reads)
    assert pipe.is_fifo()


@pytest.mark.parametrize(("number", "remedy"), [
    (errno.ENOSPC, "Free space"), (errno.EFBIG, "ulimit -f"), (errno.EROFS, "Choose another path"),
    (errno.EIO, "Choose another path"),
])
def test_an_error_of_the_file_system_names_the_output_and_a_remedy(tmp_path: Path, number: int, remedy: str) -> None:
    path = tmp_path / "new" / "file.bin"

    def failing() -> None:
        with atomic_write(path):
            raise OSError(number, os.strerror(number))

    with pytest.raises(OutputError, match=f"output .*file.bin.* cannot be written: {os.strerror(number)}.*{remedy}"):
        failing()
    assert list(path.parent.iterdir()) == []


def test_an_error_about_another_file_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"), atomic_write(tmp_path / "file.bin"):
        (tmp_path / "missing").read_bytes()


def test_an_output_error_is_sent_between_processes() -> None:
    error = pickle.loads(pickle.dumps(OutputError("a.npz", "No space left on device", "Free space.")))
    assert str(error) == "output 'a.npz' cannot be written: No space left on device. Free space."


def test_a_locked_folder_is_free_after_its_run(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with locked_folder(folder), pytest.raises(OutputError, match="another run writes into it"), locked_folder(folder):
        pass
    with locked_folder(folder):
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("is_written", [False, True])
def test_a_new_folder_is_removed_after_an_error_if_it_is_empty(tmp_path: Path, is_written: bool) -> None:
    def failing() -> None:
        with locked_folder(tmp_path / "out") as folder:
            if is_written:
                write_text(folder / "part.txt", "")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert (tmp_path / "out").exists() == is_written
