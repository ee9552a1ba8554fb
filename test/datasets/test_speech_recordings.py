"""Manifest of recorded speech: complete rows, and files inside its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.speech_recordings import list_recordings

HEADER = "path,source,licence,speaker,language,seconds\n"


def manifest(data: Path, rows: str, header: str = HEADER) -> Path:
    folder = data / "speech" / "hours"
    folder.mkdir(parents=True)
    (folder / "manifest.csv").write_text(header + rows)
    return folder


def test_rows_are_read_in_their_order(tmp_path: Path) -> None:
    folder = manifest(tmp_path, "a/one.opus,set,CC0,anna,en-US,12.5\ntwo.wav,set,CC0,ben,de,3\n")
    found = list_recordings(tmp_path)
    assert [(r.name, r.path, r.speaker, r.seconds) for r in found] == [
        ("a__one", folder / "a" / "one.opus", "anna", 12.5), ("two", folder / "two.wav", "ben", 3.0)]


@pytest.mark.parametrize("path", ["../../secret.wav", "/etc/passwd", "a/../../b.wav"])
def test_a_file_outside_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    manifest(tmp_path, f"{path},set,CC0,anna,en,1\n")
    with pytest.raises(InputError, match="is outside the folder"):
        list_recordings(tmp_path)


@pytest.mark.parametrize(("header", "row"), [(HEADER, "a.wav,set,CC0,anna,en,long\n"), ("path,seconds\n", "a.wav,1\n")])
def test_incomplete_rows_are_named(tmp_path: Path, header: str, row: str) -> None:
    manifest(tmp_path, row, header)
    with pytest.raises(InputError, match=r"row of .*manifest.csv"):
        list_recordings(tmp_path)


def test_a_missing_manifest_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Set SPEECH_GESTURE_DATA"):
        list_recordings(tmp_path)
