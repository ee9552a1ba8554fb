"""`speech-gesture avatar fit`: table, file, ranking and refusals; `avatar build` takes the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

soundfile = pytest.importorskip("soundfile", reason="needs pip install '.[agent]'")
from tube_voice import tube_voice

from speech_gesture_ros.cli.avatar import _settings
from speech_gesture_ros.cli.main import main


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    soundfile.write(path, tube_voice(f0_hz=110.0, tract_cm=17.4), 16_000)
    return path


def test_the_face_is_written_explained_and_taken_by_build(speech: Path, tmp_path: Path,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "fit.json"
    assert main(["avatar", "fit", str(speech), "--out", str(out), "--set", "mouth=0.25"]) == 0
    text = capsys.readouterr().out
    content = json.loads(out.read_text())
    assert content["axes"]["mouth"] == 0.25
    assert content["axes"]["head_length"] == pytest.approx(0.5, abs=0.25)
    assert content["axes"]["neck"] == pytest.approx(0.66, abs=0.05)
    for line in (f"neck           {content['axes']['neck']:+.3f}  -pitch", "mouth          +0.250  set",
                 "log2(f0_hz / 155) / 0.75"):
        assert line in text
    assert _settings([str(out)]).identity == content["identity"]
    assert _settings([str(out), "chin/chin-width=0.1"]).identity["chin/chin-width"] == 0.1


def test_two_calls_give_the_same_file(speech: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("a.json", "b.json")]
    for out in outs:
        assert main(["avatar", "fit", str(speech), str(speech), "--out", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_faces_of_a_folder_are_ranked(speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "faces"
    for name, options in (("like", []), ("other", ["--set", "neck=-1", "jaw=-1", "head_length=-1"])):
        assert main(["avatar", "fit", str(speech), "--out", str(folder / f"{name}.json"), *options]) == 0
    capsys.readouterr()
    assert main(["avatar", "fit", str(speech), "--rank", str(folder)]) == 0
    ranked = capsys.readouterr().out.splitlines()[-2:]
    assert ranked[0] == "0.000  like"
    assert ranked[1].endswith("  other")


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "recordings is 0"), (["none.wav"], "none.wav"), (["{speech}", "--set", "jaw"], "AXIS=VALUE"),
    (["{speech}", "--set", "nose=1"], "axis of the face"), (["{speech}", "--set", "jaw=2"], "-1 to 1"),
    (["{speech}", "--rank", "nowhere"], "faces in"),
])
def test_wrong_arguments_are_refused_in_one_line(arguments: list[str], message: str, speech: Path,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatar", "fit", *(a.format(speech=speech) for a in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
