from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import PoseChunk, concatenate
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.pose.smoothing import Smoother

SKELETON = load_skeleton()
NOISY = SKELETON.rest_xyz + np.random.default_rng(0).normal(scale=0.01, size=(40, 17, 3))


def smooth(motion, half_width=1, cuts=()):
    stage = Smoother(SKELETON, half_width)
    edges = [0, *sorted(cuts), len(motion)]
    parts = [stage.push(PoseChunk(a, motion[a:b])) for a, b in itertools.pairwise(edges)]
    return concatenate([*parts, stage.flush()])


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 40), max_size=12), half_width=st.integers(1, 4))
def test_any_chunking_gives_the_same_bits(cuts, half_width):
    np.testing.assert_array_equal(smooth(NOISY, half_width, cuts).values, smooth(NOISY, half_width).values)


def test_the_number_of_frames_does_not_change():
    for count in (0, 1, 2, 3, 40):
        assert len(smooth(NOISY[:count], 2)) == count


def test_a_frame_is_returned_after_exactly_the_declared_latency():
    stage = Smoother(SKELETON, 2)
    assert stage.latency_s == pytest.approx(2 / 25)
    assert len(stage.push(PoseChunk(0, NOISY[:2]))) == 0
    assert len(stage.push(PoseChunk(2, NOISY[2:3]))) == 1


def test_bones_keep_their_lengths(talking):
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(smooth(talking, 2).values), axis=-1)
    np.testing.assert_allclose(lengths[:, 1:], np.tile(SKELETON.bone_lengths[1:], (len(talking), 1)), atol=1e-6)


def test_averaged_positions_would_shorten_bones(talking):
    averaged = (talking[:-2] + 2 * talking[1:-1] + talking[2:]) / 4
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(averaged), axis=-1)
    assert np.max(SKELETON.bone_lengths - lengths) > 1e-4


def test_a_peak_is_not_shifted_in_time():
    wrist = SKELETON.index["left_wrist"]
    motion = np.tile(SKELETON.rest_xyz, (41, 1, 1))
    motion[:, wrist:wrist + 3, 0] += (0.1 * np.exp(-(((np.arange(41) - 20) / 3.0) ** 2)))[:, None]
    assert np.argmax(smooth(motion, 2).values[:, wrist, 0]) == 20


def test_jitter_from_frame_to_frame_is_removed():
    flicker = np.tile(SKELETON.rest_xyz, (20, 1, 1))
    flicker[::2, 1:] += 0.002
    smoothed = smooth(flicker).values
    assert np.abs(np.diff(smoothed[2:-2], axis=0)).max() < 0.05 * np.abs(np.diff(flicker, axis=0)).max()


def test_a_bone_that_flips_keeps_its_length_and_stays_finite():
    flip = np.tile(SKELETON.rest_xyz, (9, 1, 1))
    bones = SKELETON.bones_from_xyz(flip)
    bones[::2] *= -1
    smoothed = smooth(SKELETON.xyz_from_bones(bones)).values
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(smoothed), axis=-1)[:, 1:]
    np.testing.assert_allclose(lengths, np.tile(SKELETON.bone_lengths[1:], (9, 1)), atol=1e-6)


def test_reset_equals_new():
    stage = Smoother(SKELETON)
    stage.push(PoseChunk(0, NOISY[:7]))
    stage.reset()
    again = concatenate([stage.push(PoseChunk(0, NOISY)), stage.flush()])
    np.testing.assert_array_equal(again.values, smooth(NOISY).values)


def test_a_width_out_of_range_is_named():
    with pytest.raises(ConfigError, match=r"half_width of the smoother is 0, must be 1 to 4 frames"):
        Smoother(SKELETON, 0)
