from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.idle import IdleMotion

MINUTES = np.arange(25 * 240)


def speeds(motion):
    return np.linalg.norm(np.diff(motion, axis=0), axis=-1) * 25


def test_hands_rest_in_front_of_the_lower_belly(skeleton):
    motion = IdleMotion(skeleton, seed=1).pose(MINUTES)
    mean = motion.mean(axis=0)
    np.testing.assert_allclose(mean[skeleton.index["left_wrist"]], [0.226, 0.088, 0.097], atol=0.005)
    np.testing.assert_allclose(mean[skeleton.index["right_wrist"]], [0.226, -0.088, 0.097], atol=0.005)


def test_it_moves_slightly(skeleton):
    speed = speeds(IdleMotion(skeleton, seed=2).pose(MINUTES))
    for name in ("left_wrist", "right_wrist"):
        wrist = speed[:, skeleton.index[name]]
        assert 0.001 < wrist.mean() < 0.01
        assert wrist.max() < 0.03
    assert speed[:, skeleton.index["head"]].mean() > 0.001


def test_it_breathes_twelve_to_eighteen_times_a_minute(skeleton):
    height = IdleMotion(skeleton, seed=3).pose(MINUTES)[:, skeleton.index["left_shoulder"], 2]
    power = np.abs(np.fft.rfft(np.diff(height))) ** 2
    peak_hz = np.fft.rfftfreq(len(height) - 1, 1 / 25)[np.argmax(power)]
    assert 0.2 <= peak_hz <= 0.3


def test_bones_keep_their_lengths(skeleton):
    lengths = np.linalg.norm(skeleton.bones_from_xyz(IdleMotion(skeleton).pose(MINUTES[:500])), axis=-1)
    np.testing.assert_allclose(lengths, np.tile(skeleton.bone_lengths, (500, 1)), atol=1e-9)


def test_a_pose_depends_on_its_index_alone(skeleton):
    idle = IdleMotion(skeleton, seed=4)
    np.testing.assert_allclose(idle.pose([977])[0], idle.pose(np.arange(1000))[977], atol=1e-12)


def test_same_seed_same_motion_and_other_seed_other_motion(skeleton):
    one, same, other = (IdleMotion(skeleton, seed).pose(MINUTES[:100]) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.001


def test_no_minute_repeats_an_earlier_one(skeleton):
    """Every later stretch of 20 s differs from the first by 3 mm or more in some frame."""
    nose = IdleMotion(skeleton, seed=9).pose(MINUTES)[:, skeleton.index["nose"]]
    first = nose[:500]
    distances = [np.abs(nose[s:s + 500] - first).max() for s in range(500, len(nose) - 500, 5)]
    assert min(distances) > 0.003


def test_it_is_valid_after_days(skeleton):
    day = 25 * 86_400
    motion = IdleMotion(skeleton).pose(np.arange(100 * day, 100 * day + 100))
    assert np.isfinite(motion).all()
    assert speeds(motion).max() < 0.03


def test_no_index_gives_no_pose(skeleton):
    assert IdleMotion(skeleton).pose([]).shape == (0, len(skeleton), 3)


def test_a_skeleton_without_arms_is_refused(skeleton):
    trunk = Skeleton("trunk", skeleton.joints[:7])
    with pytest.raises(ConfigError, match=r"left_shoulder.*Idle motion needs a trunk and two arms"):
        IdleMotion(trunk)


def test_hand_joints_may_be_missing(skeleton):
    bare = Skeleton("bare", tuple(j for j in skeleton.joints if "hand" not in j.name and "thumb" not in j.name))
    assert np.isfinite(IdleMotion(bare).pose([0, 1])).all()


def test_frames_equal_the_poses_for_any_blocks(skeleton):
    idle = IdleMotion(skeleton, seed=4)
    expected = idle.pose(np.arange(50, 300))
    np.testing.assert_array_equal(idle.frames(50, 300), expected)
    np.testing.assert_array_equal(np.concatenate([idle.frames(k, k + 1) for k in range(50, 300)]), expected)
    assert idle.frames(7, 7).shape == (0, len(skeleton), 3)
