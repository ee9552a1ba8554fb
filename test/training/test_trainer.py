"""The loop learns, and a run that was stopped ends where it would have ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.training.config import TrainingConfig
from speech_gesture_ros.training.datasets import SequenceSampler, measure
from speech_gesture_ros.training.preparation import Track
from speech_gesture_ros.training.train import make_network
from speech_gesture_ros.training.trainer import Trainer, learning_rate


def make_trainer(tracks: list[Track], config: TrainingConfig, checkpoint: Path | None = None) -> Trainer:
    torch.manual_seed(config.seed)
    statistics = measure(tracks)
    sampler = SequenceSampler(tracks, load_skeleton(), True, config.seed)
    return Trainer(make_network(config, statistics), sampler, statistics, config, checkpoint)


def total_loss(trainer: Trainer) -> float:
    batches = [trainer.sampler.draw(10_000 + i, 8, 96, 10) for i in range(2)]
    trainer.network.eval()
    with torch.no_grad():
        return float(np.mean([sum(float(v) for v in trainer.losses(b).values()) for b in batches]))


def test_motion_is_learned_in_seconds(tracks: list[Track], config: TrainingConfig) -> None:
    trainer = make_trainer(tracks, config)
    before = total_loss(trainer)
    trainer.run()
    after = total_loss(trainer)
    assert after < 0.75 * before, f"loss went from {before:.3f} to {after:.3f}"


def test_poses_are_rebuilt_from_z(tracks: list[Track], config: TrainingConfig) -> None:
    assert make_trainer(tracks, config).learn_poses() < 0.02


def test_a_resumed_run_ends_where_an_unbroken_one_does(tracks: list[Track], config: TrainingConfig,
                                                       tmp_path: Path) -> None:
    short = replace(config, steps=6, decoder_steps=3, checkpoint_s=0.0)
    unbroken = make_trainer(tracks, short).run()
    broken = make_trainer(tracks, short, tmp_path / "run.pt")
    draw, done = broken.sampler.draw, []

    def stop_at_four(*args: int) -> object:
        if len(done) == 4 + 3:  # three poses batches come first
            raise KeyboardInterrupt
        done.append(args)
        return draw(*args)

    broken.sampler.draw = stop_at_four  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        broken.run()
    resumed = make_trainer(tracks, short, tmp_path / "run.pt")
    assert resumed.resume()
    assert resumed.progress.step == 4
    weights = resumed.run()
    for name, value in unbroken.items():
        torch.testing.assert_close(weights[name], value, atol=1e-6, rtol=0)


def test_there_is_nothing_to_resume_at_first(tracks: list[Track], config: TrainingConfig, tmp_path: Path) -> None:
    assert not make_trainer(tracks, config, tmp_path / "run.pt").resume()


def test_the_learning_rate_rises_then_falls(config: TrainingConfig) -> None:
    rates = [learning_rate(i, config) for i in range(config.steps + 1)]
    assert rates[0] == pytest.approx(config.learning_rate / 5)
    assert max(rates) <= config.learning_rate
    assert np.argmax(rates) == 4
    assert rates[-1] == pytest.approx(config.learning_rate / 50)
