import itertools
import pickle

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.audio.resampler import Resampler

COPRIME = [191999, 96001, 44099, 22051, 15999, 16001, 11027, 8001]
RATES = [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 192000]


def to_16k(samples: np.ndarray, rate: int, cuts: list[int] | None = None) -> np.ndarray:
    resampler = Resampler(rate)
    bounds = [0, *sorted(cuts or []), len(samples)]
    parts = [resampler.push(samples[a:b]) for a, b in itertools.pairwise(bounds)]
    return np.concatenate([*parts, resampler.flush()])


def tone(frequency_hz: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate)) / rate)


def db_of_tone(samples: np.ndarray) -> float:
    """Power in the middle, relative to a full-scale sine [dB]."""
    middle = samples[len(samples) // 4:-len(samples) // 4].astype(np.float64)
    return float(10 * np.log10(2 * np.mean(middle**2) + 1e-20))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([*RATES, *COPRIME]), st.lists(st.integers(0, 3000), max_size=20), st.integers(0, 3000))
def test_any_chunking_is_bit_identical(rate: int, cuts: list[int], length: int) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, length)
    cuts = [min(c, length) for c in cuts]
    np.testing.assert_array_equal(to_16k(samples, rate, cuts), to_16k(samples, rate))


@pytest.mark.parametrize("rate", [44100, 48000, 8000, 88200, 191999])
def test_single_samples_are_bit_identical(rate: int) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, 700)
    np.testing.assert_array_equal(to_16k(samples, rate, list(range(700))), to_16k(samples, rate))


@pytest.mark.parametrize("rate", [*RATES, *COPRIME])
@pytest.mark.parametrize("length", [0, 1, 2, 441, 9999])
def test_output_lasts_as_long_as_input(rate: int, length: int) -> None:
    assert len(to_16k(np.zeros(length), rate)) == -(-length * 16000 // rate)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_arrives_unchanged_and_in_time(rate: int) -> None:
    out = to_16k(tone(1000, rate), rate)
    np.testing.assert_allclose(out[1000:-1000], tone(1000, 16000)[1000:-1000], atol=1e-4)


@pytest.mark.parametrize("rate", [r for r in RATES if r >= 16000])
@pytest.mark.parametrize("frequency_hz", [100, 3000, 7000])
def test_speech_frequencies_pass(rate: int, frequency_hz: float) -> None:
    assert db_of_tone(to_16k(tone(frequency_hz, rate), rate)) == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("rate", [r for r in (*RATES, *COPRIME) if r > 17500])
@pytest.mark.parametrize("frequency_hz", [8650, 9500, 12000, 15900, 20000, 31000, 47000, 90000])
def test_aliases_are_suppressed_by_70_db(rate: int, frequency_hz: float) -> None:
    if frequency_hz < rate / 2:
        assert db_of_tone(to_16k(tone(frequency_hz, rate), rate)) < -70


def test_no_image_appears_above_the_band_of_8_khz_input() -> None:
    out = to_16k(tone(3000, 8000), 8000)[1000:-1000]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    above = np.fft.rfftfreq(len(out), 1 / 16000) > 4300
    assert 20 * np.log10(spectrum[above].max() / spectrum.max()) < -60


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_band_limited_sound_is_resampled_as_by_scipy(rate: int) -> None:
    rng = np.random.default_rng(0)
    smooth = scipy.signal.firwin(301, 3000, fs=rate)
    samples = scipy.signal.lfilter(smooth, 1, rng.standard_normal(rate))
    divisor = np.gcd(rate, 16000)
    reference = scipy.signal.resample_poly(samples, 16000 // divisor, rate // divisor, window=("kaiser", 10.0))
    found = to_16k(samples, rate)
    assert np.abs(found - reference)[500:-500].max() < 3e-3 * np.abs(reference).max()


@pytest.mark.parametrize("rate", [*RATES, *COPRIME])
def test_declared_latency_is_the_longest_wait(rate: int) -> None:
    resampler, waits, out = Resampler(rate), [], 0
    for received in range(1, 2000):
        count = len(resampler.push(np.zeros(1)))
        waits += [received / rate - k / 16000 for k in range(out, out + count)]
        out += count
    assert max(waits) == pytest.approx(resampler.latency_s, abs=1.01 / rate)
    assert resampler.latency_s < 0.004


def test_a_constant_stays_constant() -> None:
    np.testing.assert_allclose(to_16k(np.full(44100, 0.25), 44100)[200:-200], 0.25, atol=1e-7)


def test_reset_equals_new() -> None:
    resampler = Resampler(44100)
    resampler.push(np.ones(1000))
    resampler.reset()
    samples = np.random.default_rng(0).uniform(-1, 1, 2000)
    out = np.concatenate([resampler.push(samples), resampler.flush()])
    np.testing.assert_array_equal(out, to_16k(samples, 44100))


@pytest.mark.parametrize("rate", [48000, 44100, 191999])
def test_a_long_stream_takes_no_more_memory_than_a_short_one(rate: int) -> None:
    resampler, sizes = Resampler(rate), []
    for _ in range(200):
        resampler.push(np.zeros(999))
        sizes.append(len(pickle.dumps(resampler)))
    assert max(sizes) < sizes[0] + 2 * 8 * 999


@pytest.mark.parametrize("rate", [*range(8000, 192001, 9199), 191999, 96001, 44099, 15999, 16001, 8001])
def test_the_kernel_of_any_rate_is_as_small_as_that_of_usual_rates(rate: int) -> None:
    assert Resampler(rate).table_size <= Resampler(11025).table_size


@pytest.mark.parametrize("rate", COPRIME)
def test_rates_without_a_common_divisor_are_as_exact_as_usual_ones(rate: int) -> None:
    out = to_16k(tone(1000, rate, 1.0), rate)
    np.testing.assert_allclose(out[1000:-1000], tone(1000, 16000, 1.0)[1000:-1000], atol=1e-4)


@pytest.mark.slow
def test_ten_minutes_at_a_rate_without_a_common_divisor_do_not_drift() -> None:
    resampler, second = Resampler(8001), tone(1000, 8001, 1.0)
    seconds = [resampler.push(second) for _ in range(600)]
    assert sum(len(s) for s in seconds) == pytest.approx(600 * 16000, abs=64)
    np.testing.assert_allclose(seconds[-1][200:], seconds[1][200:len(seconds[-1])], atol=1e-4)
