"""`speech-gesture face edit`, `blend` and `preview` of files: they read what the others write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from spoken_face import smallest_gaps, spoken_face

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.face_files import write_face
from speech_gesture_ros.face.face_readers import read_face

FACE = spoken_face()
JAW, BLINK = BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["eyeBlinkLeft"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_face(tmp_path / "face.npz", FACE)
    return tmp_path / "face.npz"


def test_edit_makes_all_changes_in_one_call(source: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("out.csv", "out.json", "out.npz", "out.livelink.csv")]
    assert main(["face", "edit", str(source), *map(str, outs), "--stretch", "1.5", "--jaw", "0.8", "--lips", "1.2",
                 "--speed", "0.8", "--smooth", "10", "--mirror", "--no-blinks", "--blinks", "3", "--blink-duration",
                 "0.3", "--head", "10", "-5", "0", "--nod", "6", "1.5"]) == 0
    for out in outs:
        face = read_face(out)
        assert abs(face.duration_s - 4.5) < 0.05
        assert max(smallest_gaps(face, stretch=1.5)) < 0.01
        assert (np.diff((face.shapes[:, BLINK] > 0.5).astype(int)) == 1).sum() == 3
        assert np.degrees(face.head[:, 0]).mean() == pytest.approx(10.0, abs=0.1)
        assert np.ptp(np.degrees(face.head[:, 1])) == pytest.approx(12.0, abs=0.3)


def test_edit_without_a_change_copies(source: Path, tmp_path: Path) -> None:
    assert main(["face", "edit", str(source), str(tmp_path / "out.npz")]) == 0
    np.testing.assert_array_equal(read_face(tmp_path / "out.npz").shapes, FACE.shapes)


@pytest.mark.parametrize(("options", "number"), [(["--blink-rate", "60"], 3), (["--blink-at", "0.5", "2"], 2)])
def test_blinks_are_added_by_rate_or_times(options: list[str], number: int, source: Path, tmp_path: Path) -> None:
    assert main(["face", "edit", str(source), "--out", str(tmp_path / "out.npz"), "--no-blinks", *options]) == 0
    shut = read_face(tmp_path / "out.npz").shapes[:, BLINK] > 0.5
    assert (np.diff(shut.astype(int)) == 1).sum() == number


def test_blend_mixes_by_weight(source: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.npz"
    assert main(["face", "edit", str(source), str(half), "--jaw", "0.5"]) == 0
    assert main(["face", "blend", f"{source}=1", f"{half}=3", "--out", str(tmp_path / "out.npz")]) == 0
    mixed = read_face(tmp_path / "out.npz").shapes[:, JAW]
    np.testing.assert_allclose(mixed, 0.625 * FACE.shapes[:, JAW], atol=1e-5)


def test_retarget_writes_the_channels_of_a_rig(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "jaw.csv"
    assert main(["face", "retarget", str(source), str(out), "--rig", "jaw"]) == 0
    table = np.genfromtxt(out, delimiter=",", names=True)
    opened = FACE.shapes[:, JAW] - FACE.shapes[:, BLENDSHAPE_INDEX["mouthClose"]]
    np.testing.assert_allclose(table["jaw"], np.clip(opened, 0, 1), atol=1e-4)


def test_export_writes_other_formats_and_an_animated_mesh(source: Path, tmp_path: Path) -> None:
    from mesh_face_files import write_small_glb

    from speech_gesture_ros.avatar.glb import read_glb

    mesh = write_small_glb(tmp_path / "mesh.glb")
    outs = [tmp_path / name for name in ("out.csv", "out.livelink.csv", "out.gltf", "out.glb", "out.furhat.json")]
    assert main(["face", "export", str(source), *map(str, outs), "--mesh", str(mesh)]) == 0
    np.testing.assert_allclose(read_face(outs[0]).shapes, FACE.shapes, atol=1e-4)
    gesture = json.loads(outs[4].read_text())
    assert gesture["frames"][-1]["time"] == [3.0]
    document, _ = read_glb(outs[3])
    assert [channel["target"] for channel in document["animations"][0]["channels"]] == [{"node": 1, "path": "weights"}]


@pytest.mark.parametrize("mesh", [False, True])
def test_preview_draws_a_file(mesh: bool, source: Path, tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="needs pip install '.[sim]'")
    from mesh_face_files import write_small_glb
    from PIL import Image

    options = ["--mesh", str(write_small_glb(tmp_path / "mesh.glb"))] if mesh else []
    assert main(["face", "preview", str(source), str(tmp_path / "out.png"), *options]) == 0
    assert Image.open(tmp_path / "out.png").size == (2000, 800)


@pytest.mark.parametrize(("arguments", "message"), [
    (["edit", "{face}", "out.wav"], "endings"), (["edit", "none.csv", "out.csv"], "existing"),
    (["edit", "{face}", "out.csv", "--blinks", "500"], "number of blinks"),
    (["edit", "{face}", "out.csv", "--blink-at", "9"], "time of a blink"),
    (["edit", "{face}", "out.csv", "--nod", "5", "9"], "frequency"),
    (["blend", "{face}=x", "--out", "out.csv"], "a number after"),
    (["blend", "{face}=-1", "--out", "out.csv"], "weights"),
    (["blend", "{face}", "{face}", "--out", "out.csv"], "named once"),
    (["export", "{face}", "out.csv", "--mesh", "x.glb"], ".glb or .gltf"),
    (["export", "{face}", "out.glb", "--mesh", "x.glb"], "existing"),
    (["preview", "{face}", "out.png", "--mesh", "x.glb"], "existing"),
    (["preview", "{face}", "out.png", "--sound", "none.wav"], "none.wav"),
])
def test_wrong_arguments_are_refused_in_one_line(arguments: list[str], message: str, source: Path, tmp_path: Path,
                                                 capsys: pytest.CaptureFixture[str],
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["face", *(a.format(face=source) for a in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["face.npz"]
