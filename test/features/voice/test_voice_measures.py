"""Measures of voices whose pitch, vocal tract, rate, effort and breath are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from tube_voice import tube_voice

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.features.voice.voice_measures import (
    MEANINGS,
    UNITS,
    VoiceMeasures,
    measure_voice,
    median_measures,
)


@pytest.mark.parametrize("f0", [90.0, 120.0, 180.0, 260.0])
def test_the_pitch_is_that_of_the_pulses(f0: float) -> None:
    assert measure_voice(tube_voice(f0_hz=f0)).f0_hz == pytest.approx(f0, rel=0.03)


@pytest.mark.parametrize("tract", [14.0, 15.5, 17.0, 18.5])
@pytest.mark.parametrize("f0", [100.0, 150.0, 220.0])
def test_the_vocal_tract_is_that_of_the_tube(tract: float, f0: float) -> None:
    assert measure_voice(tube_voice(f0_hz=f0, tract_cm=tract)).tract_cm == pytest.approx(tract, rel=0.04)


def test_the_range_is_that_of_the_swing() -> None:
    wide = measure_voice(tube_voice(semitones=5.0)).f0_range_st
    assert wide == pytest.approx(2 * 5.0 * np.sin(0.4 * np.pi), rel=0.1)  # 10 to 90 % of a sine


@pytest.mark.parametrize("rate", [3.0, 5.0])
def test_the_rate_is_that_of_the_syllables(rate: float) -> None:
    measured = measure_voice(tube_voice(syllables_s=rate, seconds=4.0)).rate_hz
    assert measured == pytest.approx(rate, rel=0.25)


def test_a_harder_voice_has_more_effort_and_breath_lowers_the_cepstral_peak() -> None:
    soft, hard = (measure_voice(tube_voice(tilt=tilt)) for tilt in (0.98, 0.7))
    assert hard.effort_db > soft.effort_db + 3.0
    clear, breathy = (measure_voice(tube_voice(noise=noise)) for noise in (0.0, 0.5))
    assert breathy.cpp_db < clear.cpp_db - 2.0


def test_gain_changes_the_level_alone() -> None:
    quiet, loud = (measure_voice(gain * tube_voice()) for gain in (0.1, 1.0))
    assert loud.level_db - quiet.level_db == pytest.approx(20.0, abs=0.1)
    for name in set(UNITS) - {"level_db"}:
        assert getattr(quiet, name) == pytest.approx(getattr(loud, name), rel=0.01), name


def test_speech_that_is_played_faster_has_a_higher_pitch_and_a_shorter_tract() -> None:
    voice = tube_voice(f0_hz=110.0, tract_cm=17.5)
    slow, fast = (measure_voice(signal.resample_poly(voice, 100, by)) for by in (100, 120))
    assert fast.f0_hz / slow.f0_hz == pytest.approx(1.2, rel=0.02)
    assert slow.tract_cm / fast.tract_cm == pytest.approx(1.2, rel=0.05)


def test_the_median_is_taken_of_each_measure() -> None:
    rows = [VoiceMeasures(*(k + value for k in range(7))) for value in (0.0, 10.0, 1.0)]
    assert median_measures(rows) == rows[2]
    assert set(MEANINGS) == set(UNITS) == set(rows[0].as_mapping())


@pytest.mark.parametrize("sound", [np.zeros(16_000), np.random.default_rng(0).normal(0, 0.1, 32_000), np.zeros(0),
                                   np.zeros(10), tube_voice(seconds=0.3), np.full(16_000, np.nan)])
def test_sound_without_enough_voice_is_refused(sound: np.ndarray) -> None:
    with pytest.raises(InputError, match="voice in x"):
        measure_voice(sound, "x")


def test_a_narrow_band_is_refused() -> None:
    with pytest.raises(InputError, match="formants in x"):
        measure_voice(np.sin(2 * np.pi * 150 * np.arange(32_000) / 16_000), "x")
