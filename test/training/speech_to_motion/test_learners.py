"""The network learns in seconds, and an interrupted run is resumed to the same weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("pytorch_lightning", reason="needs pytorch-lightning (pip install '.[train]')")


from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.engine.averaged_learner import rate
from speech_gesture_ros.training.engine.fit import fit
from speech_gesture_ros.training.speech_to_motion.learners import (
    MotionLearner,
    PoseLearner,
    fit_config,
    train_network,
)
from speech_gesture_ros.training.speech_to_motion.new_network import make_network
from speech_gesture_ros.training.speech_to_motion.run_config import PairedRunConfig
from speech_gesture_ros.training.speech_to_motion.sequences import SequenceSampler
from speech_gesture_ros.training.speech_to_motion.statistics import Statistics, measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack

Parts = tuple[SpeechToMotionNetwork, SequenceSampler, Statistics]


def make_parts(tracks: list[TrainingTrack], config: PairedRunConfig) -> Parts:
    torch.manual_seed(config.seed)
    statistics = measure_statistics(tracks)
    sampler = SequenceSampler(tracks, load_skeleton(), True, config.seed)
    network = make_network(config, statistics, load_skeleton(), num_codes=8,
                           variations=tracks[0].variation.shape[-1])
    return network, sampler, statistics


def total_loss(parts: Parts, config: PairedRunConfig) -> float:
    network, sampler, statistics = parts
    learner = MotionLearner(network, statistics, config)
    network.eval()
    batches = [sampler.draw(10_000 + i, 8, 96, 10) for i in range(2)]
    with torch.no_grad():
        return float(np.mean([sum(float(v) for v in learner.losses(b).values()) for b in batches]))


@pytest.mark.slow
def test_motion_is_learned_in_seconds(tracks: list[TrainingTrack], config: PairedRunConfig, tmp_path: Path) -> None:
    parts = make_parts(tracks, config)
    before = total_loss(parts, config)
    parts[0].train()
    weights, result = train_network(*parts, config, tmp_path / "toy")
    assert result.step == config.steps
    trained = total_loss(parts, config)
    parts[0].load_state_dict(weights)
    averaged = total_loss(parts, config)
    assert trained < 0.75 * before, f"loss went from {before:.3f} to {trained:.3f}"
    assert averaged < 0.75 * before, f"of the averaged weights from {before:.3f} to {averaged:.3f}"


@pytest.mark.slow
def test_poses_are_reconstructed_from_z(tracks: list[TrainingTrack], config: PairedRunConfig, tmp_path: Path) -> None:
    network, sampler, _ = make_parts(tracks, config)
    learner = PoseLearner(network, sampler)
    fit(learner, learner.draw, None, out=tmp_path / "poses",
        config=replace(fit_config(config), max_steps=config.decoder_steps))
    with torch.no_grad():
        assert float(learner.loss(learner.draw(9_999))) < 0.02


@pytest.mark.slow
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(
        tracks: list[TrainingTrack], config: PairedRunConfig, tmp_path: Path) -> None:
    short = replace(config, steps=6, decoder_steps=3, checkpoint_s=0.0)
    uninterrupted, _ = train_network(*make_parts(tracks, short), short, tmp_path / "a")
    network, sampler, statistics = make_parts(tracks, short)
    draw = sampler.draw

    def stop_at_four(index: int, *sizes: int) -> object:
        if index == 4 and sizes[0] == short.batch:
            raise InterruptedError
        return draw(index, *sizes)

    sampler.draw = stop_at_four  # type: ignore[method-assign, assignment]
    with pytest.raises(InterruptedError):
        train_network(network, sampler, statistics, short, tmp_path / "b")
    sizes: list[tuple[int, ...]] = []
    network, sampler, statistics = make_parts(tracks, short)
    draw = sampler.draw

    def record(*arguments: int) -> object:
        sizes.append(arguments)
        return draw(*arguments)

    sampler.draw = record  # type: ignore[method-assign, assignment]
    weights, result = train_network(network, sampler, statistics, short, tmp_path / "b", resume=True)
    assert result.step == 6
    assert {batch for _, batch, *_ in sizes} == {short.batch}, "poses are not trained again"
    assert sizes[0][0] >= 3, "the first steps are not repeated"
    for name, value in uninterrupted.items():
        torch.testing.assert_close(weights[name], value, atol=0, rtol=0)


def test_the_learning_rate_rises_then_falls(config: PairedRunConfig) -> None:
    rates = [config.learning_rate * rate(i, config.steps, config.warm_up_steps) for i in range(config.steps + 1)]
    assert rates[0] == pytest.approx(config.learning_rate / 5)
    assert max(rates) <= config.learning_rate
    assert np.argmax(rates) == 4
    assert rates[-1] == pytest.approx(config.learning_rate / 50)
