"""Hostile audio: wrong labels, formats, sizes and values in messages of every family."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from hostile_kind import DIGITS, Kind, Rng
from std_msgs.msg import Float32MultiArray, Int16MultiArray, MultiArrayDimension, UInt8MultiArray

from speech_gesture_ros.nodes.audio_messages import audio_type

AUDIO, INFO = "audio", "audio_info"


def hostile_audio() -> list[Kind]:
    """Return all kinds, of the package named audio_common_msgs that is on the path."""
    return [*multi_arrays(), *audio_families()]


def multi_array(kind: Any, data: Sequence[float] | bytes, label: str = "samples@16000Hz", channels: int = 1) -> Any:
    message = kind()
    message.layout.dim = [MultiArrayDimension(label=label, size=len(data), stride=len(data)),
                          MultiArrayDimension(label="channels", size=channels, stride=channels)]
    message.data = data if isinstance(data, bytes) else np.asarray(data, _dtype(kind)).tolist()
    return message


def _dtype(kind: Any) -> type:
    """Return the number type of a MultiArray."""
    return {Int16MultiArray: np.int16, Float32MultiArray: np.float32}.get(kind, np.uint8)


def _noise(rng: Rng, count: int = 320) -> list[int]:
    return rng.integers(-9000, 9000, count).tolist()


def multi_arrays() -> list[Kind]:
    def int16(name: str, make: Callable[[Rng], Any]) -> Kind:
        return Kind(f"int16: {name}", AUDIO, Int16MultiArray, make)

    def float32(name: str, value: float) -> Kind:
        return Kind(f"float32: {name}", AUDIO, Float32MultiArray, lambda rng: multi_array(
            Float32MultiArray, np.where(rng.random(320) < 0.5, np.float32(value), np.float32(0.1))))

    def dimensions(rng: Rng) -> Any:
        message = multi_array(Int16MultiArray, _noise(rng))
        message.layout.dim = [MultiArrayDimension(label=f"{k}", size=k) for k in range(5000)]
        return message

    def offset(rng: Rng) -> Any:
        message = multi_array(Int16MultiArray, _noise(rng))
        message.layout.data_offset = 2**32 - 1
        return message

    one = partial(multi_array, Int16MultiArray)
    kinds = [int16(name, make) for name, make in (
        ("rate of 5,000 digits", lambda rng: one(_noise(rng), f"@{DIGITS}Hz")),
        ("rate 0", lambda rng: one(_noise(rng), "@0Hz")),
        ("rate 999999999", lambda rng: one(_noise(rng), "@999999999Hz")),
        ("rates that change", lambda rng: one(_noise(rng), f"@{rng.integers(4000, 192001)}Hz")),
        ("label of 1 MB", lambda rng: one(_noise(rng), "@" * 1_000_000)),
        ("label in other digits", lambda rng: one(_noise(rng), "samples@١٦٠٠٠Hz \x00")),
        ("0 channels", lambda rng: one(_noise(rng), channels=0)),
        ("4294967295 channels", lambda rng: one(_noise(rng), channels=2**32 - 1)),
        ("channels that do not divide", lambda rng: one(_noise(rng, 321), channels=2)),
        ("channels that change", lambda rng: one(_noise(rng, 840), channels=int(rng.integers(1, 9)))),
        ("no samples", lambda _: one([])),
        ("one sample", lambda rng: one(_noise(rng, 1))),
        ("2,000,000 samples", lambda rng: one(np.zeros(2_000_000))),
        ("full scale", lambda rng: one(np.where(rng.random(320) < 0.5, 32767, -32768))),
        ("5,000 dimensions", dimensions), ("offset 4294967295", offset))]
    kinds += [float32("NaN", math.nan), float32("infinity", math.inf), float32("1e38", 1e38),
              float32("denormal", 1e-42), float32("-1e20", -1e20)]
    kinds.append(Kind("float32: rate of 5,000 digits", AUDIO, Float32MultiArray,
                      lambda _: multi_array(Float32MultiArray, np.zeros(320), f"@{DIGITS}Hz")))
    return kinds + [Kind(f"uint8: {name}", AUDIO, UInt8MultiArray, make) for name, make in (
        ("odd number of bytes", lambda rng: multi_array(UInt8MultiArray, rng.bytes(321))),
        ("mp3", lambda rng: multi_array(UInt8MultiArray, b"ID3\x04" + rng.bytes(400))))]


def audio_families() -> list[Kind]:
    """Return kinds of NAOqi, and of that one of the two packages named audio_common_msgs which is on the path."""
    return [*_buffers(), *(_portaudio() if hasattr(audio_type("audio_common_msgs/msg/AudioData")(), "float32_data")
                           else _gstreamer())]


def _buffers() -> list[Kind]:
    buffer = audio_type("naoqi_bridge_msgs/msg/AudioBuffer")

    def one(name: str, frequency: int, channels: int, count: int) -> Kind:
        return Kind(f"AudioBuffer: {name}", AUDIO, buffer, lambda rng: buffer(
            frequency=frequency, channel_map=[0] * channels, data=_noise(rng, count)))

    return [one("frequency 0", 0, 1, 320), one("255 channels", 16000, 255, 320), one("no channels", 48000, 0, 321)]


def _portaudio() -> list[Kind]:
    kind = audio_type("audio_common_msgs/msg/AudioStamped")

    def one(name: str, field: str = "int16_data", values: Sequence[float] | None = None, **info: int) -> Kind:
        def make(rng: Rng) -> Any:
            message = kind()
            for key, value in {"rate": 16000, "channels": 1, "format": 8, "chunk": 320, **info}.items():
                setattr(message.audio.info, key, value)
            setattr(message.audio.audio_data, field, list(_noise(rng) if values is None else values))
            message.header.stamp = Time(sec=int(rng.choice([0, -(2**31), 2**31 - 1])), nanosec=0)
            return message
        return Kind(f"AudioStamped: {name}", AUDIO, kind, make)

    return [one("impossible stamps"), one("rate 0", rate=0), one("rate 65535", rate=65535),
            one("0 channels", channels=0), one("200 channels", channels=200),
            one("channels one after the other", format=2**31, channels=2),
            one("unknown format", format=12345), one("no data", values=[]),
            one("NaN", "float32_data", [math.nan] * 320), one("infinity", "float32_data", [math.inf] * 320),
            one("1,000,000 samples", values=[0] * 1_000_000),
            one("full scale of 32 bits", "int32_data", [2**31 - 1, -(2**31)] * 160)]


def _gstreamer() -> list[Kind]:
    data = audio_type("audio_common_msgs/msg/AudioData")
    stamped, info = audio_type("audio_common_msgs/msg/AudioDataStamped"), audio_type("audio_common_msgs/msg/AudioInfo")

    def of_data(name: str, make: Callable[[Rng], bytes]) -> Kind:
        return Kind(f"AudioData: {name}", AUDIO, data, lambda rng: data(data=make(rng)))

    def of_info(name: str, **fields: Any) -> Kind:
        return Kind(f"AudioInfo: {name}", INFO, info, lambda _: info(**{
            "channels": 1, "sample_rate": 16000, "sample_format": "S16LE", "coding_format": "wave", **fields}))

    def with_stamp(rng: Rng) -> Any:
        message = stamped()
        message.header.stamp = Time(sec=int(rng.choice([0, -(2**31), 2**31 - 1])), nanosec=0)
        message.audio.data = rng.bytes(640)
        return message

    return [of_data("odd number of bytes", lambda rng: rng.bytes(641)), of_data("no bytes", lambda _: b""),
            of_data("mp3", lambda rng: b"\xff\xfb\x90\x00" + rng.bytes(400)),
            of_data("4 MB", lambda rng: rng.bytes(4_000_000)),
            Kind("AudioDataStamped: impossible stamps", AUDIO, stamped, with_stamp),
            of_info("unknown format", sample_format="F128XE"), of_info("format of 1 MB", sample_format="S" * 1_000_000),
            of_info("rate 0", sample_rate=0), of_info("255 channels", channels=255),
            of_info("mp3", coding_format="mp3")]
