import librosa
import numpy as np
import pytest

from speech_gesture_ros.features.framing import FrameBuffer
from speech_gesture_ros.features.mel import (
    LOG_FLOOR,
    log_mel_from_power,
    mel_filterbank,
    power_spectrum,
    project_rows,
)


def noise(seconds: float = 1.0) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(int(16000 * seconds))


def test_filterbank_is_librosas() -> None:
    reference = librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, fmin=60, fmax=7600, dtype=np.float64)
    np.testing.assert_allclose(mel_filterbank(), reference.T, atol=1e-12)


@pytest.mark.slow
def test_log_mel_is_librosas() -> None:
    samples = noise() * np.linspace(0, 1, 16000) ** 4  # 80 dB of range
    centred = np.pad(samples, 56)  # librosa centres the window of 400 in the FFT's 512
    power = librosa.feature.melspectrogram(y=centred, sr=16000, n_fft=512, win_length=400, hop_length=160,
                                           center=False, n_mels=40, fmin=60, fmax=7600)
    found = log_mel_from_power(power_spectrum(FrameBuffer().push(samples)))
    np.testing.assert_allclose(found, np.log(power.T + LOG_FLOOR), atol=1e-4)


def test_the_projection_of_a_row_does_not_depend_on_the_other_rows() -> None:
    rng = np.random.default_rng(0)
    rows, matrix = rng.random((97, 257)), rng.random((257, 40))
    alone = np.concatenate([project_rows(row[None], matrix) for row in rows])
    np.testing.assert_array_equal(project_rows(rows, matrix), alone)
    np.testing.assert_allclose(alone, rows @ matrix, rtol=1e-12)


def test_silence_gives_the_floor() -> None:
    log_mel = log_mel_from_power(power_spectrum(np.zeros((3, 400))))
    np.testing.assert_allclose(log_mel, np.log(LOG_FLOOR))
