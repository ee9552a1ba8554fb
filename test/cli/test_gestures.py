"""`speech-gesture gestures`: the list and the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.cli.main import USER_ERROR, main
from speech_gesture_ros.pose.gesture_library import load_gestures


def test_all_gestures_are_listed_with_their_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gestures"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(load_gestures())
    assert "yes; agreement" in lines[0]


def test_an_unknown_gesture_is_refused_with_the_known_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gestures", "dance"]) == USER_ERROR
    assert "one of nod, shake" in capsys.readouterr().err


def test_another_kind_of_picture_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["gestures", "nod", "--out", str(tmp_path / "nod.pdf")]) == USER_ERROR
    assert ".jpg or .png" in capsys.readouterr().err


def test_each_gesture_has_its_picture(tmp_path: Path) -> None:
    pytest.importorskip("mujoco", reason="drawing needs mujoco: pip install '.[sim]'")
    images = pytest.importorskip("PIL.Image")
    path = tmp_path / "new folder" / "gestures.png"
    assert main(["gestures", "stop", "bow", "--out", str(path)]) == 0
    picture = np.asarray(images.open(path), dtype=int)
    tiles = [picture[:, i * 260 : (i + 1) * 260] for i in range(2)]
    assert np.abs(tiles[0] - tiles[1]).mean() > 1.0
    assert len(np.unique(tiles[0].reshape(-1, 3), axis=0)) > 50
