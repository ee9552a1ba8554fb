import numpy as np
import pytest

from speech_gesture_ros.features.level import (
    LEVEL_RANGE_DB,
    TYPICAL_LEVEL_DB,
    LevelTracker,
    PitchTracker,
    voicing_from_periodicity,
)


def speech_energy(frames: int, mean_db: float = -30.0, seed: int = 0) -> np.ndarray:
    return mean_db + 6 * np.random.default_rng(seed).standard_normal(frames)


def test_level_shifts_exactly_with_the_gain_from_the_first_voiced_frame_on() -> None:
    energy_db, voicing = speech_energy(300), np.random.default_rng(1).random(300).round(1)
    level = LevelTracker().track(energy_db, voicing)
    quiet = LevelTracker().track(energy_db - 17, voicing)
    first = int(np.argmax(voicing > 0))
    np.testing.assert_allclose((level - quiet)[first:], 17.0, atol=1e-9)


def test_level_is_near_the_voice_within_half_a_second_even_after_hum() -> None:
    tracker = LevelTracker()
    tracker.track(np.full(500, -65.0), np.ones(500))
    level = tracker.track(np.full(200, -25.0), np.ones(200))
    assert level[50] > -45
    assert level[199] == pytest.approx(-25, abs=1.0)


def test_silence_and_noise_do_not_move_the_level() -> None:
    tracker = LevelTracker()
    before = tracker.track(speech_energy(300), np.ones(300))[-1]
    after = tracker.track(np.concatenate([np.full(100_000, -100.0), np.full(1000, -10.0)]), np.zeros(101_000))
    np.testing.assert_array_equal(after, before)


def test_faint_hum_in_a_pause_moves_the_level_only_slowly() -> None:
    tracker = LevelTracker()
    before = tracker.track(speech_energy(500), np.ones(500))[-1]
    after = tracker.track(np.full(300, -70.0), np.ones(300))[-1]
    assert before - 5 < after < before


def test_level_stays_in_its_range() -> None:
    for energy_db, bound in ((200.0, LEVEL_RANGE_DB[1]), (-200.0, LEVEL_RANGE_DB[0])):
        assert LevelTracker().track(np.full(9999, energy_db), np.ones(9999))[-1] == pytest.approx(bound)


def test_level_before_any_voice_is_the_typical_one() -> None:
    np.testing.assert_array_equal(LevelTracker().track(np.full(9, -80.0), np.zeros(9)), TYPICAL_LEVEL_DB)


def test_usual_pitch_settles_on_the_speaker_within_two_seconds_of_voice() -> None:
    usual = PitchTracker().track(np.full(200, np.log2(220.0)), np.ones(200))
    assert abs(usual[-1] - np.log2(220)) < 0.05


def test_octave_errors_weigh_little() -> None:
    log2_f0 = np.full(1000, np.log2(200.0))
    log2_f0[::10] -= 1.0
    usual = PitchTracker().track(log2_f0, np.ones(1000))
    assert abs(usual[-1] - np.log2(200)) < 0.1


def test_unvoiced_frames_do_not_move_the_usual_pitch() -> None:
    tracker = PitchTracker()
    before = tracker.log2_f0
    np.testing.assert_array_equal(tracker.track(np.full(50, 6.0), np.zeros(50)), before)


def test_voicing_is_soft_between_clear_cases() -> None:
    voicing = voicing_from_periodicity(np.array([0.0, 0.5, 0.65, 0.8, 1.0]))
    np.testing.assert_allclose(voicing, [0, 0, 0.5, 1, 1], atol=1e-12)
