"""Published files are converted to a bundle that the other commands accept; missing and damaged files are named."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.cli.main import main


@pytest.fixture
def source(data_folder: Path) -> Path:
    folder = data_folder / "kucherenko"
    if not (folder / "models").is_dir():
        pytest.skip(f"no published weights at {folder}: put the models/ of the authors' demo repository there")
    return folder


@pytest.mark.slow
@pytest.mark.data
def test_import_and_check(source: Path, tmp_path: Path, speech: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    audio, out = tmp_path / "speech.wav", tmp_path / "published"
    soundfile.write(audio, speech[:3 * 16_000], 16_000)
    assert main(["import-published", str(source), "--out", str(out), "--check", str(audio)]) == 0
    printed = capsys.readouterr().out
    assert all(stage in printed for stage in ("MFCC", "SpeechE", "MotionD", "poses"))
    card = (out / "MODEL_CARD.md").read_text()
    assert "Apache-2.0" in card
    assert "Trinity Speech-Gesture" in card
    assert "research" in card
    assert main(["generate", "--model", str(out), str(audio), "--out", str(tmp_path / "motion.npz")]) == 0
    assert np.isfinite(np.load(tmp_path / "motion.npz")["q"]).all()


@pytest.mark.data
def test_the_layout_of_the_authors_repository_is_accepted(source: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(source / "models", repository / "models")
    (repository / "helpers").mkdir()
    shutil.copy(source / "silence.wav", repository / "helpers")
    assert main(["import-published", str(repository), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "bundle.yaml").is_file()


def test_a_missing_file_is_named_with_its_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import-published", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr().err
    assert "Model_MFCC_Pros_Best.hdf5" in printed
    assert "speech-driven-hand-gesture-generation-demo" in printed
    assert not (tmp_path / "out").exists()


@pytest.mark.data
def test_a_damaged_file_is_named(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(source, copy)
    for path in copy.rglob("*"):
        path.chmod(0o755)
    checkpoint = copy / "models/DAE_checkpoints/chkpt-final.data-00000-of-00001"
    content = bytearray(checkpoint.read_bytes())
    content[130_000] ^= 8
    checkpoint.write_bytes(bytes(content))
    assert main(["import-published", str(copy), "--out", str(tmp_path / "out")]) == 2
    assert "matrix2" in capsys.readouterr().err
