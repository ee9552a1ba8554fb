"""The command serves the page, ends after the given time, and refuses what it cannot use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from small_avatar import write_small_avatar

from speech_gesture_ros.cli.main import main

pytest.importorskip("aiohttp", reason="needs the page's packages: pip install '.[view]'")
pytest.importorskip("nicegui", reason="needs the page's packages: pip install '.[view]'")


@pytest.mark.slow
def test_the_page_is_served_for_the_given_time(tmp_path: Path, speech: np.ndarray,
                                               capsys: pytest.CaptureFixture[str]) -> None:
    soundfile.write(tmp_path / "speech.wav", speech[: 2 * 16000], 16000)
    avatar = write_small_avatar(tmp_path / "avatar.glb")
    sound = str(tmp_path / "speech.wav")
    arguments = ["--audio", sound, "--avatar", str(avatar), "--seconds", "0.2", "--port", "18090"]
    assert main(["live", *arguments]) == 0
    assert "open http://localhost:" in capsys.readouterr().out


@pytest.mark.slow
def test_a_file_that_is_no_avatar_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "avatar.glb").write_bytes(b"glTF")
    assert main(["live", "--avatar", str(tmp_path / "avatar.glb")]) != 0
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "avatar.glb" in error
