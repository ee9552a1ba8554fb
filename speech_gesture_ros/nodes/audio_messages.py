"""Audio as messages, and back: every family a robot may send, told apart by its fields.

Two packages share the name audio_common_msgs and a message name, AudioData, with different fields; a robot has one of
them or none. So nothing here is imported by name before it is asked for, and a message is taken for what it has:

    audio (+ header)                       AudioStamped, AudioDataStamped: what is inside
    audio_data + info                      Audio (PortAudio family): format, rate and channels in every message
    float32_data, int16_data, ...          AudioData (PortAudio family): one of them filled
    layout + data                          std_msgs MultiArray
    frequency + channel_map + data         naoqi's AudioBuffer
    data                                   AudioData (GStreamer family): bytes, described by parameters or audio_info

A std_msgs MultiArray has no field for the rate. Ours say it in the layout, and are understood by anyone who only looks
at the sizes:  dim[0] = ("samples@16000Hz", T, T*C),  dim[1] = ("channels", C, C).  Without it the parameters count.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.pcm import Pcm, PcmFormat
from speech_gesture_ros.core.errors import InputError, MissingDependencyError

Samples = npt.NDArray[np.int16]

STD_TYPES = ("std_msgs/msg/Int16MultiArray", "std_msgs/msg/Float32MultiArray", "std_msgs/msg/UInt8MultiArray")
KNOWN_TYPES = (
    *STD_TYPES, "audio_common_msgs/msg/AudioStamped", "audio_common_msgs/msg/AudioDataStamped",
    "audio_common_msgs/msg/AudioData", "audio_common_msgs/msg/Audio", "naoqi_bridge_msgs/msg/AudioBuffer",
)

PORTAUDIO_ENCODINGS = {1: "f32le", 2: "s32le", 8: "s16le", 16: "s8", 32: "u8"}  # PortAudio's sample format flags
GSTREAMER_ENCODINGS = {"S16LE": "s16le", "F32LE": "f32le", "S32LE": "s32le", "S8": "s8", "U8": "u8"}
FIELD_ENCODINGS = {"float32_data": "f32le", "int32_data": "s32le", "int16_data": "s16le", "int8_data": "s8",
                   "uint8_data": "u8"}
DTYPE_ENCODINGS = {"f4": "f32le", "i4": "s32le", "i2": "s16le", "i1": "s8", "u1": "u8"}
RATE_LABEL = re.compile(r"@\s*(\d+)")


def audio_type(name: str) -> Any:
    """The message class of ``package/msg/Type``.

    Raises:
        InputError: If the name is not of that form, or the package has no such message.
        MissingDependencyError: If the package is not installed.
    """
    parts = name.split("/")
    if len(parts) != 3 or parts[1] != "msg":
        raise InputError("audio type", name, f"like package/msg/Type, for example {KNOWN_TYPES[0]}", "Correct it.")
    try:
        module = importlib.import_module(f"{parts[0]}.msg")
    except ImportError as error:
        raise MissingDependencyError(parts[0], f"Audio as {name}",
                                     f"apt install ros-$ROS_DISTRO-{parts[0].replace('_', '-')}, or build it."
                                     ) from error
    if not hasattr(module, parts[2]):
        raise InputError("audio type", name, f"a message of {parts[0]}",
                         "Two packages have the name audio_common_msgs: the other one is installed.")
    return getattr(module, parts[2])


def pcm_from_message(message: Any, fallback: PcmFormat) -> Pcm:
    """What a message holds, and how it is to be read.

    Args:
        message: Any of the families above.
        fallback: For what the message does not tell.

    Raises:
        InputError: If it is none of them.
    """
    if hasattr(message, "audio"):
        return pcm_from_message(message.audio, fallback)
    if hasattr(message, "audio_data"):
        info = message.info
        told = PcmFormat(int(info.rate), int(info.channels), PORTAUDIO_ENCODINGS.get(info.format, fallback.encoding))
        return pcm_from_message(message.audio_data, told)
    if hasattr(message, "float32_data"):
        return _from_filled_field(message, fallback)
    if hasattr(message, "frequency") and hasattr(message, "channel_map"):
        fmt = PcmFormat(int(message.frequency), max(1, len(message.channel_map)), "s16le")
        return np.asarray(message.data, dtype=np.int16), fmt
    if hasattr(message, "layout"):
        return _from_multi_array(message, fallback)
    if hasattr(message, "data"):
        return bytes(message.data), fallback
    raise InputError("audio message", type(message).__name__, f"one of {KNOWN_TYPES}", "Set audio.type.")


def _from_filled_field(message: Any, fallback: PcmFormat) -> Pcm:
    for field, encoding in FIELD_ENCODINGS.items():
        data = getattr(message, field)
        if len(data):
            return np.asarray(data), PcmFormat(fallback.sample_rate, fallback.channels, encoding)
    return b"", fallback


def _from_multi_array(message: Any, fallback: PcmFormat) -> Pcm:
    rate, channels = fallback.sample_rate, fallback.channels
    for dimension in message.layout.dim:
        if match := RATE_LABEL.search(dimension.label):
            rate = int(match[1])
        if dimension.label == "channels":
            channels = int(dimension.size)
    data = np.asarray(message.data)
    if data.dtype == np.uint8:  # a byte stream: only the parameters know what the bytes mean
        return data.tobytes(), PcmFormat(rate, channels, fallback.encoding)
    return data, PcmFormat(rate, channels, DTYPE_ENCODINGS[data.dtype.str[1:]])


def format_from_info(info: Any, fallback: PcmFormat) -> PcmFormat:
    """The GStreamer family's AudioInfo, which comes on a topic of its own.

    Raises:
        InputError: If the audio is compressed.
    """
    if info.coding_format and info.coding_format.lower() not in ("wave", "raw"):
        raise InputError("coding of the audio", info.coding_format, "wave",
                         "Start audio_capture with `format:=wave`.")
    encoding = GSTREAMER_ENCODINGS.get(info.sample_format.upper(), fallback.encoding)
    return PcmFormat(int(info.sample_rate), int(info.channels), encoding)


def int16_from_float(samples: npt.NDArray[np.floating]) -> Samples:
    """(T, C) samples in [-1, 1] to 16 bits; beyond is clipped, NaN is silence."""
    scaled = np.nan_to_num(np.asarray(samples, dtype=np.float64) * 32768.0)
    return np.asarray(np.clip(np.round(scaled), -32768, 32767), dtype=np.int16)


def message_from_pcm(kind: Any, samples: Samples, sample_rate: int, stamp: Any) -> Any:
    """A message of any type that can be sent.

    Args:
        kind: Message class, see `audio_type`.
        samples: (T, C) int16.
        sample_rate: [Hz].
        stamp: Time of the message, for the types that have one.
    """
    message = kind()
    inner = message
    if hasattr(inner, "header"):
        inner.header.stamp = stamp
    if hasattr(inner, "audio"):
        inner = inner.audio
    if hasattr(inner, "audio_data"):
        inner.info.rate, inner.info.channels = sample_rate, samples.shape[1]
        inner.info.format, inner.info.chunk = 8, len(samples)
        inner = inner.audio_data
    _fill(inner, samples, sample_rate)
    return message


def _fill(message: Any, samples: Samples, sample_rate: int) -> None:
    flat = np.ascontiguousarray(samples, dtype="<i2").reshape(-1)
    if hasattr(message, "int16_data"):
        message.int16_data = _array("h", flat)
        return
    if hasattr(message, "layout"):
        _describe(message.layout, samples.shape, sample_rate)
    kind = type(message).__name__
    if kind == "Int16MultiArray":
        message.data = _array("h", flat)
    elif kind == "Float32MultiArray":
        message.data = _array("f", flat.astype(np.float32) / np.float32(32768))
    else:
        message.data = _array("B", flat.view(np.uint8))


def _describe(layout: Any, shape: tuple[int, ...], sample_rate: int) -> None:
    from std_msgs.msg import MultiArrayDimension

    length, channels = shape
    layout.dim = [
        MultiArrayDimension(label=f"samples@{sample_rate}Hz", size=length, stride=length * channels),
        MultiArrayDimension(label="channels", size=channels, stride=channels),
    ]


def _array(code: str, values: npt.NDArray[np.generic]) -> Any:
    """The array.array that a message takes without a look at every element (rclpy issue 763)."""
    import array

    return array.array(code, values.tobytes())
