"""Stage of the stroke model: chunks, latency, seeds, streams."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import FeatureChunk, concatenate
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.networks.strokes.bundle import StrokeBundle
from speech_gesture_ros.networks.strokes.model_stage import StrokeStage


def play(stage: StrokeStage, features: np.ndarray, cuts: list[int]) -> np.ndarray:
    bounds = [0, *sorted(cuts), len(features)]
    chunks = [stage.push(FeatureChunk(a, features[a:b])) for a, b in pairwise(bounds)]
    return concatenate([*chunks, stage.flush()]).values


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(0, 403), max_size=30), look_ahead_s=st.sampled_from([0.0, 0.4, 1.0]))
def test_any_chunking_gives_the_offline_motion(bundle: StrokeBundle, features: np.ndarray, cuts: list[int],
                                               look_ahead_s: float) -> None:
    whole = play(StrokeStage(bundle, look_ahead_s), features, [])
    assert whole.shape == (403 // 4, 17, 3)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(play(StrokeStage(bundle, look_ahead_s), features, cuts), whole, atol=1e-5, rtol=0)


@pytest.mark.parametrize("count", [0, 3, 4, 17, 39, 40, 41])
def test_short_streams_get_a_pose_for_each_complete_frame(bundle: StrokeBundle, features: np.ndarray,
                                                          count: int) -> None:
    assert len(play(StrokeStage(bundle, 0.4), features[:count], [])) == count // 4


def test_declared_latency_is_when_a_pose_comes_out(bundle: StrokeBundle, features: np.ndarray) -> None:
    for look_ahead_s in (0.0, 0.08, 0.4, 1.0):
        stage, waits = StrokeStage(bundle, look_ahead_s), []
        for i in range(300):
            poses = stage.push(FeatureChunk(i, features[i:i + 1]))
            waits += [(i + 1) / 100 - k / 25 for k in range(poses.start_index, poses.stop_index)]
        assert max(waits) == pytest.approx(stage.latency_s)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(0, 403), max_size=20))
def test_speech_that_is_known_ahead_lengthens_the_look_ahead_and_no_pose_is_lost(
        bundle: StrokeBundle, features: np.ndarray, cuts: list[int]) -> None:
    stage = StrokeStage(bundle, 0.12)
    stage.hold_back(7)
    held = play(stage, features, cuts)
    expected = play(StrokeStage(bundle, 0.4), features, [])
    assert len(held) == len(expected)
    np.testing.assert_allclose(held[:-10], expected[:-10], atol=1e-5, rtol=0)


def test_poses_that_were_kept_back_come_without_further_features(bundle: StrokeBundle, features: np.ndarray) -> None:
    stage = StrokeStage(bundle, 0.12)
    stage.hold_back(7)
    counts = [len(stage.push(FeatureChunk(0, features[:80])))]
    for held in (5, 5, 0):
        stage.hold_back(held)
        counts.append(len(stage.push(FeatureChunk(80, features[80:80]))))
    assert counts == [10, 2, 0, 5]
    stage.hold_back(7)
    stage.reset()
    assert len(stage.push(FeatureChunk(0, features[:80]))) == 17


def test_the_shapes_of_the_hands_come_with_the_poses_whatever_the_chunks(bundle, features) -> None:
    whole, parts = StrokeStage(bundle, seed=5), StrokeStage(bundle, seed=5)
    count = len(whole.push(FeatureChunk(0, features)))
    shapes = whole.take_hand_shapes(count)
    taken = [parts.take_hand_shapes(len(parts.push(FeatureChunk(k, features[k:k + 9]))))
             for k in range(0, len(features), 9)]
    np.testing.assert_array_equal(np.concatenate(taken), shapes)
    assert shapes.shape == (count, 2)
    assert set(shapes.ravel().tolist()) - {HandShape.REST} <= {HandShape.FLAT, HandShape.FIST}, "open and beat"
    assert len(set(shapes.ravel().tolist())) > 1
    assert len(whole.take_hand_shapes(count)) == 0


def test_a_reset_begins_at_rest_and_does_not_repeat_the_gestures(bundle: StrokeBundle, features: np.ndarray) -> None:
    stage = StrokeStage(bundle, seed=2)
    first = play(stage, features, [])
    stage.reset()
    second = play(stage, features, [])
    assert np.abs(second[40:] - first[40:]).max() > 1e-3
    again = StrokeStage(bundle, seed=2)
    np.testing.assert_array_equal(play(again, features, []), first)
    again.reset()
    np.testing.assert_array_equal(play(again, features, []), second)


def test_controls_are_applied(bundle: StrokeBundle, features: np.ndarray) -> None:
    stage, still = StrokeStage(bundle), StrokeStage(bundle)
    still.set_controls(GestureControls(activity=0.0))
    assert np.abs(play(still, features, []) - play(stage, features, [])).max() > 1e-3
    assert stage.capabilities.controls == {"activity", "handedness", "styles", "accent_lock"}


def test_wrong_features_look_ahead_and_device_are_refused(bundle: StrokeBundle) -> None:
    with pytest.raises(ConfigError, match="feature"):
        StrokeStage(bundle).push(FeatureChunk(0, np.zeros((4, 7), np.float32)))
    with pytest.raises(ConfigError, match="look_ahead_s"):
        StrokeStage(bundle, 1.5)
    with pytest.raises(ConfigError, match="device"):
        StrokeStage(bundle, device="gpu")
