"""Every family of audio messages is recognised by its fields."""

from __future__ import annotations

import array
from types import SimpleNamespace as Message

import numpy as np
import pytest

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.nodes.audio_messages import (
    audio_type,
    format_from_info,
    int16_from_float,
    message_from_pcm,
    pcm_from_message,
)

pytest.importorskip("std_msgs", reason="needs ROS 2: pip install '.[ros]'")

FALLBACK = PcmFormat(16_000, 1, "s16le")
SAMPLES = np.array([[1, -1], [200, -200], [32767, -32768]], dtype=np.int16)
STAMP = None


def _portaudio_data(**filled):
    fields = {"float32_data": "f", "int32_data": "i", "int16_data": "h", "int8_data": "b", "uint8_data": "B"}
    return Message(**{name: array.array(code, filled.get(name, [])) for name, code in fields.items()})


@pytest.mark.parametrize("name", ["Int16MultiArray", "Float32MultiArray"])
def test_a_multi_array_is_read_back_with_its_format(name):
    message = message_from_pcm(audio_type(f"std_msgs/msg/{name}"), SAMPLES, 22_050, STAMP)
    data, fmt = pcm_from_message(message, FALLBACK)
    assert (fmt.sample_rate, fmt.channels) == (22_050, 2)
    scale = 32768.0 if fmt.encoding == "f32le" else 1.0
    np.testing.assert_array_equal(np.asarray(data, dtype=np.float64).reshape(-1, 2) * scale, SAMPLES)


def test_bytes_in_a_multi_array_are_little_endian_samples():
    message = message_from_pcm(audio_type("std_msgs/msg/UInt8MultiArray"), SAMPLES, 8_000, STAMP)
    data, fmt = pcm_from_message(message, FALLBACK)
    assert fmt == PcmFormat(8_000, 2, "s16le")
    np.testing.assert_array_equal(np.frombuffer(data, "<i2").reshape(-1, 2), SAMPLES)


def test_a_multi_array_without_layout_is_described_by_the_parameters():
    message = audio_type("std_msgs/msg/Int16MultiArray")(data=[1, 2, 3, 4])
    data, fmt = pcm_from_message(message, PcmFormat(48_000, 2, "u8"))
    assert fmt == PcmFormat(48_000, 2, "s16le")
    assert list(data) == [1, 2, 3, 4]


def test_a_label_with_a_number_of_thousands_of_digits_is_refused():
    message = message_from_pcm(audio_type("std_msgs/msg/Int16MultiArray"), SAMPLES, 16_000, STAMP)
    message.layout.dim[0].label = f"samples@{'1' * 5000}Hz"
    with pytest.raises(InputError, match=r"sample rate in the label is '111.* must be a number of 9 digits at most"):
        pcm_from_message(message, FALLBACK)


def test_the_portaudio_family_states_its_format_in_every_message():
    audio = Message(audio_data=_portaudio_data(float32_data=[0.5, -0.5]),
                    info=Message(rate=22_050, channels=2, format=1, chunk=1))
    data, fmt = pcm_from_message(Message(header=None, audio=audio), FALLBACK)
    assert fmt == PcmFormat(22_050, 2, "f32le")
    assert list(data) == [0.5, -0.5]


@pytest.mark.parametrize(("field", "encoding"), [
    ("int32_data", "s32le"), ("int16_data", "s16le"), ("int8_data", "s8"), ("uint8_data", "u8")])
def test_the_filled_field_determines_the_encoding(field, encoding):
    data, fmt = pcm_from_message(_portaudio_data(**{field: [1, 2]}), FALLBACK)
    assert fmt.encoding == encoding
    assert list(data) == [1, 2]


def test_an_empty_message_is_no_audio():
    data, fmt = pcm_from_message(_portaudio_data(), FALLBACK)
    assert len(data) == 0
    assert fmt == FALLBACK


def test_the_gstreamer_family_sends_bytes_and_their_format_on_another_topic():
    info = Message(channels=2, sample_rate=44_100, sample_format="S16LE", coding_format="wave", bitrate=0)
    fmt = format_from_info(info, FALLBACK)
    assert fmt == PcmFormat(44_100, 2, "s16le")
    stamped = Message(header=None, audio=Message(data=array.array("B", b"\x01\x00\x02\x00")))
    assert pcm_from_message(stamped, fmt) == (b"\x01\x00\x02\x00", fmt)


def test_mp3_is_known_and_other_compressed_audio_is_refused_with_the_remedy():
    info = Message(channels=1, sample_rate=16_000, sample_format="S16LE", coding_format="mp3", bitrate=128)
    assert format_from_info(info, FALLBACK).encoding == "mp3"
    info.coding_format = "ogg"
    with pytest.raises(InputError, match="format:=wave"):
        format_from_info(info, FALLBACK)


@pytest.mark.parametrize(("stated", "encoding"), [
    ("S24LE", "s24le"), ("s24_32be", "s24_32be"), ("U16BE", "u16be"), ("F64LE", "f64le"), ("", "s16le")])
def test_every_sample_format_of_gstreamer_is_known(stated, encoding):
    info = Message(channels=1, sample_rate=16_000, sample_format=stated, coding_format="wave", bitrate=0)
    assert format_from_info(info, FALLBACK).encoding == encoding


@pytest.mark.parametrize("stated", ["S20LE", "S16", "MULAW", "UNKNOWN", "ENCODED"])
def test_an_unknown_sample_format_is_refused(stated):
    info = Message(channels=1, sample_rate=16_000, sample_format=stated, coding_format="wave", bitrate=0)
    with pytest.raises(InputError, match=f"sample format of the audio is '{stated}', must be one of S8, U8, S16LE"):
        format_from_info(info, FALLBACK)


def test_planar_samples_of_portaudio_are_refused():
    audio = Message(audio_data=_portaudio_data(int16_data=[1, 2]),
                    info=Message(rate=22_050, channels=2, format=8 | 1 << 31, chunk=1))
    with pytest.raises(InputError, match="paNonInterleaved"):
        pcm_from_message(Message(header=None, audio=audio), FALLBACK)


def test_naoqi_buffers_are_read():
    message = Message(frequency=48_000, channel_map=b"\x00\x01", data=array.array("h", [1, 2, 3, 4]))
    data, fmt = pcm_from_message(message, FALLBACK)
    assert fmt == PcmFormat(48_000, 2, "s16le")
    assert list(data) == [1, 2, 3, 4]


def test_a_message_without_audio_is_refused_with_its_type():
    with pytest.raises(InputError, match=r"SimpleNamespace.*audio\.type"):
        pcm_from_message(Message(text="hello"), FALLBACK)


def test_unknown_types_are_refused_with_the_form_of_a_type():
    with pytest.raises(InputError, match="like package/msg/Type"):
        audio_type("Int16MultiArray")
    with pytest.raises(InputError, match="a message of std_msgs"):
        audio_type("std_msgs/msg/Sound")
    with pytest.raises(MissingDependencyError, match="ros-\\$ROS_DISTRO-unknown-msgs"):
        audio_type("unknown_msgs/msg/AudioData")


def test_floats_become_16_bits_clipped_and_without_nan():
    samples = np.array([[0.0, 1.0, -1.0, 2.0, np.nan, 0.5]]).T
    assert int16_from_float(samples)[:, 0].tolist() == [0, 32767, -32768, 32767, 0, 16384]
