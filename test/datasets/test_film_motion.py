"""Talk videos as recordings: their motion in space, their layout, and a corpus of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets import film_motion
from speech_gesture_ros.datasets.convert import ConvertOptions
from speech_gesture_ros.datasets.film_motion import read_film_motion
from speech_gesture_ros.datasets.layouts import find_pairs
from speech_gesture_ros.datasets.person_files import write_person_folder
from speech_gesture_ros.datasets.prepare import PrepareOptions, prepare
from speech_gesture_ros.datasets.prepared import open_corpus
from speech_gesture_ros.rendering.video import write_video

LEFT_WRIST = 15


def body(count: int) -> np.ndarray:
    """(T, 33, 4) points of a standing person whose left hand moves up and down: x right, y down, z away."""
    points = np.zeros((count, 33, 4), np.float32)
    points[..., 3] = 1.0
    places = {0: (0, -0.62, -0.12), 7: (0.07, -0.64, 0), 8: (-0.07, -0.64, 0), 11: (0.18, -0.45, 0),
              12: (-0.18, -0.45, 0), 13: (0.2, -0.17, 0), 14: (-0.2, -0.17, 0), 16: (-0.22, 0.07, -0.05),
              18: (-0.23, 0.15, -0.07), 20: (-0.22, 0.16, -0.09), 22: (-0.2, 0.13, -0.1), 23: (0.1, 0, 0),
              24: (-0.1, 0, 0)}
    for number, place in places.items():
        points[:, number, :3] = place
    height = 0.1 * np.sin(2 * np.pi * 0.8 * np.arange(count) / 25)
    for number, (x, y, z) in {15: (0.24, -0.1, -0.22), 17: (0.25, -0.1, -0.3), 19: (0.23, -0.12, -0.31),
                              21: (0.2, -0.14, -0.28)}.items():
        points[:, number, 0], points[:, number, 2] = x, z
        points[:, number, 1] = y - height
    return points


def write_talk(path: Path, seconds: float = 9.0) -> None:
    t = np.arange(int(seconds * 16_000)) / 16_000
    sound = 0.3 * np.sin(2 * np.pi * 150 * t) * (np.sin(2 * np.pi * 2 * t) > 0)
    write_video(path, [np.zeros((32, 32, 3), np.uint8)] * int(seconds * 25), sound, 16_000)


def test_axes_are_those_of_the_package(tmp_path: Path) -> None:
    motion = read_film_motion(tmp_path / "a.mp4", lambda path: body(40))
    at = dict(zip(motion.names, motion.xyz[20]))
    assert motion.frame_rate == 25
    np.testing.assert_allclose(at["pelvis"], 0, atol=1e-6)
    np.testing.assert_allclose(at["left_shoulder"], [0, 0.18, 0.45], atol=1e-6)
    np.testing.assert_allclose(at["nose"], [0.12, 0, 0.62], atol=1e-6)
    np.testing.assert_allclose(at["right_hand"], [0.08, -0.225, -0.155], atol=1e-6)


def test_what_is_not_visible_is_unknown(tmp_path: Path) -> None:
    points = body(60)
    points[10:20, LEFT_WRIST, 3] = 0.0
    points[10:20, LEFT_WRIST, :3] = 99.0
    points[40:, :, 3] = 0.0
    motion = read_film_motion(tmp_path / "a.mp4", lambda path: points)
    wrist, head = motion.names.index("left_wrist"), motion.names.index("head")
    assert np.isnan(motion.xyz[10:20, wrist]).all()
    assert np.isfinite(motion.xyz[:10, wrist]).all()
    assert np.abs(motion.xyz[[9, 20], wrist]).max() < 1, "a hidden position does not leak into its neighbours"
    assert np.isfinite(motion.xyz[:40, head]).all()
    assert np.isnan(motion.xyz[40:]).all()
    assert "67%" in motion.notes[0]


def test_film_without_a_person_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="never seen"):
        read_film_motion(tmp_path / "a.mp4", lambda path: np.zeros((5, 33, 4), np.float32))


@pytest.mark.slow
def test_talk_videos_become_a_corpus_and_torn_ones_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film_motion, "film_points", lambda path: body(225))
    source = tmp_path / "talks"
    for name in ("anna", "ben", "cleo"):
        (source / name).mkdir(parents=True)
        write_talk(source / name / "talk.mp4")
    (source / "ben" / "torn.mp4").write_bytes(b"torn")
    corpus = prepare(source, tmp_path / "prepared", PrepareOptions(ConvertOptions(shortest_s=2.0)))
    assert corpus.manifest["layout"] == "film"
    assert "ben_torn" in (tmp_path / "prepared" / "report.md").read_text()
    skeleton = load_skeleton()
    clips = list(open_corpus(tmp_path / "prepared").clips())
    assert sorted({clip.speaker for clip in clips}) == ["anna", "ben", "cleo"]
    xyz = clips[0].joint_xyz
    wrist = xyz[:, skeleton.index["left_wrist"]]
    assert np.ptp(wrist[:, 2]) == pytest.approx(0.2, abs=0.06), "the hand goes up and down by 0.2 m"
    assert wrist[:, 0].mean() == pytest.approx(0.22, abs=0.06), "before the body"
    np.testing.assert_allclose(np.linalg.norm(wrist - xyz[:, skeleton.index["left_elbow"]], axis=1), 0.25, atol=1e-3)


def test_films_are_recordings_where_no_motion_is_recorded(tmp_path: Path) -> None:
    for name in ("b.mp4", "c.mp4", "c.wav", "d.mkv", "d.mov"):
        (tmp_path / name).write_bytes(b"x")
    found = find_pairs(tmp_path)
    assert [(pair.name, pair.kind, pair.audio.name) for pair in found.pairs] \
        == [("b", "film", "b.mp4"), ("c", "film", "c.wav"), ("d", "film", "d.mkv")]
    assert [(path.name, reason) for path, reason in found.left_over] == [("d.mov", "another film has this name")]


def test_films_beside_recorded_motion_are_counted_only(tmp_path: Path) -> None:
    for name in ("a.wav", "a.bvh", "a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"x")
    found = find_pairs(tmp_path)
    assert [pair.kind for pair in found.pairs] == ["bvh"]
    assert found.others == {".mp4": 2}


def test_openpose_folder_takes_the_sound_of_the_film(tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"x")
    write_person_folder(tmp_path / "talk", np.ones((3, 137, 3)), "talk")
    (pair,) = find_pairs(tmp_path).pairs
    assert (pair.kind, pair.audio.name, pair.motion.name) == ("openpose", "talk.mp4", "talk")


def test_folder_with_nothing_to_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ConfigError, match="pairs of sound and motion"):
        find_pairs(tmp_path)
