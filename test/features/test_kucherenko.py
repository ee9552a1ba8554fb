from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.features import boersma, kucherenko_mfcc
from speech_gesture_ros.features.kucherenko import FEATURE_NAMES, open_stage, speech_statistics
from speech_gesture_ros.features.kucherenko_offline import pitch_and_intensity, published_features

ENERGY, PITCH = FEATURE_NAMES.index("energy"), FEATURE_NAMES.index("pitch")


def stream(samples: np.ndarray) -> np.ndarray:
    stage = open_stage()
    return np.concatenate([stage.push(AudioChunk(0, samples.astype(np.float32))).values, stage.flush().values])


def buzz(f0_hz: float, seconds: float = 1.0, rate: int = 16_000) -> np.ndarray:
    t = np.arange(int(seconds * rate)) / rate
    return 0.1 * sum(np.cos(2 * np.pi * k * f0_hz * t) / k for k in range(1, 12))


@pytest.mark.parametrize("f0_hz", [90.0, 140.0, 233.0, 410.0])
def test_the_pitch_of_a_buzz(f0_hz: float) -> None:
    pitch = stream(buzz(f0_hz))[10:-10, PITCH]
    np.testing.assert_allclose(pitch, np.log(f0_hz + 1) - 4, atol=0.003)
    exact, _ = pitch_and_intensity(buzz(f0_hz, rate=44_100), 44_100)
    np.testing.assert_allclose(exact[10:-10], f0_hz, rtol=2e-3)


def test_noise_and_silence_are_unvoiced(rng: np.random.Generator) -> None:
    assert np.mean(stream(0.05 * rng.normal(size=16_000))[:, PITCH] > 0) < 0.05
    quiet = stream(np.zeros(16_000))
    assert not quiet[:, PITCH].any()
    assert not quiet[:, ENERGY].any()


def test_the_intensity_of_a_full_scale_sine_is_91_db() -> None:
    """Mean square 1/2 above (20 uPa)^2."""
    sine = np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)
    energy = stream(sine)[10:-10, ENERGY]
    np.testing.assert_allclose(energy, np.log(10 * np.log10(0.5 / 4e-10)) - 3, atol=1e-3)


def test_the_best_path_prefers_a_steady_voice_to_a_louder_octave_error() -> None:
    """In one frame the octave is a little stronger; the cost of two jumps keeps the path."""
    f0 = np.tile([0.0, 100.0, 200.0], (5, 1))
    strength = np.tile([0.45, 0.8, 0.7], (5, 1))
    strength[2] = [0.45, 0.8, 0.9]
    assert boersma.PitchPath(0.01).best(f0, strength).tolist() == [100.0] * 5
    strength[2] = [0.45, 0.2, 1.6]
    assert boersma.PitchPath(0.01).best(f0, strength)[2] == 200.0


def test_mfcc_are_those_of_the_authors_library(rng: np.random.Generator) -> None:
    library = pytest.importorskip("python_speech_features")
    samples = 0.1 * rng.normal(size=44_100)
    expected = library.mfcc(samples * 32_768, 44_100, winlen=0.06666666666, winstep=0.0166666666, numcep=26)
    found = kucherenko_mfcc.mfcc_from_log_bands(kucherenko_mfcc.log_bands(kucherenko_mfcc.frames_at_44k(samples, 735)))
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0)


def test_frames_from_16_khz_are_those_at_44_khz_below_7_khz() -> None:
    """Tones, sampled at both rates: the bands that 16 kHz audio holds agree."""
    tones = [(310.0, 0.2), (1870.0, 0.1), (5200.0, 0.05)]
    wide, narrow = (sum(a * np.sin(2 * np.pi * f * np.arange(rate) / rate) for f, a in tones)
                    for rate in (44_100, 16_000))
    expected = kucherenko_mfcc.log_bands(kucherenko_mfcc.frames_at_44k(wide, 441))[20:80]
    windows = np.array([narrow[160 * n - kucherenko_mfcc.WINDOW_BEFORE:160 * n + kucherenko_mfcc.WINDOW_AFTER]
                        for n in range(20, 80)])
    found = kucherenko_mfcc.log_bands(kucherenko_mfcc.frames_from_16k(windows))
    intact = kucherenko_mfcc.intact_bands()
    np.testing.assert_allclose(found[:, :intact], expected[:, :intact], atol=0.02)


def test_missing_bands_are_estimated_and_intact_ones_kept(rng: np.random.Generator) -> None:
    bands, coefficients = rng.normal(8, 2, (20, 27)), speech_statistics("coefficients")
    restored = kucherenko_mfcc.restore_bands(bands, coefficients)
    intact = kucherenko_mfcc.intact_bands()
    assert coefficients.shape == (intact + 1, 27 - intact)
    np.testing.assert_array_equal(restored[:, :intact], bands[:, :intact])
    expected = bands[:, :intact] @ coefficients[:-1] + coefficients[-1]
    loudest = bands[:, :intact].max(axis=1, keepdims=True)
    np.testing.assert_allclose(restored[:, intact:], np.minimum(expected, loudest + 3), atol=1e-9)


def test_the_stream_follows_the_exact_features(speech: np.ndarray) -> None:
    """At 20 Hz, on shipped speech without what 16 kHz lacks: prosody, which needs no upper bands."""
    from scipy.signal import resample_poly

    samples = speech[:8 * 16_000]
    exact = published_features(resample_poly(samples.astype(np.float64), 441, 160))[:, [26, 28]]
    rows = stream(samples)[:, [ENERGY, PITCH]]
    streamed = np.array([rows[5 * k:5 * k + 5].mean(axis=0) for k in range(len(exact))])
    for column in (0, 1):
        assert np.corrcoef(streamed[:, column], exact[:, column])[0, 1] > 0.9
