import array
import itertools
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.audio.encodings import ENCODINGS
from speech_gesture_ros.audio.pcm import PcmDecoder, PcmFormat
from speech_gesture_ros.core.errors import InputError


def encode(values: np.ndarray, encoding: str) -> bytes:
    """Samples in [-1, 1) as GStreamer lays them out, with `struct` and Python's integers only."""
    order = "big" if encoding.endswith("be") else "little"
    kind, bits = encoding[0], encoding.strip("sufleb")
    if kind == "f":
        codes = {"32": "f", "64": "d"}
        return b"".join(struct.pack((">" if order == "big" else "<") + codes[bits], value) for value in values.flat)
    used, stored = (int(b) for b in (bits.split("_") * 2)[:2])
    half = 2 ** (used - 1)
    integers = [int(value * half) + half * (kind == "u") for value in values.flat]
    return b"".join((i % 2**stored).to_bytes(stored // 8, order) for i in integers)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_gives_the_same_samples(encoding: str) -> None:
    values = np.array([[-1.0, 0.0], [0.5, -0.25]])
    decoded = PcmDecoder(PcmFormat(channels=2, encoding=encoding)).push(encode(values, encoding))
    assert decoded.dtype == np.float32
    np.testing.assert_array_equal(decoded, values)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(ENCODINGS)), st.integers(1, 5), st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_bytes_may_be_cut_anywhere(encoding: str, channels: int, data: bytes, cuts: list[int]) -> None:
    data = b"\x01" + data  # not a container
    decoder = PcmDecoder(PcmFormat(channels=channels, encoding=encoding))
    bounds = [0, *sorted(min(c, len(data)) for c in cuts), len(data)]
    parts = [decoder.push(data[a:b]) for a, b in itertools.pairwise(bounds)]
    whole = PcmDecoder(decoder.format).push(data)
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert len(whole) == len(data) // decoder.format.frame_bytes


@pytest.mark.parametrize("data", [
    struct.pack("<4h", 1, 2, 3, 4), bytearray(struct.pack("<4h", 1, 2, 3, 4)),
    memoryview(struct.pack("<4h", 1, 2, 3, 4)), array.array("h", [1, 2, 3, 4]),
    array.array("B", struct.pack("<4h", 1, 2, 3, 4)), np.array([1, 2, 3, 4], dtype=np.int16),
    np.array([[1, 2], [3, 4]], dtype=np.int16), np.array([[1, 0, 2], [3, 0, 4]], dtype=np.int16)[:, ::2],
    np.array([1, 2, 3, 4], dtype=">i2"),
], ids=["bytes", "bytearray", "memoryview", "array of int16", "array of bytes", "ndarray", "frames", "strided",
        "other byte order"])
def test_any_buffer_is_read(data: object) -> None:
    decoded = PcmDecoder(PcmFormat(channels=2)).push(data)  # type: ignore[arg-type]
    np.testing.assert_array_equal(decoded * 32768, [[1, 2], [3, 4]])


def test_reset_drops_the_carried_bytes() -> None:
    decoder = PcmDecoder(PcmFormat())
    decoder.push(b"\x01")
    decoder.reset()
    np.testing.assert_array_equal(decoder.push(b"\x00\x40"), [[0.5]])


@pytest.mark.parametrize(("data", "message"), [
    (np.zeros(4, dtype=np.float64), "type of the audio samples is 'float64', must be int16 or bytes"),
    (np.zeros((4, 3), dtype=np.int16), r"shape of the audio samples is \(4, 3\), must be \(T, 2\)"),
    ([0, 1], "audio data is 'list', must be bytes, a buffer or a NumPy array"),
])
def test_data_that_contradicts_the_format_is_refused(data: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        PcmDecoder(PcmFormat(channels=2)).push(data)  # type: ignore[arg-type]


@pytest.mark.parametrize(("wrong", "message"), [
    ({"sample_rate": 44}, "sample rate is 44, must be a whole number from 8000 to 192000"),
    ({"sample_rate": 16000.0}, "sample rate is 16000.0, must be a whole number"),
    ({"sample_rate": 1_000_000}, "sample rate is 1000000"),
    ({"channels": 0}, "number of channels is 0, must be a whole number from 1 to 64"),
    ({"channels": True}, "number of channels is True"),
    ({"encoding": "aac"}, "sample encoding is 'aac', must be one of s8, u8, s16le"),
])
def test_formats_out_of_range_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PcmFormat(**wrong)  # type: ignore[arg-type]


def test_unused_bits_are_ignored() -> None:
    decoder = PcmDecoder(PcmFormat(encoding="s24_32le"))
    np.testing.assert_array_equal(decoder.push(b"\x00\x00\x40\xaa\x00\x00\xc0\x55"), [[0.5], [-0.5]])


def test_three_bytes_are_given_as_bytes_only() -> None:
    with pytest.raises(InputError, match="'int32', must be three bytes a sample or bytes"):
        PcmDecoder(PcmFormat(encoding="s24le")).push(np.zeros(4, dtype=np.int32))


# MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes a frame; MPEG-2 layer III, 32 kbit/s, 16 kHz, padded: 145 bytes.
MPEG1, MPEG2 = b"\xff\xfb\x90\x64", b"\xff\xf3\x4a\xc4"


@pytest.mark.parametrize("data", [
    b"ID3\x04\x00" + bytes(20), MPEG1 + bytes(413), (MPEG1 + bytes(413)) * 2, MPEG2 + bytes(141),
    MPEG2 + bytes(141) + MPEG2 + bytes(30),
], ids=["tag", "one frame", "two frames", "MPEG-2", "a frame and a piece"])
def test_mp3_is_refused_with_the_remedy(data: bytes) -> None:
    with pytest.raises(InputError, match=r"audio data is 'mp3'.*format:=wave"):
        PcmDecoder(PcmFormat()).push(data)


def test_mp3_that_begins_later_is_refused_too() -> None:
    decoder = PcmDecoder(PcmFormat())
    decoder.push(bytes(64))
    with pytest.raises(InputError, match="format:=wave"):
        decoder.push(MPEG1 + bytes(413))


@pytest.mark.parametrize(("magic", "name"), [(b"OggS", "Ogg"), (b"fLaC", "FLAC"), (b"RIFF", "a WAV file")])
def test_other_containers_are_refused_by_name(magic: bytes, name: str) -> None:
    with pytest.raises(InputError, match=f"audio data is '{name}.*Decode it first"):
        PcmDecoder(PcmFormat()).push(magic + bytes(40))


def test_loud_samples_are_not_mistaken_for_mp3() -> None:
    rng = np.random.default_rng(0)
    decoder = PcmDecoder(PcmFormat())
    for _ in range(3000):
        decoder.push(b"\xff\xfb" + rng.bytes(1022))
