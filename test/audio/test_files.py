import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.audio.files import load_mono, load_mono_16k, read_audio
from speech_gesture_ros.core.errors import InputError, MissingDependencyError


def stereo(rate: int, seconds: float = 0.5) -> np.ndarray:
    time_s = np.arange(int(rate * seconds)) / rate
    return np.stack([0.5 * np.sin(2 * np.pi * 440 * time_s), 0.1 * np.sin(2 * np.pi * 440 * time_s)], axis=1)


@pytest.mark.parametrize(("suffix", "subtype", "tolerance"), [
    ("wav", "PCM_16", 1e-4), ("wav", "FLOAT", 1e-7), ("flac", "PCM_16", 1e-4), ("ogg", "VORBIS", 0.05),
    ("opus", "OPUS", 0.05), ("mp3", "MPEG_LAYER_III", 0.05),
])
def test_common_formats_are_read(tmp_path: Path, suffix: str, subtype: str, tolerance: float) -> None:
    path = tmp_path / f"sound.{suffix}"
    soundfile.write(path, stereo(48000), 48000, subtype=subtype, format="OGG" if suffix == "opus" else None)
    samples, rate = read_audio(path)
    assert (rate, samples.dtype, samples.shape[1]) == (48000, np.float32, 2)
    np.testing.assert_allclose(samples[5000:15000], stereo(48000)[5000:15000], atol=tolerance)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 96000])
def test_any_rate_becomes_16_khz_mono(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, stereo(rate), rate, subtype="FLOAT")
    samples = load_mono_16k(path)
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(8000, abs=1)
    np.testing.assert_allclose(samples[500:7500], stereo(16000).mean(axis=1)[500:7500], atol=1e-3)


def test_another_rate_may_be_chosen(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", stereo(16000), 16000, subtype="FLOAT")
    samples = load_mono(tmp_path / "sound.wav", 44100)
    np.testing.assert_allclose(samples[2000:20000], stereo(44100).mean(axis=1)[2000:20000], atol=1e-3)


def test_bad_samples_are_repaired(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", np.array([np.nan, np.inf, 7.0, -0.5]), 16000, subtype="FLOAT")
    np.testing.assert_array_equal(load_mono_16k(tmp_path / "sound.wav"), [0.0, 0.0, 1.0, -0.5])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sound file is '.*nothing.wav', must be an existing file"):
        read_audio(tmp_path / "nothing.wav")


def test_a_file_without_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.wav").write_text("this is no audio")
    with pytest.raises(InputError, match=r"must be a wav, flac, ogg, opus or mp3 file. Convert it"):
        read_audio(tmp_path / "note.wav")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "empty.wav", np.empty((0, 1)), 16000)
    with pytest.raises(InputError, match="longer than 0 samples"):
        read_audio(tmp_path / "empty.wav")


def test_a_rate_out_of_range_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "slow.wav", np.zeros(100), 4000)
    with pytest.raises(InputError, match=r"sample rate of .*slow.wav is 4000, must be 8000 to 192000 Hz"):
        load_mono_16k(tmp_path / "slow.wav")


def test_missing_soundfile_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingDependencyError, match="pip install soundfile"):
        read_audio("any.wav")
