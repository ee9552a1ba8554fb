"""Training data: keypoints scaled to the canonical skeleton, windows of sound and motion, baselines, metrics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.keypoints import keypoints_from_pose
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import open_corpus, write_corpus
from speech_gesture_ros.training.speech2gesture.baselines import median_pose, nearest_neighbour, random_clip
from speech_gesture_ros.training.speech2gesture.method_table import measure_methods, method_table
from speech_gesture_ros.training.speech2gesture.windows import (
    WindowBatches,
    at_keypoint_rate,
    read_speaker,
    window_clip,
)

SKELETON = load_skeleton()


def swinging(seconds: float, phase: float) -> np.ndarray:
    """(T, 17, 3) both forearms swing in front of the body."""
    t = np.arange(round(seconds * 25)) / 25
    bones = np.repeat(SKELETON.offsets[None], len(t), axis=0)
    for side in ("left", "right"):
        angle = 0.8 + 0.5 * np.sin(2 * np.pi * 0.5 * t + phase)
        for part in ("wrist", "hand"):
            joint = SKELETON.index[f"{side}_{part}"]
            way = np.stack([np.cos(angle), 0 * t, np.sin(angle) - 0.5], axis=1)
            bones[:, joint] = way / np.linalg.norm(way, axis=1, keepdims=True) * SKELETON.bone_lengths[joint]
    return SKELETON.xyz_from_bones(bones).astype(np.float32)


def clip(name: str, split: str = "train", seconds: float = 8.0, phase: float = 0.0, speaker: str = "anna") -> Clip:
    rng = np.random.default_rng(ord(name))
    count = round(seconds * 16000)
    samples = 0.2 * np.sin(np.arange(count) * 0.1 + phase) + 0.01 * rng.normal(size=count)
    return Clip(name, speaker, split, samples.astype(np.float32), swinging(seconds, phase))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    write_corpus(folder, [clip("a"), clip("b", phase=1.0), clip("c", "test", phase=2.0), clip("d", speaker="bert"),
                          clip("e", speaker="bert", phase=0.5)])
    return folder


def test_keypoints_in_pixels_are_scaled_to_the_canonical_skeleton() -> None:
    whole = clip("a")
    seen = at_keypoint_rate(keypoints_from_pose(whole.joint_xyz, SKELETON))
    pixels = np.concatenate([seen * 431.0 + (640.0, 220.0), np.ones((len(seen), 49, 1))], axis=-1).astype(np.float32)
    from_pixels = window_clip(Clip("a", "anna", "train", whole.samples, None, pixels), SKELETON)
    from_poses = window_clip(whole, SKELETON)
    np.testing.assert_allclose(from_pixels.keypoints, from_poses.keypoints, atol=1e-4)
    np.testing.assert_array_equal(from_pixels.starts, from_poses.starts)
    assert len(from_poses.starts) == 120 - 63


def test_windows_leave_out_frames_with_missing_arms() -> None:
    whole = clip("a", seconds=12.0)
    seen = at_keypoint_rate(keypoints_from_pose(whole.joint_xyz, SKELETON))
    pixels = np.concatenate([seen * 400.0, np.ones((len(seen), 49, 1))], axis=-1).astype(np.float32)
    pixels[100, 3, 2] = 0.0  # the right wrist, once
    pixels[:, 30:, 2] = 0.0  # fingers do not matter
    windowed = window_clip(Clip("a", "anna", "train", whole.samples, None, pixels), SKELETON)
    np.testing.assert_array_equal(windowed.starts, [*range(37), *range(101, 180 - 63)])


def test_a_window_of_sound_starts_with_its_window_of_motion() -> None:
    whole = clip("a")
    samples = np.zeros_like(whole.samples)
    samples[16000 * 3:] = 0.5 * np.random.default_rng(0).normal(size=len(samples) - 16000 * 3).clip(-1, 1)
    windowed = window_clip(Clip("a", "anna", "train", samples, whole.joint_xyz), SKELETON)
    log_mel, keypoints = windowed.window(30)  # from 2 s on
    onset = int(np.argmax(log_mel.mean(axis=1) > -5))
    assert abs(onset - 100) <= 2
    assert (log_mel.shape, keypoints.shape) == ((418, 64), (64, 48, 2))
    late, _ = windowed.window(int(windowed.starts[-1]))
    assert late.shape == (418, 64)


def test_a_speaker_is_read_with_the_splits_of_the_corpus_or_without(corpus: Path) -> None:
    anna, bert = (read_speaker(open_corpus(corpus), name) for name in ("anna", "bert"))
    assert (len(anna.train), len(anna.test), len(bert.train), len(bert.test)) == (2, 1, 1, 1)
    normalised = np.concatenate([anna.statistics.normalise(part.keypoints) for part in anna.train])
    np.testing.assert_allclose(normalised.mean(axis=0), 0, atol=1e-3)
    assert normalised[:, 5].std(axis=0).max() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(anna.statistics.restore(anna.statistics.normalise(anna.train[0].keypoints)),
                               anna.train[0].keypoints, atol=1e-5)
    for name in ("", "carl"):
        with pytest.raises(ConfigError, match=r"one of \['anna', 'bert'\]"):
            read_speaker(open_corpus(corpus), name)


def test_batches_are_functions_of_seed_and_index(corpus: Path) -> None:
    data = read_speaker(open_corpus(corpus), "anna")
    one, again, other = (WindowBatches(data, 5, seed)(3) for seed in (1, 1, 2))
    assert [tuple(t.shape) for t in one] == [(5, 418, 64), (5, 64, 96)]
    np.testing.assert_array_equal(one[0], again[0])
    assert not np.array_equal(one[0], other[0])


def test_baselines_have_the_metrics_of_their_kind(corpus: Path) -> None:
    data = read_speaker(open_corpus(corpus), "anna")
    log_mel, motion = (np.stack(part) for part in zip(*(data.train[0].window(s) for s in (0, 8, 40))))
    np.testing.assert_array_equal(nearest_neighbour(data)(log_mel), motion)  # its own training windows
    still = median_pose(data)(log_mel)
    assert not np.ptp(still, axis=(0, 1)).any()
    rows = {row.name: row for row in measure_methods(
        {"truth": lambda _: motion, "still": lambda _: still, "random": random_clip(data, 3)}, log_mel, motion)}
    truth, resting, random = rows["truth"], rows["still"], rows["random"]
    assert (truth.l1_cm, truth.pck, truth.speed, truth.variance) == (0.0, 1.0, 1.0, 1.0)
    assert (resting.speed, resting.variance) == (0.0, 0.0)
    assert 0 < resting.l1_cm < random.l1_cm  # the median has the lowest L1
    assert 0.7 < random.speed < 1.3
    assert method_table([truth]).splitlines()[-1] == "| truth | 0.00 | 1.000 | 1.00 | 1.00 |"


def test_metrics_against_a_hand_computed_case() -> None:
    """A box of 4 by 2: within 0.4 at alpha 0.1, within 0.8 at 0.2."""
    real = np.zeros((1, 64, 48, 2))
    real[..., 0, :] = (4.0, 2.0)
    made = real.copy()
    made[..., :12, 0] += 0.39  # right at both
    made[..., 12:24, 1] -= 0.5  # right at 0.2
    made[..., 24:, 1] += 1.0  # wrong
    row = measure_methods({"moved": lambda _: made}, np.zeros((1, 418, 64), np.float32), real)[0]
    assert row.pck == pytest.approx((0.25 + 0.5) / 2)
    assert row.l1_cm == pytest.approx(100 * (12 * 0.39 + 12 * 0.5 + 24 * 1.0) / 96)
