"""A sound file is converted to motion files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.cli.main import main


def test_all_kinds_have_as_many_frames_as_the_sound(tmp_path: Path, speech: np.ndarray) -> None:
    soundfile.write(tmp_path / "speech.wav", speech[: 2 * 16000], 16000)
    out = [tmp_path / f"motion.{kind}" for kind in ("bvh", "csv", "npz")]
    assert main(["generate", str(tmp_path / "speech.wav"), "--out", *map(str, out)]) == 0
    assert "Frames: 50" in out[0].read_text()
    table = np.loadtxt(out[1], delimiter=",", skiprows=1)
    arrays = np.load(out[2])
    assert table.shape == (50, 1 + len(arrays["joint_names"]))
    assert table[:, 0] == pytest.approx(np.arange(50) / 25)
    assert np.allclose(table[:, 1:], arrays["q"], atol=1e-6)
    assert arrays["joint_xyz"].shape == (50, len(arrays["skeleton_joints"]), 3)


@pytest.mark.slow
def test_a_film_is_written(tmp_path: Path, speech: np.ndarray) -> None:
    soundfile.write(tmp_path / "speech.wav", speech[:16000], 16000)
    assert main(["generate", str(tmp_path / "speech.wav"), "--out", str(tmp_path / "motion.mp4")]) == 0
    assert (tmp_path / "motion.mp4").stat().st_size > 10_000
