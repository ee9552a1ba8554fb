import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.evaluation.accents import (
    ACCENT_SPACING_S,
    ACCENT_THRESHOLD,
    band_level_db,
    detect_accents,
    needed_spacing,
    pick_accents,
    pick_minor,
    speech_frames,
    track_f0,
)

RATE = 16_000


def voice(duration_s: float, f0_hz: np.ndarray | float, loud: np.ndarray | float = 0.1) -> np.ndarray:
    """A buzz with ten harmonics: (N,) with time-varying pitch and loudness."""
    num = round(duration_s * RATE)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(f0_hz, num)) / RATE
    return (loud * sum(np.sin(k * phase) / k for k in range(1, 11))).astype(np.float32)


def syllables(duration_s: float, accents_s: list[float], rate_hz: float = 4.0) -> np.ndarray:
    """Regular syllables at 120 Hz, of varying level; near the accents higher and louder."""
    t = np.arange(round(duration_s * RATE)) / RATE
    near = sum(np.exp(-0.5 * ((t - a) / 0.08) ** 2) for a in accents_s)
    uneven = np.random.default_rng(0).uniform(0.8, 1.2, 200)[(rate_hz * t).astype(int)]
    loud = 0.05 * uneven * (0.55 - 0.45 * np.cos(2 * np.pi * rate_hz * t)) * (1 + 2 * near)
    return voice(duration_s, 120.0 * 2 ** (0.4 * near), loud)


@pytest.mark.parametrize("f0_hz", [70.0, 110.0, 180.0, 290.0, 440.0])
def test_pitch_of_a_buzz_is_found_within_one_percent(f0_hz: float) -> None:
    f0, strength = track_f0(voice(0.5, f0_hz))
    np.testing.assert_allclose(f0[5:-5], f0_hz, rtol=0.01)
    assert strength[5:-5].min() > 0.9


def test_noise_has_no_pitch() -> None:
    _, strength = track_f0(np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32))
    assert np.percentile(strength, 99) < 0.45


def test_level_is_in_decibels_of_full_scale_within_the_band() -> None:
    t = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 1000 * t).astype(np.float32)  # mean power 1/2: -3.01 dB
    np.testing.assert_allclose(band_level_db(tone)[20:-20], -3.01, atol=0.15)
    low = np.sin(2 * np.pi * 50 * t).astype(np.float32)
    assert band_level_db(low)[20:-20].max() < -40


def test_accented_syllables_are_found_at_their_times() -> None:
    wanted = [1.125, 2.875, 4.375, 6.125]  # at syllable maxima
    found = detect_accents(syllables(8.0, wanted))
    strongest = np.sort(found.times_s[np.argsort(-found.prominence)[:4]])
    np.testing.assert_allclose(strongest, wanted, atol=0.05)


def test_accents_are_the_same_at_any_gain() -> None:
    samples = syllables(8.0, [1.125, 2.875, 4.375])
    loud, quiet = detect_accents(samples), detect_accents(samples * 10 ** (-10 / 20))
    np.testing.assert_array_equal(loud.times_s, quiet.times_s)
    np.testing.assert_allclose(loud.prominence, quiet.prominence, atol=1e-3)


def test_accents_move_with_the_sound() -> None:
    samples = syllables(8.0, [1.125, 2.875, 4.375])
    later = np.concatenate([np.zeros(1600, np.float32), samples])
    np.testing.assert_allclose(detect_accents(later).times_s, detect_accents(samples).times_s + 0.1, atol=0.011)


@pytest.mark.parametrize("sound", ["silence", "white noise", "hum below the band"])
def test_no_speech_has_no_accents(sound: str) -> None:
    t = np.arange(5 * RATE) / RATE
    samples = {
        "silence": np.zeros_like(t),
        "white noise": np.random.default_rng(1).normal(0, 0.1, len(t)),
        "hum below the band": 0.0005 * np.sin(2 * np.pi * 50 * t),
    }[sound]
    found = detect_accents(samples)
    assert len(found) == 0
    assert not found.speech.any()


def test_speech_begins_and_ends_with_the_voice() -> None:
    samples = np.concatenate([np.zeros(RATE), syllables(2.0, [1.125]), np.zeros(RATE)])
    speech = detect_accents(samples).speech
    frames = np.flatnonzero(speech)
    assert len(speech) == 100
    assert 0.75 <= frames[0] / 25 <= 1.1
    assert 2.9 <= frames[-1] / 25 <= 3.3


def test_voicing_reaches_to_its_consonants_and_short_gaps_close() -> None:
    voiced = np.zeros(200, dtype=bool)
    voiced[60:80] = voiced[110:130] = True
    speech = speech_frames(voiced)
    frames = np.flatnonzero(speech)
    np.testing.assert_array_equal(frames, np.arange(frames[0], frames[-1] + 1))
    assert 48 - 4 <= 4 * frames[0] <= 48 + 4
    assert 150 - 4 <= 4 * frames[-1] <= 150 + 4


def test_weaker_accents_need_a_larger_distance() -> None:
    assert needed_spacing(2.0) == pytest.approx(ACCENT_SPACING_S[0])
    assert needed_spacing(ACCENT_THRESHOLD) == pytest.approx(ACCENT_SPACING_S[1])
    assert needed_spacing(-0.15) == pytest.approx(0.5 * sum(ACCENT_SPACING_S))


def test_picked_accents_keep_their_distance_and_the_strongest_wins() -> None:
    times = np.arange(40) * 0.25
    measures = np.random.default_rng(2).normal(0, 1, (40, 4)) * [3.4, 3.4, 4.7, 0.75]
    measures[17] = [10, 8, 12, 1]
    accents, prominence = pick_accents(times, measures)
    assert np.diff(accents).min() >= ACCENT_SPACING_S[0]
    assert times[17] in accents
    assert times[17] == accents[np.argmax(prominence)]


def test_nan_samples_count_as_silence() -> None:
    samples = syllables(4.0, [1.125, 2.875])
    holes = samples.copy()
    samples[20_000:24_000], holes[20_000:24_000] = 0.0, np.nan
    np.testing.assert_array_equal(detect_accents(holes).times_s, detect_accents(samples).times_s)


@pytest.mark.parametrize("num", [0, 1, 639, 640, 1000])
def test_the_shortest_recordings_have_a_result(num: int) -> None:
    found = detect_accents(np.zeros(num, dtype=np.float32))
    assert found.speech.shape == (num // 640,)
    assert found.level_db.shape == (num // 640,)


def test_stereo_is_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="Mix down"):
        detect_accents(np.zeros((2, 16_000)))


def test_minor_syllables_keep_their_distance_from_accents_and_more_prominent_ones() -> None:
    times = np.array([0.0, 0.3, 0.7, 0.9, 1.4, 2.0])
    score = np.array([1.0, 0.2, -0.5, 0.1, -2.0, -0.3])
    minor, prominence = pick_minor(times, score, np.array([0.0]))
    np.testing.assert_array_equal(minor, [0.9, 2.0])  # 0.3 is near the accent, 0.7 near 0.9, 1.4 too weak
    np.testing.assert_array_equal(prominence, [0.1, -0.3])
    assert len(pick_minor(times[:0], score[:0], np.zeros(0))[0]) == 0
