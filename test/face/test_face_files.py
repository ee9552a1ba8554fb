"""Files of a face are read as they were written; timed phones are read from lines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPES, VISEMES
from speech_gesture_ros.face.animation import face_animation
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.face_files import read_phones, write_face

SHAPES = np.random.default_rng(0).random((6, 52)).astype(np.float32)
VISEME_SHARES = np.random.default_rng(1).random((6, 15)).astype(np.float32)
FACE = face_animation(SHAPES, VISEME_SHARES)


def test_every_kind_of_file_has_the_same_values(tmp_path: Path) -> None:
    for suffix in ("csv", "json", "npz"):
        write_face(tmp_path / f"face.{suffix}", FACE)
    table = np.genfromtxt(tmp_path / "face.csv", delimiter=",", names=True)
    content = json.loads((tmp_path / "face.json").read_text())
    arrays = np.load(tmp_path / "face.npz")
    assert table.dtype.names == ("time_s", *BLENDSHAPES, *(f"viseme_{name}" for name in VISEMES))
    np.testing.assert_allclose(table["time_s"], np.arange(6) / 50, atol=1e-4)
    np.testing.assert_allclose(table["jawOpen"], SHAPES[:, BLENDSHAPES.index("jawOpen")], atol=1e-4)
    np.testing.assert_allclose(content["blendshapes"], SHAPES, atol=1e-4)
    np.testing.assert_allclose(content["visemes"], VISEME_SHARES, atol=1e-4)
    np.testing.assert_array_equal(arrays["blendshapes"], SHAPES)
    assert tuple(arrays["blendshape_names"]) == BLENDSHAPES


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.json, \.npz"):
        write_face(tmp_path / "face.txt", FACE)


def test_timed_phones_are_read_with_or_without_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "phones.csv"
    for heading in ("", "name,start_s,end_s\n"):
        path.write_text(f"{heading}m,0.1,0.2\n\naa, 0.2, 0.4\n")
        assert read_phones(path) == [TimedPhone("m", 0.1, 0.2), TimedPhone("aa", 0.2, 0.4)]


@pytest.mark.parametrize(("text", "message"), [
    ("m,0.1\n", "line 1"), ("m,0.1,x\n", "line 1"), ("m,0.1,0.2\nzz,0.2,0.3\n", "phone 1"), ("m,0.3,0.2\n", "phone 0"),
])
def test_lines_that_are_no_phones_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "phones.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_phones(path)
