import librosa
import numpy as np
import pytest

from speech_gesture_ros.features.framing import FrameBuffer
from speech_gesture_ros.features.mel import power_spectrum
from speech_gesture_ros.features.prosody import (
    MAX_LAG,
    MIN_LAG,
    PITCH_LENGTH,
    SILENCE_DB,
    energy_db_from_power,
    pitch,
)


def voice(f0_hz: np.ndarray, harmonics: int = 10) -> np.ndarray:
    """A buzz with falling harmonics: (N,) F0 at each sample [Hz] to (N,) samples."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / 16000
    return 0.2 * sum(np.sin(k * phase) / k for k in range(1, harmonics + 1))


def windows_of(samples: np.ndarray) -> np.ndarray:
    return FrameBuffer(PITCH_LENGTH).push(samples)[3:]  # past the silence before the stream


@pytest.mark.parametrize("f0_hz", [67, 82.4, 110, 151.3, 220, 333, 415, 470])
def test_f0_of_a_steady_voice_is_right_to_half_a_percent(f0_hz: float) -> None:
    found, periodicity = pitch(windows_of(voice(np.full(8000, f0_hz))))
    np.testing.assert_allclose(found, f0_hz, rtol=5e-3)
    assert periodicity.min() > 0.95


@pytest.mark.parametrize(("start", "stop"), [(90, 180), (300, 150), (120, 400)])
def test_f0_follows_a_glide(start: float, stop: float) -> None:
    track = np.geomspace(start, stop, 16000)
    found, periodicity = pitch(windows_of(voice(track)))
    # The lags compared reach from 648 to 0 samples before the end: the pitch is that of about the middle.
    middle = track[(np.arange(len(found)) + 3) * 160 + 400 - 324]
    np.testing.assert_allclose(found, middle, rtol=0.02)
    assert periodicity.min() > 0.9


def test_f0_is_that_of_librosas_yin() -> None:
    samples = voice(np.geomspace(100, 250, 16000)) + 0.002 * np.random.default_rng(0).standard_normal(16000)
    reference = librosa.yin(samples, fmin=65, fmax=480, sr=16000, frame_length=PITCH_LENGTH, hop_length=160,
                            center=False)
    found, _ = pitch(windows_of(samples))
    # librosa compares half as many samples (its frame_length // 2), so the middle of its window lies a little earlier.
    np.testing.assert_allclose(found[2:90], reference[4:92], rtol=0.02)


def test_noise_and_silence_are_not_periodic() -> None:
    _, noisy = pitch(windows_of(0.1 * np.random.default_rng(0).standard_normal(16000)))
    _, silent = pitch(windows_of(np.zeros(16000)))
    assert noisy.max() < 0.5
    assert silent.max() < 1e-6


def test_periodicity_does_not_depend_on_gain_or_offset() -> None:
    samples = voice(np.full(8000, 130.0))
    f0_hz, periodicity = pitch(windows_of(samples))
    quiet_f0_hz, quiet = pitch(windows_of(0.01 * samples + 0.3))
    np.testing.assert_allclose(quiet, periodicity, atol=1e-3)
    np.testing.assert_allclose(quiet_f0_hz, f0_hz, rtol=1e-3)


def test_f0_survives_noise_at_10_db() -> None:
    samples = voice(np.full(16000, 140.0))
    noise = np.random.default_rng(0).standard_normal(16000) * np.std(samples) * 10**-0.5
    found, periodicity = pitch(windows_of(samples + noise))
    assert np.mean(np.abs(found / 140 - 1) < 0.05) > 0.97
    assert periodicity.mean() > 0.8


def test_lags_cover_65_to_480_hz_and_their_parabolas() -> None:
    assert MIN_LAG - 1 < 16000 / 480
    assert MAX_LAG - 1 > 16000 / 65
    assert PITCH_LENGTH >= 400 + MAX_LAG


def test_energy_is_dbfs_and_ignores_what_lies_below_the_voice() -> None:
    time_s = np.arange(400) / 16000
    sine = np.sin(2 * np.pi * 1000 * time_s)[None]
    assert energy_db_from_power(power_spectrum(sine))[0] == pytest.approx(-3.01, abs=0.05)
    assert energy_db_from_power(power_spectrum(np.zeros((1, 400))))[0] == SILENCE_DB
    assert energy_db_from_power(power_spectrum(np.full((1, 400), 0.5)))[0] < -6 - 40


def test_no_windows_give_no_pitch() -> None:
    f0_hz, periodicity = pitch(np.empty((0, PITCH_LENGTH)))
    assert f0_hz.shape == periodicity.shape == (0,)
