import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.audio import files, sound_parts
from speech_gesture_ros.audio.files import load_mono, load_mono_16k, read_audio, read_mono
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


# -- levels and channels -----------------------------------------------------------------------------------------------

VOICE = (0.4 * np.sin(np.arange(16000) * 0.05) * np.sin(np.arange(16000) * 0.0005)).astype(np.float32)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_channels_that_cancel_give_the_loudest(tmp_path: Path, suffix: str) -> None:
    soundfile.write(tmp_path / f"sound.{suffix}", np.stack([VOICE, -VOICE], axis=1), 16000)
    samples, notes = read_mono(tmp_path / f"sound.{suffix}", 16000)
    np.testing.assert_allclose(samples, VOICE, atol=0.05)
    assert notes == ("the mean of 2 channels cancels: channel 1, the loudest, is used",)


@pytest.mark.parametrize(("full_scale", "text"), [
    (2**7, "8-bit"), (2**15, "16-bit"), (2**23, "24-bit"), (2**31, "32-bit")])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_in_the_range_of_integers_are_rescaled(tmp_path: Path, full_scale: int, text: str, subtype: str) -> None:
    soundfile.write(tmp_path / "sound.wav", VOICE.astype(np.float64) * full_scale, 16000, subtype=subtype)
    samples, notes = read_mono(tmp_path / "sound.wav", 16000)
    np.testing.assert_allclose(samples, VOICE, atol=1e-6)
    assert notes == (f"float samples in the range of {text} integers were divided by {full_scale}",)
    np.testing.assert_allclose(read_audio(tmp_path / "sound.wav")[0][:, 0], VOICE, atol=1e-6)


def test_floats_somewhat_beyond_full_scale_are_clipped_not_rescaled(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", 6.0 * VOICE, 16000, subtype="FLOAT")
    samples, notes = read_mono(tmp_path / "sound.wav", 16000)
    np.testing.assert_allclose(samples, np.clip(6.0 * VOICE, -1, 1), atol=1e-6)
    assert notes == ()


def test_single_enormous_samples_do_not_rescale_a_file(tmp_path: Path) -> None:
    spiky = VOICE.copy()
    spiky[::2000] = 1e9
    soundfile.write(tmp_path / "sound.wav", spiky, 16000, subtype="FLOAT")
    assert read_mono(tmp_path / "sound.wav", 16000)[0].mean() == pytest.approx(np.clip(spiky, -1, 1).mean(), abs=1e-6)


def test_floats_beyond_any_integers_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", VOICE * 1e20, 16000, subtype="FLOAT")
    with pytest.raises(InputError, match=r"samples of .*sound.wav is '.*% beyond 2\^31', must be in \[-1, 1\]"):
        load_mono_16k(tmp_path / "sound.wav")


# -- bounds ------------------------------------------------------------------------------------------------------------


def flac_of_stated_length(path: Path, frames: int, channels: int = 1) -> None:
    """A small FLAC file whose header states a number of frames."""
    soundfile.write(path, np.zeros((4096, channels)), 48000, format="FLAC")
    data = bytearray(path.read_bytes())
    data[21] = data[21] & 0xF0 | frames >> 32
    data[22:26] = (frames & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(data)


@pytest.mark.parametrize("read", [read_audio, load_mono_16k])
@pytest.mark.parametrize("frames", [1_000_000_000, 2**36 - 1])
def test_a_header_that_states_gigabytes_is_refused_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                   read: Callable[[Path], object], frames: int) -> None:
    flac_of_stated_length(tmp_path / "bomb.flac", frames)
    monkeypatch.setattr(soundfile.SoundFile, "read", None)  # decoding would fail
    with pytest.raises(InputError, match=r"length of .*bomb.flac is .* h, .* samples', must be at most 268435456 s"):
        read(tmp_path / "bomb.flac")


@pytest.mark.parametrize("read", [read_audio, load_mono_16k])
def test_a_sound_without_a_length_is_decoded_up_to_the_bound_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                  read: Callable[[Path], object]) -> None:
    soundfile.write(tmp_path / "long.flac", np.zeros(200_000), 16000)
    data = bytearray((tmp_path / "long.flac").read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    (tmp_path / "long.flac").write_bytes(data)
    decoded: list[int] = []
    decode = soundfile.SoundFile.read
    monkeypatch.setattr(soundfile.SoundFile, "read",
                        lambda sound, frames, **options: decoded.append(frames) or decode(sound, frames, **options))
    monkeypatch.setattr(sound_parts, "BLOCK_SAMPLES", 1000)
    monkeypatch.setattr(files, "MAX_SAMPLES", 50_000)
    with pytest.raises(InputError, match="more than 50000 samples"):
        read(tmp_path / "long.flac")
    assert sum(decoded) <= 51_000


def test_more_channels_than_the_bound_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "many.wav", np.zeros((10, 65)), 16000)
    with pytest.raises(InputError, match=r"channels of .*many.wav is 65, must be at most 64"):
        read_audio(tmp_path / "many.wav")


@pytest.mark.parametrize("content", [
    b"", b"RIFF", b"RIFF\xff\xff\xff\xffWAVE", b"OggS", b"fLaC", b"ID3", b"\xff\xfb\x90d",
    b"RIFF\0\0\0\0WAVEdata\xff\xff\xff\xff", b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff"])
@pytest.mark.parametrize("suffix", ["wav", "raw", "mp3"])
def test_torn_headers_are_refused_in_one_line(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"torn.{suffix}").write_bytes(content)
    with pytest.raises(InputError, match=r"sound file is .*torn") as refused:
        read_audio(tmp_path / f"torn.{suffix}")
    assert "\n" not in str(refused.value)


def test_a_file_name_that_is_no_text_is_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/talk\xff.wav"))
    with path.open("wb") as file:
        soundfile.write(file, np.full(1600, 0.5, np.float32), 16_000, format="WAV")
    assert load_mono(path, 16_000)[800] == pytest.approx(0.5, abs=1e-3)
