"""Conversion of audio messages: all families that robots publish, distinguished by their fields.

Two packages share the name audio_common_msgs and a message name, AudioData, with different fields; a robot has one of
them or none. So a package is imported only when it is needed, and a message is recognised by its fields:

    audio (+ header)                       AudioStamped, AudioDataStamped: the message inside
    audio_data + info                      Audio (PortAudio family): format, rate and channels in every message
    float32_data, int16_data, ...          AudioData (PortAudio family): one of them filled
    layout + data                          std_msgs MultiArray
    frequency + channel_map + data         naoqi's AudioBuffer
    data                                   AudioData (GStreamer family): bytes, described by parameters or audio_info

A std_msgs MultiArray has no field for the sample rate. This package writes it into the labels of the layout, which
stays valid for subscribers that use only the sizes: dim[0] = ("samples@16000Hz", T, T*C), dim[1] = ("channels", C, C).
Without a label the parameters apply.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.encodings import ENCODINGS
from speech_gesture_ros.audio.mp3_decoder import MP3
from speech_gesture_ros.audio.pcm import Pcm, PcmFormat
from speech_gesture_ros.core.errors import InputError, MissingDependencyError

Samples = npt.NDArray[np.int16]

STD_TYPES = ("std_msgs/msg/Int16MultiArray", "std_msgs/msg/Float32MultiArray", "std_msgs/msg/UInt8MultiArray")
KNOWN_TYPES = (
    *STD_TYPES, "audio_common_msgs/msg/AudioStamped", "audio_common_msgs/msg/AudioDataStamped",
    "audio_common_msgs/msg/AudioData", "audio_common_msgs/msg/Audio", "naoqi_bridge_msgs/msg/AudioBuffer",
)

PORTAUDIO_PLANAR = 1 << 31  # flag of PortAudio's sample format: channels one after the other
FIELD_ENCODINGS = {"float32_data": "f32le", "int32_data": "s32le", "int16_data": "s16le", "int8_data": "s8",
                   "uint8_data": "u8"}
DTYPE_ENCODINGS = {"f4": "f32le", "i4": "s32le", "i2": "s16le", "i1": "s8", "u1": "u8"}
RATE_LABEL = re.compile(r"@\s*(\d+)")
MAX_RATE_DIGITS = 9


def audio_type(name: str) -> Any:
    """Return the message class of ``package/msg/Type``.

    Raises:
        InputError: If the name is not of that form, or the package has no such message.
        MissingDependencyError: If the package is not installed.
    """
    parts = name.split("/")
    if len(parts) != 3 or parts[1] != "msg":
        raise InputError("audio type", name, f"like package/msg/Type, for example {KNOWN_TYPES[0]}",
                         "Correct the parameter.")
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
    """Return the samples of a message and their format.

    Args:
        message: Any of the families above.
        fallback: Format where the message does not state it.

    Raises:
        InputError: If it belongs to no family.
    """
    if hasattr(message, "audio"):
        return pcm_from_message(message.audio, fallback)
    if hasattr(message, "audio_data"):
        info = message.info
        if int(info.format) & PORTAUDIO_PLANAR and int(info.channels) > 1:
            raise InputError("sample format of the audio", int(info.format), "without the flag paNonInterleaved",
                             "Publish interleaved samples.")
        # The field that is filled states the encoding.
        return pcm_from_message(message.audio_data, PcmFormat(int(info.rate), int(info.channels), fallback.encoding))
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
            if len(match[1]) > MAX_RATE_DIGITS:
                raise InputError("sample rate in the label", match[1], f"a number of {MAX_RATE_DIGITS} digits at most",
                                 "Correct the layout of the messages.")
            rate = int(match[1])
        if dimension.label == "channels":
            channels = int(dimension.size)
    data = np.asarray(message.data)
    if data.dtype == np.uint8:  # a byte stream: the parameters state the encoding
        return data.tobytes(), PcmFormat(rate, channels, fallback.encoding)
    return data, PcmFormat(rate, channels, DTYPE_ENCODINGS[data.dtype.str[1:]])


def format_from_info(info: Any, fallback: PcmFormat) -> PcmFormat:
    """Return the format that the GStreamer family publishes on the topic `audio_info`.

    Raises:
        InputError: If the audio is compressed otherwise than as mp3, or its sample format is stated and not known.
    """
    if info.coding_format.lower() == MP3:  # the stream states its rate and channels
        return replace(fallback, encoding=MP3)
    if info.coding_format and info.coding_format.lower() not in ("wave", "raw"):
        raise InputError("coding of the audio", info.coding_format, "wave",
                         "Start audio_capture with `format:=wave`.")
    encoding = info.sample_format.lower() or fallback.encoding
    if encoding not in ENCODINGS:
        raise InputError("sample format of the audio", info.sample_format, f"one of {', '.join(ENCODINGS).upper()}",
                         "Start audio_capture with `sample_format:=S16LE`.")
    return PcmFormat(int(info.sample_rate), int(info.channels), encoding)


def int16_from_float(samples: npt.NDArray[np.floating]) -> Samples:
    """Convert (T, C) samples in [-1, 1] to 16 bits; values beyond are clipped, NaN becomes silence."""
    scaled = np.nan_to_num(np.asarray(samples, dtype=np.float64) * 32768.0)
    return np.asarray(np.clip(np.round(scaled), -32768, 32767), dtype=np.int16)


def message_from_pcm(kind: Any, samples: Samples, sample_rate: int, stamp: Any) -> Any:
    """Return a message of any type in `settings.SENT_AUDIO_TYPES`.

    Args:
        kind: Message class, see `audio_type`.
        samples: (T, C) int16.
        sample_rate: Sample rate [Hz].
        stamp: Time of the message, for types with a header.
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
    """Return an array.array, which a message takes without checking every element (rclpy issue 763)."""
    import array

    return array.array(code, values.tobytes())
