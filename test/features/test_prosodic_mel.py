import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, NUM_FEATURES, ProsodicMelStage, compute_prosodic_mel

LEVEL = FEATURE_NAMES.index("level")
ENERGY, VOICING = FEATURE_NAMES.index("energy"), FEATURE_NAMES.index("voicing")
F0, F0_DELTA = FEATURE_NAMES.index("f0"), FEATURE_NAMES.index("f0_delta")


def speech_like(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    """Syllables: a buzz with gliding pitch, four times a second, over faint noise."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(16000 * seconds)) / 16000
    phase = 2 * np.pi * np.cumsum(140 * 2 ** (0.3 * np.sin(2 * np.pi * 0.7 * time_s))) / 16000
    buzz = sum(np.sin(k * phase) / k for k in range(1, 16))
    syllables = np.clip(np.sin(2 * np.pi * 2 * time_s), 0, 1)
    return (level * syllables * buzz + level * 0.003 * rng.standard_normal(len(time_s))).astype(np.float32)


def stream(samples: np.ndarray, cuts: list[int]) -> np.ndarray:
    stage, start, parts = ProsodicMelStage(), 0, []
    for stop in [*sorted(cuts), len(samples)]:
        parts.append(stage.push(AudioChunk(start, samples[start:stop])))
        start = stop
    parts.append(stage.flush())
    for before, after in itertools.pairwise(parts):
        assert after.start_index == before.stop_index
    return np.concatenate([p.values for p in parts])


SAMPLES = speech_like(1.5)
OFFLINE = compute_prosodic_mel(SAMPLES)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, len(SAMPLES)), max_size=30))
def test_any_chunking_gives_bit_identical_features(cuts: list[int]) -> None:
    np.testing.assert_array_equal(stream(SAMPLES, cuts), OFFLINE)


def test_single_samples_give_bit_identical_features() -> None:
    np.testing.assert_array_equal(stream(SAMPLES[:2000], list(range(2000))), compute_prosodic_mel(SAMPLES[:2000]))


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 799, 24000])
def test_there_is_one_frame_for_each_complete_hop(samples: int) -> None:
    assert compute_prosodic_mel(np.zeros(samples, dtype=np.float32)).shape == (samples // 160, NUM_FEATURES)


def test_a_frame_is_out_exactly_at_its_declared_latency() -> None:
    stage = ProsodicMelStage()
    needed = 160 * 10 + round(stage.latency_s * 16000)  # frame 10 lies at 100 ms
    assert stage.push(AudioChunk(0, SAMPLES[:needed - 1])).stop_index == 10
    assert stage.push(AudioChunk(needed - 1, SAMPLES[needed - 1:needed])).stop_index == 11


def test_later_samples_never_change_earlier_frames() -> None:
    changed = SAMPLES.copy()
    changed[8000:] = 0.9
    same = (8000 - 400) // 160 + 1
    np.testing.assert_array_equal(compute_prosodic_mel(changed)[:same], OFFLINE[:same])
    assert not np.array_equal(compute_prosodic_mel(changed)[same], OFFLINE[same])


def test_reset_equals_new() -> None:
    stage = ProsodicMelStage()
    stage.push(AudioChunk(0, speech_like(1.0, seed=3, level=0.5)))
    stage.reset()
    chunk = stage.push(AudioChunk(0, SAMPLES))
    assert chunk.start_index == 0
    np.testing.assert_array_equal(chunk.values, OFFLINE[:len(chunk)])


@pytest.mark.parametrize("gain_db", [-20, 20])
def test_gain_of_the_input_hardly_matters_two_seconds_into_speech(gain_db: float) -> None:
    samples = speech_like(5.0, level=0.05)
    features, other = compute_prosodic_mel(samples), compute_prosodic_mel(samples * np.float32(10 ** (gain_db / 20)))
    difference = np.delete(np.abs(features - other), LEVEL, axis=1)[200:]
    assert difference.max() < 0.2
    assert difference.mean() < 0.03
    assert (other - features)[-1, LEVEL] == pytest.approx(gain_db / 20, abs=0.05)


def test_features_of_speech_are_of_about_unit_size() -> None:
    features = compute_prosodic_mel(speech_like(5.0))
    assert np.all(np.abs(features) <= 4.0)
    assert np.all((features.std(axis=0)[:10] > 0.5) & (features.std(axis=0)[:10] < 2.0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, 0.5, 1e30])
def test_damaged_and_constant_input_gives_finite_features(value: float) -> None:
    assert np.all(np.isfinite(compute_prosodic_mel(np.full(3200, value, dtype=np.float32))))


def test_non_finite_samples_count_as_zero() -> None:
    broken, repaired = SAMPLES.copy(), SAMPLES.copy()
    broken[1000:3000:7], repaired[1000:3000:7] = np.nan, 0.0
    np.testing.assert_array_equal(compute_prosodic_mel(broken), compute_prosodic_mel(repaired))


def test_digital_silence_always_gives_the_same_frame() -> None:
    features = compute_prosodic_mel(np.zeros(16000, dtype=np.float32))
    np.testing.assert_array_equal(features, np.broadcast_to(features[0], features.shape))
    assert np.all(features[0, [VOICING, F0, F0_DELTA]] == 0)


def test_a_long_pause_does_not_turn_its_noise_into_speech() -> None:
    rng = np.random.default_rng(0)
    pause = (3e-4 * rng.standard_normal(16000 * 60)).astype(np.float32)
    features = compute_prosodic_mel(np.concatenate([speech_like(3.0), pause]))
    assert features[-1, LEVEL] == pytest.approx(features[301, LEVEL], abs=0.02)
    assert features[400:, ENERGY].max() < -0.8


def test_rising_pitch_shows_in_f0_and_its_slope() -> None:
    f0_hz = np.concatenate([np.full(16000, 120.0), np.geomspace(120, 180, 8000)])
    samples = 0.2 * np.sign(np.sin(2 * np.pi * np.cumsum(f0_hz) / 16000)).astype(np.float32)
    features = compute_prosodic_mel(samples)
    assert abs(features[90, F0]) < 0.2
    assert features[140, F0] > 0.5
    assert abs(features[90, F0_DELTA]) < 0.02
    slope = np.log2(180 / 120) / 0.5 / 5.0  # octaves a second in units of 5
    assert features[125:140, F0_DELTA].mean() == pytest.approx(slope, rel=0.25)


def test_samples_with_channels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(10, 2\), must be \(N,\): mix channels down first"):
        compute_prosodic_mel(np.zeros((10, 2), dtype=np.float32))
