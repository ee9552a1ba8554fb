from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import ActivityChunk, PoseChunk, concatenate
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.pose.idle import IdleMotion
from speech_gesture_ros.pose.performance_stage import PerformanceStage

SKELETON = load_skeleton()
IDLE = IdleMotion(SKELETON, seed=3)
ACTIVITY = np.zeros(200, dtype=np.float32)
ACTIVITY[50:110] = 1.0


def perform(poses, activity, pose_cuts=(), activity_cuts=(), stage=None):
    """Push both streams in the given chunks, alternately, then flush."""
    stage = stage or PerformanceStage(SKELETON, seed=3)
    pose_edges, activity_edges = ([0, *sorted(cuts), len(x)] for cuts, x in
                                  ((pose_cuts, poses), (activity_cuts, activity)))
    out = []
    for i in range(max(len(pose_edges), len(activity_edges)) - 1):
        a, b = (edges[min(i, len(edges) - 1):][:2] for edges in (pose_edges, activity_edges))
        out.append(stage.push(PoseChunk(a[0], poses[a[0]:a[-1]]), ActivityChunk(b[0], activity[b[0]:b[-1]])))
    return concatenate([*out, stage.flush()])


cuts = st.lists(st.integers(0, 200), max_size=15)


@settings(max_examples=40, deadline=None)
@given(cuts, cuts, st.booleans())
def test_any_chunking_of_either_input_gives_the_offline_answer(talking_motion, pose_cuts, activity_cuts, faulty):
    poses = talking_motion.copy()
    if faulty:
        poses[[0, 1, 60, 61, 130]] = np.nan
    streamed = perform(poses, ACTIVITY, pose_cuts, activity_cuts)
    np.testing.assert_allclose(streamed.values, perform(poses, ACTIVITY).values, atol=1e-6)


@pytest.fixture(scope="module")
def talking_motion(talking):
    return talking


def test_there_is_a_frame_for_every_pose(talking):
    for count in (0, 1, 2, 7, 200):
        out = perform(talking[:count], ACTIVITY[:count])
        assert (out.start_index, len(out)) == (0, count)


def test_without_anticipation_the_hands_start_with_the_voice(talking):
    stage = PerformanceStage(SKELETON, seed=3, anticipation_s=0.0)
    out = perform(talking, ACTIVITY, stage=stage).values
    away = np.abs(out - IDLE.pose(np.arange(200))).max(axis=(1, 2))
    assert np.flatnonzero(away > 1e-5)[0] == 50


def test_silence_is_idle(talking):
    out = perform(talking, np.zeros(200))
    np.testing.assert_allclose(out.values, IDLE.pose(np.arange(200)), atol=1e-6)


def test_speech_is_the_speaking_motion(talking):
    out = perform(talking, ACTIVITY).values[70:110]
    np.testing.assert_allclose(out, talking[70:110], atol=1e-6)
    assert np.abs(out - IDLE.pose(np.arange(70, 110))).max() > 0.1


def test_it_starts_and_ends_in_idle_without_a_jump(talking):
    out = perform(talking, ACTIVITY).values
    np.testing.assert_allclose(out[:40], IDLE.pose(np.arange(40)), atol=1e-6)
    np.testing.assert_allclose(out[160:], IDLE.pose(np.arange(160, 200)), atol=1e-6)
    away = np.abs(talking - IDLE.pose(np.arange(200))).max()
    assert np.abs(np.diff(out, axis=0)).max() < 0.3 * away


def test_a_frame_is_returned_once_pose_and_activity_are_known_far_enough(talking):
    stage = PerformanceStage(SKELETON, anticipation_s=0.24)
    empty = PoseChunk(0, talking[:0])
    assert len(stage.push(empty, ActivityChunk(0, ACTIVITY[:20]))) == 0
    assert len(stage.push(PoseChunk(0, talking[:10]), ActivityChunk(20, ACTIVITY[:0]))) == 10
    assert len(stage.push(PoseChunk(10, talking[10:50]), ActivityChunk(20, ACTIVITY[:0]))) == 20 - 6 - 10
    assert stage.anticipation_s == pytest.approx(6 / 25)


def test_anticipation_adds_no_latency_to_a_longer_look_ahead():
    stage = PerformanceStage(SKELETON, anticipation_s=0.24)
    assert stage.total_latency_s(0.4, 0.05) == pytest.approx(0.4)
    assert stage.total_latency_s(0.0, 0.05) == pytest.approx(0.05 + 0.24)


def test_later_input_never_changes_earlier_output(talking):
    other, other_activity = talking.copy(), ACTIVITY.copy()
    other[100:] = np.nan
    other_activity[100:] = 1.0
    one, two = perform(talking, ACTIVITY).values, perform(other, other_activity).values
    np.testing.assert_array_equal(one[:100 - 6], two[:100 - 6])


def test_poses_that_are_not_numbers_become_idle(talking):
    out = perform(np.full_like(talking, np.nan), np.ones(200))
    np.testing.assert_allclose(out.values, IDLE.pose(np.arange(200)), atol=1e-6)


@pytest.mark.parametrize("garbage", [np.nan, np.inf, 1e30, 0.0], ids=str)
def test_a_fault_in_speech_is_bridged_and_counted_and_not_returned(talking, garbage):
    poses = talking.copy()
    poses[80:83] = garbage
    stage = PerformanceStage(SKELETON, seed=3)
    out = perform(poses, ACTIVITY, stage=stage).values
    assert stage.replaced == 3
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(out), axis=-1)[:, 1:]
    np.testing.assert_allclose(lengths, np.tile(SKELETON.bone_lengths[1:], (200, 1)), atol=1e-5)
    assert np.abs(np.diff(out, axis=0))[75:90].max() < 0.15


def test_a_long_fault_ends_in_idle(talking):
    poses = talking.copy()
    poses[60:] = np.nan
    out = perform(poses, np.ones(200)).values
    np.testing.assert_allclose(out[100:], IDLE.pose(np.arange(100, 200)), atol=1e-6)


def test_activity_that_ends_early_means_silence_afterwards(talking):
    early = perform(talking, ACTIVITY[:90])
    padded = np.concatenate([ACTIVITY[:90], np.zeros(110, np.float32)])
    np.testing.assert_array_equal(early.values, perform(talking, padded).values)


def test_reset_equals_new(talking):
    stage = PerformanceStage(SKELETON, seed=3)
    stage.push(PoseChunk(0, np.full_like(talking, np.nan)), ActivityChunk(0, np.ones(150)))
    stage.reset()
    again = perform(talking, ACTIVITY, stage=stage)
    np.testing.assert_array_equal(again.values, perform(talking, ACTIVITY).values)
    assert stage.replaced == 0


def test_a_gap_between_chunks_is_an_error(talking):
    stage = PerformanceStage(SKELETON)
    stage.push(PoseChunk(0, talking[:5]), ActivityChunk(0, ACTIVITY[:5]))
    with pytest.raises(ValueError, match="activity chunk starts at 7, must start at 5"):
        stage.push(PoseChunk(5, talking[5:6]), ActivityChunk(7, ACTIVITY[7:8]))


def test_poses_of_another_skeleton_are_refused():
    with pytest.raises(ValueError, match=r"poses have shape \(2, 5, 3\), must be \(T, 17, 3\)"):
        PerformanceStage(SKELETON).push(PoseChunk(0, np.zeros((2, 5, 3))), ActivityChunk(0, np.zeros(2)))
