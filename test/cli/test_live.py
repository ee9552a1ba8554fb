"""The browser view plays a file: its messages are sent in real time, and the page is served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.cli.live import FileSource
from speech_gesture_ros.cli.main import main


@pytest.fixture
def wav(tmp_path: Path, speech: np.ndarray) -> Path:
    soundfile.write(tmp_path / "speech.wav", speech[: 2 * 16000], 16000)
    return tmp_path / "speech.wav"


def test_a_file_is_sent_in_real_time_and_completely(wav: Path) -> None:
    source = FileSource(wav, is_looped=False, is_played=False)
    sent = [np.concatenate([np.zeros(0), *source.due(100.0 + k / 100, 0.5)]) for k in range(300)]
    assert np.sum([len(s) for s in sent[:101]]) == pytest.approx(16000, abs=320)
    assert np.sum([len(s) for s in sent]) == 2 * 16000


def test_a_looped_file_is_repeated(wav: Path) -> None:
    source = FileSource(wav, is_looped=True, is_played=False)
    total = sum(len(m) for k in range(500) for m in source.due(k / 100, 0.5))
    assert total > 4 * 16000


@pytest.mark.slow
def test_the_view_ends_after_the_given_time(wav: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "--audio", str(wav), "--mute", "--seconds", "1", "--port", "18090"]) == 0
    assert "open http://localhost:" in capsys.readouterr().out
