"""`speech-gesture video`: from a motion file to a film of the person, through the commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.films import read_film, read_film_sound
from speech_gesture_ros.datasets.person_files import read_person, read_person_folder_whole, write_person

from small_person import SIZE, moving_person, write_person_film


def write_motion(path: Path, count: int = 10) -> Path:
    skeleton = load_skeleton()
    np.savez(path, joint_xyz=np.stack([skeleton.rest_xyz] * count), rate_hz=25, skeleton_joints=skeleton.names)
    return path


@pytest.mark.slow
def test_train_render_and_evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film = write_person_film(tmp_path, 100)
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump({
        "model": "video", "name": "tiny", "steps": 3, "tensorboard": False,
        "network": {"size": SIZE, "channels": [4, 8], "critic_channels": 4}}))
    bundle = tmp_path / "bundle"
    assert main(["video", "train", str(film), "--out", str(bundle), "--config", str(tmp_path / "tiny.yaml")]) == 0
    assert "nearest training picture" in (bundle / "MODEL_CARD.md").read_text()

    motion = write_motion(tmp_path / "motion.npz")
    write_person(tmp_path / "keypoints.npz", moving_person(7), (SIZE, SIZE))
    for source, count in ((motion, 10), (tmp_path / "keypoints.npz", 7)):
        out = tmp_path / f"{source.stem}.mp4"
        assert main(["video", "render", str(bundle), str(source), str(out), "--device", "cpu"]) == 0
        pictures = list(read_film(out))
        assert len(pictures) == count
        assert pictures[0].pixels.shape == (SIZE, SIZE, 3)

    capsys.readouterr()
    strip = tmp_path / "strip.png"
    assert main(["video", "evaluate", str(bundle), str(film), "--out", str(strip)]) == 0
    assert "| this model (32 pixels) |" in capsys.readouterr().out
    from PIL import Image

    assert Image.open(strip).size == (8 * SIZE, 4 * SIZE)


def test_keypoints_of_a_motion_in_all_forms(tmp_path: Path) -> None:
    motion = write_motion(tmp_path / "motion.npz", 5)
    outputs = [str(tmp_path / name) for name in ("k.npz", "k.mp4", "json")]
    assert main(["video", "keypoints", str(motion), *outputs, "--size", "64"]) == 0
    table = read_person(tmp_path / "k.npz")
    assert table.shape == (5, 137, 3)
    np.testing.assert_allclose(read_person_folder_whole(tmp_path / "json"), table, atol=1e-3)
    pictures = [p.pixels for p in read_film(tmp_path / "k.mp4")]
    assert len(pictures) == 5
    assert pictures[0].shape == (64, 64, 3)
    assert pictures[0].max() > 100


@pytest.mark.slow
def test_film_of_the_avatar_with_sound_and_keypoints(tmp_path: Path) -> None:
    import soundfile

    soundfile.write(tmp_path / "a.wav", 0.3 * np.sin(np.arange(16_000) / 5), 16_000)
    motion = write_motion(tmp_path / "motion.npz", 6)
    out = tmp_path / "human.mp4"
    assert main(["video", "draw", str(motion), str(out), "--size", "64", "--audio", str(tmp_path / "a.wav")]) == 0
    assert len(list(read_film(out))) == len(read_person(out.with_suffix(".npz"))) == 6
    assert np.abs(read_film_sound(out)).max() > 0.2


@pytest.mark.parametrize(("change", "message"), [
    ({"joint_xyz": np.zeros((3, 5, 3))}, "joint_xyz"), ({"rate_hz": 30}, "rate"),
    ({"joint_xyz": np.full((3, 17, 3), np.nan)}, "finite")])
def test_wrong_motion_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict,
                                 message: str) -> None:
    skeleton = load_skeleton()
    content = {"joint_xyz": np.stack([skeleton.rest_xyz] * 3), "rate_hz": 25, "skeleton_joints": skeleton.names}
    np.savez(tmp_path / "m.npz", **(content | change))
    assert main(["video", "keypoints", str(tmp_path / "m.npz"), str(tmp_path / "out.npz")]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out.npz").exists()


def test_unknown_ending_is_refused_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["video", "keypoints", "missing.npz", str(tmp_path / "a.gif")]) == 2
    assert ".npz, .mp4" in capsys.readouterr().err
