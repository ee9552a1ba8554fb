"""Losses are 0 for the target, and each part depends on its own kind of error."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.speech_to_motion.motion_decoder import BodyChain
from speech_gesture_ros.training.speech_to_motion.losses import event_loss, motion_loss, spreads_of
from speech_gesture_ros.training.speech_to_motion.run_config import LossConfig
from speech_gesture_ros.training.speech_to_motion.sequences import SequenceSampler
from speech_gesture_ros.training.speech_to_motion.statistics import measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack


@pytest.fixture
def parts_of(tracks: list[TrainingTrack]):
    spreads = spreads_of(measure_statistics(tracks), torch.device("cpu"))
    chain = BodyChain(load_skeleton())
    return lambda predicted, target: {
        k: float(v) for k, v in motion_loss(predicted, target, chain, spreads, LossConfig()).items()}


def some_motion() -> torch.Tensor:
    rest = torch.from_numpy(load_skeleton().rest_xyz).float()
    return rest + 0.02 * torch.randn(2, 40, 17, 3, generator=torch.Generator().manual_seed(0)).cumsum(dim=1)


def test_the_loss_of_the_target_is_zero(parts_of) -> None:
    motion = some_motion()
    assert parts_of(motion, motion) == pytest.approx(dict.fromkeys(
        ("position", "velocity", "acceleration", "size", "direction"), 0.0), abs=1e-5)


def test_a_displaced_motion_raises_the_position_loss_only(parts_of) -> None:
    motion = some_motion()
    parts = parts_of(motion + 0.1, motion)
    assert parts["position"] > 0.1
    assert parts["velocity"] + parts["acceleration"] + parts["direction"] < 1e-3


def test_a_smaller_motion_raises_the_size_loss_and_a_constant_one_most(parts_of) -> None:
    motion = some_motion()
    mean = motion.mean(dim=1, keepdim=True)
    sizes = [parts_of(mean + scale * (motion - mean), motion)["size"] for scale in (1.0, 0.9, 0.5, 0.0)]
    assert sizes[0] == pytest.approx(0.0, abs=1e-6)
    assert sizes == sorted(sizes)
    assert sizes[3] > 10 * sizes[1]


def test_a_tremor_raises_the_acceleration_loss_most(parts_of) -> None:
    motion = some_motion()
    tremble = motion + 0.004 * torch.tensor(np.cos(np.pi * np.arange(40)), dtype=torch.float32).view(1, 40, 1, 1)
    parts = parts_of(tremble, motion)
    # The acceleration part has a weight of 0.2.
    assert parts["acceleration"] / 0.2 > parts["velocity"] > parts["position"]


def test_events_are_compared_with_the_frame_that_they_are_about(tracks: list[TrainingTrack]) -> None:
    batch = SequenceSampler(tracks, load_skeleton(), True, 0).draw(0, 4, 96, 10)
    lags = (1, 5)
    logits = torch.full((4, 96, 2, 2), -8.0)
    for i, lag in enumerate(lags):
        logits[:, lag:, 0, i] += 16.0 * (batch.accent[:, :96 - lag] > 0.5)
        logits[:, lag:, 1, i] += 16.0 * (batch.speech[:, :96 - lag] > 0.5)
    right = event_loss(logits, batch, lags, 1.0)
    wrong = event_loss(logits.roll(1, dims=1), batch, lags, 1.0)
    assert right < 0.02
    assert wrong > 10 * right


def test_size_has_a_small_weight_at_first() -> None:
    weights = LossConfig(size=0.1, acceleration_size=0.3, size_early=0.02, size_from=0.5)
    assert [weights.at(p).size for p in (0.0, 0.49, 0.5, 1.0)] == [0.02, 0.02, 0.1, 0.1]
    assert [weights.at(p).acceleration_size for p in (0.49, 0.5)] == [0.0, 0.3]
    assert weights.at(0.1).velocity == weights.velocity


def test_smoothing_raises_the_acceleration_size_loss(tracks: list[TrainingTrack]) -> None:
    spreads, chain = spreads_of(measure_statistics(tracks), torch.device("cpu")), BodyChain(load_skeleton())
    motion = some_motion()
    smooth = motion.clone()
    smooth[:, 1:-1] = (motion[:, 2:] + 2 * motion[:, 1:-1] + motion[:, :-2]) / 4
    sizes = [float(motion_loss(smooth, motion, chain, spreads, LossConfig(acceleration_size=w))["size"])
             for w in (0.0, 0.1)]
    assert sizes[1] > 2 * sizes[0] > 0
