"""A sound file is converted to motion files."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import yaml

from speech_gesture_ros.cli.main import main

KINDS = ("bvh", "csv", "npz", "mcap", "play_motion2.yaml")


def test_all_kinds_contain_the_motion_of_the_whole_sound(tmp_path: Path, speech: np.ndarray) -> None:
    soundfile.write(tmp_path / "speech.wav", speech[: 2 * 16000], 16000)
    bvh, table, arrays, bag, motion = (tmp_path / f"motion.{kind}" for kind in KINDS)
    assert main(["generate", str(tmp_path / "speech.wav"), str(bvh), str(table), "--out", str(arrays), str(bag),
                 str(motion)]) == 0
    assert "Frames: 50" in bvh.read_text()
    rows = np.loadtxt(table, delimiter=",", skiprows=1)
    with np.load(arrays) as file:
        names, q, knots, joint_xyz = (file[key] for key in ("joint_names", "q", "knot_q", "joint_xyz"))
    assert joint_xyz.shape[0] == len(q) == 50
    assert rows[:, 0] == pytest.approx(np.arange(len(rows)) / 25)
    np.testing.assert_allclose(rows[:50, 1:], q, atol=1e-6)
    assert np.ptp(q, axis=0).max() > 0.02, "the robot moves"
    parameters = yaml.safe_load(motion.read_text())["/play_motion2"]["ros__parameters"]["motions"]["speech"]
    assert parameters["joints"] == names.tolist()
    np.testing.assert_allclose(np.reshape(parameters["positions"], knots.shape), knots, atol=1e-6)
    assert bag.read_bytes().startswith(b"\x89MCAP0\r\n")
    assert {path.name for path in tmp_path.iterdir()} == {"speech.wav", *(f"motion.{kind}" for kind in KINDS)}


@pytest.mark.parametrize(("arguments", "fault"), [
    ([], "output is 'missing', must be one or more files with the endings .bvh"),
    (["motion.gif"], "output file is 'motion.gif', must be with one of the endings .bvh"),
    (["motion.yaml"], "play_motion2.yaml. Rename it."),
    (["motion.csv", "--out", "motion.png"], "output file is 'motion.png'"),
])
def test_outputs_are_checked_before_any_work(arguments: list[str], fault: str, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "no_such_sound.wav", *arguments]) == 2
    error = capsys.readouterr().err
    assert fault in error
    assert len(error.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("samples", [1, 639, 640])
def test_a_sound_shorter_than_one_pose_is_refused(samples: int, tmp_path: Path,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(samples), 16000)
    is_long_enough = samples >= 640
    assert main(["generate", str(tmp_path / "short.wav"), str(tmp_path / "m.csv")]) == (0 if is_long_enough else 2)
    assert (tmp_path / "m.csv").exists() == is_long_enough
    if not is_long_enough:
        line = capsys.readouterr().err.splitlines()[-1]
        assert f"length of the sound is '{samples} samples at 16000 Hz', must be 640 or more" in line


@pytest.mark.slow
def test_a_film_has_a_picture_for_each_frame_and_the_sound(tmp_path: Path, speech: np.ndarray) -> None:
    soundfile.write(tmp_path / "speech.wav", speech[:16000], 16000)
    assert main(["generate", str(tmp_path / "speech.wav"), str(tmp_path / "motion.mp4")]) == 0
    with av.open(str(tmp_path / "motion.mp4")) as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(pictures) == 25
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 50, "something moves"
    with av.open(str(tmp_path / "motion.mp4")) as film:
        sound = sum(frame.samples for frame in film.decode(audio=0)) / film.streams.audio[0].rate
    assert sound == pytest.approx(1.0, abs=0.1)
