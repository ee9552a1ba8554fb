"""speech-gesture data: prepare, map and show print their results; wrong arguments are refused in one line."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.pose.bvh import write_bvh
from speech_gesture_ros.pose.idle import IdleMotion

sf = pytest.importorskip("soundfile")


@pytest.fixture
def source(tmp_path, speech):
    """Three speakers in idle motion: BVH files as this package writes them."""
    skeleton = load_skeleton()
    for i, name in enumerate(("ada", "ben", "cleo")):
        (tmp_path / "in" / name).mkdir(parents=True)
        write_bvh(tmp_path / "in" / name / "a.bvh", IdleMotion(skeleton, seed=i).pose(np.arange(150)), skeleton, 25)
        sf.write(tmp_path / "in" / name / "a.wav", speech[:6 * 16000], 16000)
    return tmp_path / "in"


def test_prepare_show_and_map(source, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["data", "prepare", str(source), "--out", str(out), "--test", "ben"]) == 0
    printed = capsys.readouterr().out
    assert "split by speaker" in printed
    assert str(out / "report.md") in printed
    assert main(["data", "show", str(out)]) == 0
    shown = capsys.readouterr().out
    assert shown.strip() in printed
    assert [line.split() for line in shown.splitlines() if line.startswith("test")] == [["test", "1", "0.1", "ben"]]
    assert main(["data", "map", str(source), "--out", str(tmp_path / "map.yaml")]) == 0
    assert "left_elbow: left_elbow" in capsys.readouterr().out
    assert main(["data", "prepare", str(source), "--out", str(out), "--mapping", str(tmp_path / "map.yaml")]) == 0


@pytest.mark.parametrize(("arguments", "message"), [
    (["prepare", "nowhere", "--out", "out"], "an existing folder"),
    (["show", "."], "a folder with corpus.yaml"),
    (["map", "."], "pairs of sound and motion"),
    (["compose", "--minutes", "1", "--out", "out"], "SPEECH_GESTURE_DATA"),
])
def test_wrong_arguments_are_refused_in_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPEECH_GESTURE_DATA", str(tmp_path))
    assert main(["data", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_mapping_that_does_not_fit_is_an_error_not_a_guess(source, tmp_path, capsys):
    arguments = ["data", "prepare", str(source), "--out", str(tmp_path / "out"), "--mapping",
                 "talking_with_hands"]
    assert main(arguments) == 2
    assert "b_l_forearm" in capsys.readouterr().err
