"""Features for networks trained by the user, compared with the libraries that the paper used."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.features import kucherenko_16k, kucherenko_spectrogram
from speech_gesture_ros.features.sets import feature_names, make_feature_stage

RATE = 16_000


def speech_like(seconds: float = 1.2) -> np.ndarray:
    """Noise of syllables over a gliding tone, in steps of 16 bits."""
    t = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(3).normal(0, 0.05, len(t))
    sound = (0.3 * np.sin(2 * np.pi * (150 + 40 * t) * t) + noise) * (0.55 + 0.45 * np.sin(2 * np.pi * 3 * t))
    return (np.round(sound * 32768) / 32768).astype(np.float32)


def rows(samples: np.ndarray) -> np.ndarray:
    stage = make_feature_stage("kucherenko2019_16k")
    return np.concatenate([stage.push(AudioChunk(0, samples)).values, stage.flush().values])


def test_mfcc_are_those_of_python_speech_features() -> None:
    psf = pytest.importorskip("python_speech_features", reason="pip install python_speech_features")
    samples = speech_like()
    expected = psf.mfcc(samples * 32768.0, RATE, winlen=0.02, winstep=0.01, numcep=26)
    made = rows(samples)[:, :26]
    assert made.shape == (120, 26)
    np.testing.assert_allclose(made[1:118], expected[1:118], atol=0.01)  # the floor of the power; sizes are 1 to 40


@pytest.mark.slow
def test_spectrogram_is_librosas_of_the_same_windows() -> None:
    librosa = pytest.importorskip("librosa", reason="pip install librosa")
    length, samples = kucherenko_spectrogram.SPECTROGRAM_LENGTH, speech_like()
    before = np.zeros(length - 400, np.float32)
    spectrum = [np.fft.rfft(np.concatenate([before, samples])[160 * n:160 * n + length]
                            * librosa.filters.get_window("hann", length), 2048) for n in range(115)]
    power = np.abs(np.array(spectrum)) ** 2
    mel = librosa.feature.melspectrogram(S=power.T, sr=RATE, n_fft=2048, n_mels=64, fmin=100, fmax=7500)
    np.testing.assert_allclose(rows(samples)[:115, 30:], np.log(mel.T + 1e-10), atol=2e-4)


def test_prosody_of_a_tone_by_hand() -> None:
    t = np.arange(RATE) / RATE
    tone = (0.1 * np.sin(2 * np.pi * 200 * t)).astype(np.float32)
    names = feature_names("kucherenko2019_16k")
    steady = rows(tone)[30:70]
    pitch, slope = steady[:, names.index("pitch")], steady[:, names.index("pitch_slope")]
    np.testing.assert_allclose(pitch, np.log(201) - 4, atol=0.005)
    np.testing.assert_allclose(slope, 0, atol=1e-3)
    decibel = 20 * np.log10(0.1 / np.sqrt(2) / 2e-5)  # re 20 micropascal, as Praat takes samples
    np.testing.assert_allclose(steady[:, names.index("energy")], np.log(decibel) - 3, atol=0.01)


def test_silence_is_like_a_quiet_room() -> None:
    silence = rows(np.zeros(RATE, np.float32))
    assert np.isfinite(silence).all()
    np.testing.assert_array_equal(silence[50, 26:30], 0.0)
    np.testing.assert_allclose(silence[50, 0], np.log(257 * kucherenko_16k.POWER_FLOOR), atol=1e-6)


def test_columns_have_names() -> None:
    names = feature_names("kucherenko2019_16k")
    assert len(names) == len(set(names)) == 94 == rows(speech_like(0.3)).shape[1]
    assert names[25:31] == ("mfcc_25", "energy", "energy_slope", "pitch", "pitch_slope", "spectrogram_00")
