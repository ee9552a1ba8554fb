from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.evaluation.signals import pink, sounds_without_speech

SIGNALS = sounds_without_speech(8.0, seed=1)


def level_db(samples):
    return 10 * np.log10(np.mean(samples.astype(float) ** 2))


def test_the_same_seed_gives_the_same_samples_and_another_one_others():
    again, other = sounds_without_speech(8.0, seed=1), sounds_without_speech(8.0, seed=2)
    for name in ("hush", "white noise", "pink noise", "music"):
        np.testing.assert_array_equal(SIGNALS[name], again[name])
        assert np.any(SIGNALS[name] != other[name])


def test_all_are_16_khz_mono_floats_within_full_scale():
    for samples in SIGNALS.values():
        assert (samples.shape, samples.dtype) == ((128_000,), np.float32)
        assert np.abs(samples).max() <= 1.0


LEVELS_DB = {"hush": -70, "white noise": -30, "pink noise": -30, "music": -20}


@pytest.mark.parametrize(("name", "expected_db"), LEVELS_DB.items())
def test_levels_are_as_stated(name, expected_db):
    assert level_db(SIGNALS[name]) == pytest.approx(expected_db, abs=0.5)


def test_silence_is_silent():
    assert not SIGNALS["silence"].any()


def test_pink_noise_loses_three_decibels_an_octave():
    power = np.abs(np.fft.rfft(pink(np.random.default_rng(0).normal(size=2**17)))) ** 2
    hz = np.fft.rfftfreq(2**17, 1 / 16_000)
    low, high = (10 * np.log10(power[(hz > f) & (hz < 2 * f)].mean()) for f in (200, 1600))
    assert low - high == pytest.approx(9.0, abs=0.5)


def test_music_has_a_beat_twice_a_second_and_tones():
    music = SIGNALS["music"].astype(float)
    envelope = np.abs(music).reshape(-1, 160).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(envelope - envelope.mean()))
    assert spectrum[16] > 5 * np.median(spectrum)  # 2 Hz: cycle 16 of 8 s
    tones = np.abs(np.fft.rfft(music))
    assert tones.max() > 50 * np.median(tones)


def test_a_duration_of_0_is_refused():
    with pytest.raises(InputError, match=r"duration of sounds without speech is 0\.0, must be at least 1 s"):
        sounds_without_speech(0.0)
