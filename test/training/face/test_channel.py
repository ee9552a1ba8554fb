"""Channels of the face training: lengths and levels are kept, each damage does what it says."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.training.face.channel import babble, mu_law, pass_channel


def tone(hz: float, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(16_000 * seconds)) / 16_000)).astype(np.float32)


def test_a_channel_is_a_function_of_the_draws_and_keeps_length_and_range() -> None:
    changed = 0
    for seed in range(20):
        one, again = (pass_channel(tone(300.0), [], np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(one, again)
        assert one.shape == (16_000,)
        assert np.abs(one).max() <= 1.0
        changed += int(not np.array_equal(one, tone(300.0)))
    assert 5 <= changed <= 19  # about half of the sounds pass unchanged


def test_the_mu_law_rounds_small_samples_less_than_large_ones() -> None:
    samples = np.array([0.001, 0.9])
    error = np.abs(mu_law(samples, 64) - samples)
    assert error[0] < 0.001
    assert error[1] < 0.1
    assert mu_law(np.array([0.0, 1.0, -1.0]), 64) == pytest.approx([0.0, 1.0, -1.0])
    assert len(np.unique(mu_law(np.linspace(-1, 1, 5000), 64))) <= 65


def test_babble_has_energy_of_the_speech_but_not_its_waveform() -> None:
    speech = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
    other = babble(speech, np.random.default_rng(2))
    assert other.shape == speech.shape
    assert other.std() > 1.0
    assert abs(np.corrcoef(other, speech)[0, 1]) < 0.1
