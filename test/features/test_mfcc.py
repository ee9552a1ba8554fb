import librosa
import numpy as np
import pytest

from speech_gesture_ros.features.framing import FrameBuffer
from speech_gesture_ros.features.mel import log_mel_from_power, power_spectrum
from speech_gesture_ros.features.mfcc import mfcc_from_log_mel


def test_mfcc_are_librosas_from_samples_on() -> None:
    samples = 0.1 * np.random.default_rng(0).standard_normal(16000)
    power = librosa.feature.melspectrogram(y=np.pad(samples, 56), sr=16000, n_fft=512, win_length=400,
                                           hop_length=160, center=False, n_mels=40, fmin=60, fmax=7600)
    reference = librosa.feature.mfcc(S=librosa.power_to_db(power, amin=1e-14, top_db=None), n_mfcc=20)
    log_mel = log_mel_from_power(power_spectrum(FrameBuffer().push(samples)))
    np.testing.assert_allclose(mfcc_from_log_mel(log_mel * 10 / np.log(10), 20), reference.T, atol=1e-4)


def test_streaming_is_exactly_offline() -> None:
    log_mel = np.random.default_rng(0).standard_normal((50, 40))
    parts = [mfcc_from_log_mel(log_mel[i:i + 7], 13) for i in range(0, 50, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), mfcc_from_log_mel(log_mel, 13))


@pytest.mark.parametrize("n_mfcc", [0, 41])
def test_more_coefficients_than_bands_are_refused(n_mfcc: int) -> None:
    with pytest.raises(ValueError, match=f"n_mfcc is {n_mfcc}, must be from 1 to 40"):
        mfcc_from_log_mel(np.zeros((1, 40)), n_mfcc)
