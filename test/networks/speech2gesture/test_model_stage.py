"""Windows in a stream: chunks, latency, silence after the end, no jump between hops."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import FeatureChunk, concatenate
from speech_gesture_ros.core.errors import BundleError, ConfigError
from speech_gesture_ros.features import log_mel
from speech_gesture_ros.networks.bundle_files import read_bundle
from speech_gesture_ros.networks.model_registry import open_model
from speech_gesture_ros.networks.speech2gesture import network_config
from speech_gesture_ros.networks.speech2gesture.bundle import Speech2GestureBundle, bundle_from_files
from speech_gesture_ros.networks.speech2gesture.model_stage import Speech2GestureStage, _resampling


def play(stage: Speech2GestureStage, features: np.ndarray, cuts: list[int]) -> np.ndarray:
    bounds = [0, *sorted(cuts), len(features)]
    chunks = [stage.push(FeatureChunk(a, features[a:b])) for a, b in pairwise(bounds)]
    return concatenate([*chunks, stage.flush()]).values


@pytest.fixture
def features() -> np.ndarray:
    """(603, 64): six seconds and three frames over, bands of varying level."""
    rng = np.random.default_rng(2)
    envelope = np.sin(np.arange(603) / 20)[:, None] * 3 - 6
    return (envelope + rng.normal(size=(603, 64))).astype(np.float32)


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(0, 603), max_size=20), look_ahead_s=st.sampled_from([0.2, 0.4, 2.0]))
def test_any_chunking_gives_the_offline_motion(bundle: Speech2GestureBundle, features: np.ndarray, cuts: list[int],
                                               look_ahead_s: float) -> None:
    stage = Speech2GestureStage(bundle, look_ahead_s, "cpu")
    whole = play(stage, features, [])
    stage.reset()
    assert whole.shape == (603 // 4, 17, 3)
    np.testing.assert_array_equal(play(stage, features, cuts), whole)


@pytest.mark.parametrize("count", [0, 3, 4, 17, 40, 41, 430])
def test_short_streams_get_a_pose_for_each_complete_frame(bundle: Speech2GestureBundle, features: np.ndarray,
                                                          count: int) -> None:
    assert len(play(Speech2GestureStage(bundle, 0.4, "cpu"), features[:count], [])) == count // 4


@pytest.mark.parametrize("look_ahead_s", [0.0, 0.08, 0.4, 1.0, 2.0])
def test_declared_latency_is_the_longest_wait_and_within_the_look_ahead(
        bundle: Speech2GestureBundle, features: np.ndarray, look_ahead_s: float) -> None:
    stage, waits = Speech2GestureStage(bundle, look_ahead_s, "cpu"), []
    for i in range(300):
        poses = stage.push(FeatureChunk(i, features[i:i + 1]))
        waits += [(i + 1) / 100 - k / 25 for k in range(poses.start_index, poses.stop_index)]
    assert max(waits) == pytest.approx(stage.latency_s)
    assert look_ahead_s - 0.04 < stage.latency_s <= look_ahead_s + 0.0401


def test_flush_is_as_if_silence_followed(bundle: Speech2GestureBundle, features: np.ndarray) -> None:
    flushed = play(Speech2GestureStage(bundle, 0.4, "cpu"), features[:400], [])
    silence = np.full((200, 64), log_mel.LOG_MEL_MIN, np.float32)
    followed = Speech2GestureStage(bundle, 0.4, "cpu").push(FeatureChunk(0, np.concatenate([features[:400], silence])))
    np.testing.assert_array_equal(flushed, followed.values[:100])


def test_motion_has_no_seams(bundle: Speech2GestureBundle, features: np.ndarray) -> None:
    """Steps between hops are like steps within them, though the windows differ."""
    stage = Speech2GestureStage(bundle, 0.4, "cpu")
    seen = stage.keypoints(features)
    steps = np.abs(np.diff(seen, axis=0)).mean(axis=(1, 2))
    at_seam = (np.arange(1, len(seen)) % stage.hop) == 0
    assert steps.mean() > 1e-5, "nothing moves: the test would prove nothing"
    assert steps[at_seam].mean() < 1.3 * steps[~at_seam].mean()


def test_effects_of_window_edges_do_not_appear_at_the_rate_of_the_hops(bundle: Speech2GestureBundle) -> None:
    """The output near the edge of a window differs; for a constant input hardly any of that remains."""
    stage = Speech2GestureStage(bundle, 0.4, "cpu")
    steady = np.full((1000, 64), -5.0, np.float32)
    window = stage._statistics.restore(stage._run(steady[:418]))
    near_the_edge = np.ptp(stage._rows.reshape(-1, 64) @ window.reshape(64, -1), axis=0).max()
    assert near_the_edge > 5e-4, "no effect of the edge: the test would prove nothing"
    assert np.ptp(stage.keypoints(steady)[500 // 4:200], axis=0).max() < 0.2 * near_the_edge


def test_poses_are_the_lifted_keypoints(bundle: Speech2GestureBundle, features: np.ndarray) -> None:
    stage = Speech2GestureStage(bundle, 0.4, "cpu")
    seen = stage.keypoints(features)
    assert seen.shape == (603 // 4, 49, 2)
    assert not seen[:, 0].any()
    np.testing.assert_array_equal(stage._lifter.lift(seen), play(stage, features, [77]))


def test_resampling_passes_through_the_frames_of_the_window() -> None:
    rows = _resampling(np.arange(106))
    np.testing.assert_allclose(rows.sum(axis=1), 1.0)
    np.testing.assert_allclose(rows[::5] @ np.arange(64.0), np.arange(0, 64, 3))  # every fifth pose is a third frame
    t = np.arange(64) / 15
    np.testing.assert_allclose((rows @ np.sin(3 * t))[2:-2], np.sin(3 * np.arange(106) / 25)[2:-2], atol=4e-3)


def test_memory_does_not_grow_with_the_stream(bundle: Speech2GestureBundle, features: np.ndarray) -> None:
    stage = Speech2GestureStage(bundle, 0.4, "cpu")
    sizes = []
    for start in range(0, 600, 24):
        stage.push(FeatureChunk(start, features[start:start + 24]))
        kept = stage._state.features
        sizes.append(kept.nbytes if kept.base is None else kept.base.nbytes)
    assert max(sizes) <= 4 * 64 * 418


def test_constants_are_those_of_the_feature_set() -> None:
    assert network_config.NUM_BANDS == log_mel.NUM_FEATURES
    assert (network_config.LOG_MEL_MIN, network_config.LOG_MEL_MAX) == (log_mel.LOG_MEL_MIN, log_mel.LOG_MEL_MAX)


def test_the_registry_opens_the_bundle(folder: Path, bundle: Speech2GestureBundle, features: np.ndarray) -> None:
    stage = open_model(folder, look_ahead_s=0.4, seed=3, device="cpu")
    assert (stage.name, stage.capabilities.feature_set, len(stage.skeleton)) == ("tiny", "log_mel64", 17)
    np.testing.assert_array_equal(play(stage, features, []),  # type: ignore[arg-type]
                                  play(Speech2GestureStage(bundle, 0.4, "cpu"), features, []))


def test_weights_of_another_size_are_refused(folder: Path) -> None:
    files = read_bundle(folder)
    files.manifest["network"]["channels"] = 24
    with pytest.raises(BundleError, match=r"of the weights is \(16,\), must be of shape \(24,\)"):
        Speech2GestureStage(bundle_from_files(files), device="cpu")


@pytest.mark.parametrize("look_ahead_s", [-0.1, 2.2, float("nan")])
def test_a_look_ahead_out_of_range_is_refused(bundle: Speech2GestureBundle, look_ahead_s: float) -> None:
    with pytest.raises(ConfigError, match="0 to 2"):
        Speech2GestureStage(bundle, look_ahead_s, "cpu")


def test_frames_of_another_width_are_refused(bundle: Speech2GestureBundle) -> None:
    with pytest.raises(ConfigError, match=r"shape of the feature frames is \(3, 45\), must be \(T, 64\)"):
        Speech2GestureStage(bundle, device="cpu").push(FeatureChunk(0, np.zeros((3, 45), np.float32)))
