"""Stage of the default model: chunks, seeds, silence at the end, constant memory."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import FeatureChunk, concatenate
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle
from speech_gesture_ros.networks.speech_to_motion.model_stage import SpeechToMotionStage


def play(stage: SpeechToMotionStage, features: np.ndarray, cuts: list[int]) -> np.ndarray:
    bounds = [0, *sorted(cuts), len(features)]
    chunks = [stage.push(FeatureChunk(a, features[a:b])) for a, b in pairwise(bounds)]
    return concatenate([*chunks, stage.flush()]).values


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(0, 403), max_size=30), look_ahead_s=st.sampled_from([0.0, 0.4, 1.0]))
def test_any_chunking_gives_the_offline_motion(bundle: SpeechToMotionBundle, features: np.ndarray, cuts: list[int],
                                               look_ahead_s: float) -> None:
    stage = SpeechToMotionStage(bundle, look_ahead_s, device="cpu")
    whole = play(stage, features, [])
    stage.reset()
    assert whole.shape == (403 // 4, 17, 3)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(play(stage, features, cuts), whole, atol=1e-5, rtol=0)


@pytest.mark.parametrize("count", [0, 3, 4, 17, 39, 40, 41])
def test_short_streams_get_a_pose_for_each_complete_frame(bundle: SpeechToMotionBundle, features: np.ndarray,
                                                          count: int) -> None:
    assert len(play(SpeechToMotionStage(bundle, 0.4, device="cpu"), features[:count], [])) == count // 4


def test_declared_latency_is_when_a_pose_comes_out(bundle: SpeechToMotionBundle, features: np.ndarray) -> None:
    for look_ahead_s in (0.0, 0.08, 0.4, 1.0):
        stage, waits = SpeechToMotionStage(bundle, look_ahead_s, device="cpu"), []
        for i in range(300):
            poses = stage.push(FeatureChunk(i, features[i:i + 1]))
            waits += [(i + 1) / 100 - k / 25 for k in range(poses.start_index, poses.stop_index)]
        assert max(waits) == pytest.approx(stage.latency_s)
        assert stage.latency_s == pytest.approx(look_ahead_s + 0.04)


def test_same_seed_same_motion_other_seed_other_motion(bundle: SpeechToMotionBundle, features: np.ndarray) -> None:
    one, again, other = (play(SpeechToMotionStage(bundle, seed=s, device="cpu"), features, []) for s in (5, 5, 6))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 1e-4


def test_reset_equals_a_new_stage(bundle: SpeechToMotionBundle, features: np.ndarray) -> None:
    stage = SpeechToMotionStage(bundle, device="cpu")
    first = play(stage, features, [])
    stage.reset()
    stage.push(FeatureChunk(0, features[:101]))
    stage.reset()
    np.testing.assert_array_equal(play(stage, features, []), first)


def test_flush_is_as_if_silence_followed(bundle: SpeechToMotionBundle, features: np.ndarray) -> None:
    flushed = play(SpeechToMotionStage(bundle, 0.4, device="cpu"), features[:400], [])
    stage = SpeechToMotionStage(bundle, 0.4, device="cpu")
    followed = stage.push(FeatureChunk(0, np.concatenate([features[:400], np.tile(bundle.silence, (40, 1))])))
    np.testing.assert_allclose(flushed, followed.values, atol=1e-5, rtol=0)


def test_memory_does_not_grow_with_the_stream(bundle: SpeechToMotionBundle, features: np.ndarray) -> None:
    stage = SpeechToMotionStage(bundle, device="cpu")

    def floats() -> int:
        state = stage._state.network
        arrays = (*state.layers, state.encoded, state.hidden, state.unsmoothed, stage._frames._pending)
        # A view keeps its whole chunk in memory.
        return sum(a.nbytes if a.base is None else a.base.nbytes for a in arrays)

    stage.push(FeatureChunk(0, features[:200]))
    stage.push(FeatureChunk(200, features[200:205]))
    before = floats()
    for i in range(20):
        stage.push(FeatureChunk(205 + 4 * i, features[4 * i:4 * i + 4]))
    assert floats() <= before + 4 * 64


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_moves_as_the_cpu_does(bundle: SpeechToMotionBundle, features: np.ndarray) -> None:
    on_cuda, on_cpu = (play(SpeechToMotionStage(bundle, device=d), features, [5, 100]) for d in ("cuda", "cpu"))
    np.testing.assert_allclose(on_cuda, on_cpu, atol=1e-4, rtol=0)


@pytest.mark.parametrize("look_ahead_s", [-0.1, 1.2, float("nan")])
def test_a_look_ahead_out_of_range_is_refused(bundle: SpeechToMotionBundle, look_ahead_s: float) -> None:
    with pytest.raises(ConfigError, match=r"look_ahead_s is .*must be 0 to 1 s"):
        SpeechToMotionStage(bundle, look_ahead_s, device="cpu")


def test_frames_of_another_width_are_refused(bundle: SpeechToMotionBundle) -> None:
    with pytest.raises(ConfigError, match=r"shape of the feature frames is \(3, 7\), must be \(T, 5\)"):
        SpeechToMotionStage(bundle, device="cpu").push(FeatureChunk(0, np.zeros((3, 7), np.float32)))
