"""Files of a face give the frames that were written, Live Link and foreign tables are read, damaged files refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from spoken_face import smallest_gaps, spoken_face

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.animation import face_animation
from speech_gesture_ros.face.face_files import write_face
from speech_gesture_ros.face.face_readers import read_face
from speech_gesture_ros.face.head_motion import with_head

FACE = with_head(spoken_face(), (10.0, -4.0, 2.0))


@pytest.mark.parametrize(("ending", "tolerance"), [("csv", 5e-5), ("json", 5e-5), ("npz", 0.0)])
def test_a_file_gives_the_frames_that_were_written(ending: str, tolerance: float, tmp_path: Path) -> None:
    write_face(tmp_path / f"face.{ending}", FACE)
    read = read_face(tmp_path / f"face.{ending}")
    for name in ("shapes", "visemes", "head"):
        np.testing.assert_allclose(getattr(read, name), getattr(FACE, name), atol=tolerance + 1e-9)


def test_writing_what_was_read_gives_the_same_file(tmp_path: Path) -> None:
    for ending in ("csv", "json"):
        first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
        write_face(first, FACE)
        write_face(second, read_face(first))
        assert first.read_bytes() == second.read_bytes()


def test_live_link_has_60_frames_a_second_and_keeps_values_head_and_closures(tmp_path: Path) -> None:
    path = tmp_path / "take.livelink.csv"
    write_face(path, FACE)
    heading, *lines = path.read_text().splitlines()
    names = heading.split(",")
    assert names[:3] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft"]
    assert len(names) == 63
    assert all(len(line.split(",")) == 63 for line in lines)
    assert lines[61].startswith("00:00:01:01.000,61,")
    assert abs(len(lines) - 180) <= 1
    column = names.index("JawOpen")
    np.testing.assert_allclose([float(line.split(",")[column]) for line in lines[::6]],
                               FACE.shapes[::5, BLENDSHAPE_INDEX["jawOpen"]][:len(lines[::6])], atol=6e-5)
    back = read_face(path)
    np.testing.assert_allclose(back.head, FACE.head[:len(back)], atol=6e-5)
    assert max(smallest_gaps(back)) < 0.01
    assert np.abs(back.shapes - FACE.shapes[:len(back)]).mean() < 0.01


def test_a_foreign_table_is_read_by_its_names_at_its_rate(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text("time,Other,JawOpen\n" + "".join(f"{k / 30},9,{k / 60}\n" for k in range(31)))
    face = read_face(path)
    assert len(face) == 51
    np.testing.assert_allclose(face.shapes[:, BLENDSHAPE_INDEX["jawOpen"]], np.arange(51) / 100, atol=1e-6)


def test_json_of_another_rate_is_brought_to_50_frames_a_second(tmp_path: Path) -> None:
    path = tmp_path / "face.json"
    path.write_text(json.dumps({"rate_hz": 25, "blendshape_names": ["jawOpen"], "blendshapes": [[0.2], [0.4], [0.6]]}))
    jaw = read_face(path).shapes[:, BLENDSHAPE_INDEX["jawOpen"]]
    np.testing.assert_allclose(jaw, [0.2, 0.3, 0.4, 0.5, 0.6], atol=1e-6)


@pytest.mark.parametrize(("name", "text", "message"), [
    ("a.txt", "", "endings"), ("a.csv", "", "column names"), ("a.csv", "time_s,jawOpen\n", "column names"),
    ("a.csv", "jawOpen,x\n1,2\n", "column names"), ("a.csv", "time_s,jawOpen\n0,x\n", "numbers"),
    ("a.csv", "time_s,jawOpen\n0\n", "numbers"), ("a.csv", "time_s,jawOpen\n0,1\n0,1\n", "increasing"),
    ("a.csv", "time_s,jawOpen\n0,nan\n", "frame 0"), ("a.csv", "time_s,foo\n0,1\n", "names"),
    ("a.csv", "time_s,jawOpen\n0,1\n1e9,1\n", "duration"),
    ("a.csv", "Timecode,JawOpen\nx,1\n", "time code"), ("a.csv", "Timecode,JawOpen\n0:00:00:75,1\n", "--rate"),
    ("a.json", "[", "JSON"), ("a.json", "[]", "object"), ("a.json", '{"rate_hz": 50}', "frames"),
    ("a.json", '{"rate_hz": 0, "blendshape_names": ["jawOpen"], "blendshapes": [[0]]}', "rate_hz"),
    ("a.json", '{"rate_hz": 50, "blendshape_names": ["jawOpen"], "blendshapes": [[0, 1]]}', "shape"),
    ("a.json", '{"rate_hz": 50, "blendshape_names": ["jawOpen"], "blendshapes": [["x"]]}', "face animation"),
    ("a.npz", "nothing", "intact"),
])
def test_damaged_files_are_refused(name: str, text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        read_face(path)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="existing"):
        read_face(tmp_path / "none.csv")


def test_a_face_without_visemes_or_head_has_zeros() -> None:
    face = face_animation(np.zeros((3, 52)))
    assert face.visemes.shape == (3, 15)
    assert not face.head.any()
