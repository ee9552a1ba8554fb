"""The 64 log-mel bands against librosa, and their silence."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from speech_gesture_ros.features.log_mel import (
    FEATURE_NAMES,
    LOG_MEL_MAX,
    LOG_MEL_MIN,
    compute_log_mel,
    htk_mel_filterbank,
)


def noise() -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(16000) * np.linspace(0, 1, 16000) ** 4  # 80 dB of range


@pytest.mark.slow
def test_bands_are_those_of_librosas_spectrum() -> None:
    centred = np.pad(noise(), 56)  # librosa centres the window of 400 in the FFT's 512
    magnitude = np.abs(librosa.stft(centred, n_fft=512, win_length=400, hop_length=160, window="hann", center=False))
    expected = np.log(magnitude.T @ htk_mel_filterbank() + 1e-6)
    np.testing.assert_allclose(compute_log_mel(noise())[: len(expected)], expected, atol=1e-3)


def test_bands_lie_on_librosas_htk_mel_scale() -> None:
    """Sides straight in mel differ a little from librosa's, straight in Hz; corners and centres do not."""
    found, expected = htk_mel_filterbank(), librosa.filters.mel(sr=16000, n_fft=512, n_mels=64, fmin=125, fmax=7500,
                                                                 htk=True, norm=None).T
    np.testing.assert_allclose(found, expected, atol=0.025)
    np.testing.assert_array_equal(found > 0, expected > 0)


def test_a_tone_is_loudest_in_its_band() -> None:
    centres = librosa.mel_frequencies(66, fmin=125, fmax=7500, htk=True)[1:-1]
    for band in (10, 30, 60):
        tone = 0.3 * np.sin(2 * np.pi * centres[band] * np.arange(4000) / 16000)
        assert np.argmax(compute_log_mel(tone)[10]) == band


def test_silence_and_damage_are_bounded() -> None:
    np.testing.assert_allclose(compute_log_mel(np.zeros(1600)), LOG_MEL_MIN, rtol=1e-6)
    assert compute_log_mel(np.full(1600, 1e30)).max() == LOG_MEL_MAX
    square = np.sign(np.sin(2 * np.pi * 200 * np.arange(16000) / 16000))
    assert compute_log_mel(square).max() < LOG_MEL_MAX


def test_a_hop_gives_a_frame() -> None:
    assert compute_log_mel(np.zeros(1600 + 159)).shape == (10, len(FEATURE_NAMES))
    with pytest.raises(ValueError, match="mix channels down"):
        compute_log_mel(np.zeros((100, 2)))
