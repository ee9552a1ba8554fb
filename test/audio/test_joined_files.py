"""Files put together with cat, pipes, and chained streams: read to their end, whatever the first header states."""

import contextlib
import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.audio import joined_files
from speech_gesture_ros.audio.files import read_audio, read_mono
from speech_gesture_ros.core.errors import InputError

KINDS = {"wav": ("WAV", "PCM_16"), "float wav": ("WAV", "FLOAT"), "flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"),
         "opus": ("OGG", "OPUS"), "mp3": ("MP3", "MPEG_LAYER_III")}


def voice(seconds: float, rate: int = 16000, channels: int = 1) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    sound = 0.4 * np.sin(2 * np.pi * 220 * t) * np.sin(2 * np.pi * 1.5 * t) ** 2
    return np.repeat(sound[:, None], channels, axis=1).astype(np.float32)


def encoded(samples: np.ndarray, kind: str, rate: int = 16000, **options: object) -> bytes:
    file, (container, subtype) = io.BytesIO(), KINDS[kind]
    soundfile.write(file, samples, rate, format=container, subtype=subtype, **options)
    return file.getvalue()


def put(folder: Path, *pieces: bytes) -> Path:
    path = folder / "sound"
    path.write_bytes(b"".join(pieces))
    return path


def without_tag(mp3: bytes) -> bytes:
    """An mp3 file without its first frame, which has the tag with the length."""
    from speech_gesture_ros.audio.mp3_frames import mp3_frame

    frame = mp3_frame(mp3[:4])
    assert frame is not None
    return mp3[frame.num_bytes:]


@pytest.mark.parametrize("kind", KINDS)
def test_joined_files_are_read_one_after_the_other(tmp_path: Path, kind: str) -> None:
    pieces = [encoded(voice(seconds), kind) for seconds in (1.0, 0.5, 2.0)]
    samples, rate = read_audio(put(tmp_path, *pieces))
    singles = [read_audio(put(tmp_path, piece))[0] for piece in pieces]
    assert rate == 16000
    np.testing.assert_array_equal(samples, np.concatenate(singles))
    assert len(samples) == pytest.approx(3.5 * 16000, abs=2)


@pytest.mark.parametrize("kind", KINDS)
def test_joined_files_of_other_rates_and_channels_are_converted(tmp_path: Path, kind: str) -> None:
    pieces = encoded(voice(1.0), kind), encoded(voice(1.0, 48000, channels=2), kind, 48000)
    samples, rate = read_audio(put(tmp_path, *pieces))
    assert (rate, samples.shape[1]) == (16000, 1)
    assert len(samples) == pytest.approx(2 * 16000, abs=2)
    np.testing.assert_allclose(samples[18000:30000, 0], voice(1.0)[2000:14000, 0], atol=0.06)


@pytest.mark.parametrize("mode", ["VARIABLE", "CONSTANT", "AVERAGE"])
def test_mp3_files_with_and_without_tags_are_joined(tmp_path: Path, mode: str) -> None:
    tagged = encoded(voice(2.0), "mp3", bitrate_mode=mode, compression_level=0.5)
    bare = without_tag(tagged)
    id3 = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)
    samples, _ = read_audio(put(tmp_path, id3, tagged, b"TAG" + bytes(125), id3, bare, tagged, bytes(999), bare))
    assert len(samples) == pytest.approx(4 * 2 * 16000, abs=4 * 2000)


def test_an_mp3_whose_tag_states_too_few_frames_is_read_to_its_end(tmp_path: Path) -> None:
    mp3 = bytearray(encoded(voice(3.0), "mp3", bitrate_mode="VARIABLE", compression_level=0.5))
    at = mp3.find(b"Xing") + 8
    for stated in (0, 20):
        mp3[at:at + 4] = stated.to_bytes(4, "big")
        assert len(read_audio(put(tmp_path, bytes(mp3)))[0]) == pytest.approx(3 * 16000, abs=3000)


def test_mp3_of_variable_bit_rate_without_a_tag_is_read_to_its_end(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (16000, 1))
    sound = np.concatenate([0 * voice(1.0), voice(3.0), noise])
    bare = without_tag(encoded(sound, "mp3", bitrate_mode="VARIABLE", compression_level=0.5))
    assert len(read_audio(put(tmp_path, bare))[0]) == pytest.approx(5 * 16000, abs=3000)


def test_notes_state_how_many_files_are_joined(tmp_path: Path) -> None:
    _, notes = read_mono(put(tmp_path, *[encoded(voice(0.5), "mp3")] * 3), 16000)
    assert notes == ("3 joined files are read one after the other",)


@pytest.mark.parametrize(("riff", "data"), [
    (0, 0), (36, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0), (0x7FFFF024, 0x7FFFF000), (32036, 100), (32036, 10**6)])
@pytest.mark.parametrize("copies", [1, 3])
def test_a_wav_without_its_true_length_is_read_to_the_end(tmp_path: Path, riff: int, data: int, copies: int) -> None:
    wav = bytearray(encoded(voice(1.0), "wav"))
    wav[4:8], wav[40:44] = struct.pack("<I", riff), struct.pack("<I", data)
    samples, _ = read_audio(put(tmp_path, bytes(wav) * copies))
    np.testing.assert_allclose(samples, np.tile(voice(1.0), (copies, 1)), atol=1e-4)


def test_a_wav_header_without_length_may_have_other_chunks_before_the_sound(tmp_path: Path) -> None:
    wav = encoded(voice(1.0), "wav")
    chunk = b"LIST" + struct.pack("<I", 26) + b"INFOISFT" + struct.pack("<I", 14) + b"Lavf58.76.100\x00"
    piped = wav[:4] + b"\xff" * 4 + wav[8:36] + chunk + b"data" + b"\xff" * 4 + wav[44:]
    assert len(read_audio(put(tmp_path, piped))[0]) == 16000


def test_chunks_after_the_sound_are_not_sound(tmp_path: Path) -> None:
    wav = encoded(voice(1.0), "wav")
    chunk = b"LIST" + struct.pack("<I", 400) + bytes(400)
    assert len(read_audio(put(tmp_path, wav, chunk))[0]) == 16000
    empty = wav[:40] + bytes(4) + chunk
    with pytest.raises(InputError, match="longer than 0 samples"):
        read_audio(put(tmp_path, empty))


def test_flac_from_a_pipe_has_no_length_and_is_read_to_the_end(tmp_path: Path) -> None:
    flac = bytearray(encoded(voice(1.0), "flac"))
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)
    assert len(read_audio(put(tmp_path, bytes(flac)))[0]) == 16000


def test_more_joined_files_than_the_bound_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined_files, "MAX_SECTIONS", 5)
    with pytest.raises(InputError, match="joined sound files in one file is 'more than 5', must be at most 5"):
        read_audio(put(tmp_path, encoded(voice(0.1), "wav") * 6))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(20))
def test_damaged_files_are_read_or_refused(tmp_path: Path, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray(encoded(voice(0.3), kind) * 2)
    for place in rng.integers(0, len(data) if seed % 2 else 200, 30):
        data[place] = rng.integers(256)
    path = put(tmp_path, bytes(data[:rng.integers(len(data))] if seed % 3 == 0 else data))
    with contextlib.suppress(InputError):
        samples, _ = read_audio(path)
        assert np.all(np.abs(samples) <= 1.0)
