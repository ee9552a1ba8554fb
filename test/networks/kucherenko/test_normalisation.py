from __future__ import annotations

import numpy as np

from speech_gesture_ros.networks.kucherenko.normalisation import RunningNormalisation

MEAN, STD = np.array([5.0, -1.0, 1.0]), np.array([2.0, 0.5, 0.3])


def speaker(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal([9.0, -1.8, 1.2], [5.0, 0.3, 0.1], (count, 3))


def test_a_speaker_has_the_statistics_of_the_training_data_within_fifteen_seconds() -> None:
    moved = RunningNormalisation(MEAN, STD, energy=2).apply(speaker(6000))[1500:]
    assert np.all(np.abs(moved.mean(axis=0) - MEAN) < 0.15 * STD)
    np.testing.assert_allclose(moved.std(axis=0), STD, rtol=0.15)


def test_features_with_the_statistics_of_the_training_data_do_not_change() -> None:
    like = np.random.default_rng(0).normal(MEAN, STD, (3000, 3))
    moved = RunningNormalisation(MEAN, STD, energy=None).apply(like)
    assert np.abs(moved - like).mean() < 0.15 * STD.mean()


def test_silence_does_not_change_the_statistics() -> None:
    normalisation = RunningNormalisation(MEAN, STD, energy=2)
    normalisation.apply(speaker(2000))
    before = normalisation.apply(speaker(1, seed=1))
    again = RunningNormalisation(MEAN, STD, energy=2)
    again.apply(speaker(2000))
    silence = np.tile([-30.0, 0.0, 0.0], (5000, 1))
    again.apply(silence)
    np.testing.assert_array_equal(again.apply(speaker(1, seed=1)), before)


def test_any_chunking_gives_the_same_and_reset_equals_new() -> None:
    normalisation, frames = RunningNormalisation(MEAN, STD, energy=2), speaker(500)
    whole = normalisation.apply(frames)
    normalisation.reset()
    chunks = np.concatenate([normalisation.apply(frames[i:i + 37]) for i in range(0, 500, 37)])
    np.testing.assert_array_equal(chunks, whole)
