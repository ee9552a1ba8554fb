"""Augmentation keeps the envelope of speech; sound without speech is bounded."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.datasets.sound_augmentation import (
    augment,
    band_limit,
    coloured_noise,
    draw_music,
    draw_non_speech,
)


@pytest.fixture
def voice() -> np.ndarray:
    time = np.arange(32_000) / 16_000
    buzz = np.sign(np.sin(2 * np.pi * 130 * time)) * np.clip(np.sin(2 * np.pi * 3 * time), 0, 1)
    return (0.1 * buzz).astype(np.float32)


def test_augmentation_is_seeded_bounded_and_keeps_the_envelope(voice: np.ndarray) -> None:
    for seed in range(12):
        damaged = augment(voice, [], np.random.default_rng(seed))
        np.testing.assert_array_equal(damaged, augment(voice, [], np.random.default_rng(seed)))
        assert damaged.dtype == np.float32
        assert damaged.shape == voice.shape
        assert np.abs(damaged).max() <= 1.0
        envelopes = [np.sqrt(np.mean(x.reshape(-1, 400) ** 2, axis=1)) for x in (voice, damaged)]
        assert np.corrcoef(*envelopes)[0, 1] > 0.6


def test_a_band_limit_removes_higher_frequencies() -> None:
    noise = coloured_noise(64_000, 0.0, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(band_limit(noise, 4000.0))) ** 2
    assert spectrum[26_000:].mean() < 1e-3 * spectrum[:12_000].mean()


def test_brown_noise_falls_by_20_db_per_decade() -> None:
    spectrum = np.abs(np.fft.rfft(coloured_noise(160_000, 2.0, np.random.default_rng(0)))) ** 2
    assert 10 * np.log10(spectrum[20_000:22_000].mean() / spectrum[2000:2200].mean()) == pytest.approx(-20, abs=1.5)


def test_sound_without_speech_is_bounded_and_sometimes_silent() -> None:
    sounds = [draw_non_speech(16_000, [], np.random.default_rng(seed)) for seed in range(25)]
    assert all(s.shape == (16_000,) and np.abs(s).max() <= 1.0 and np.isfinite(s).all() for s in sounds)
    assert any(not s.any() for s in sounds)


def test_music_has_constant_pitches() -> None:
    music = draw_music(16_000 * 4, np.random.default_rng(1))
    spectrum = np.abs(np.fft.rfft(music * np.hanning(len(music)))) ** 2
    assert np.sort(spectrum)[-60:].sum() > 0.3 * spectrum.sum()
