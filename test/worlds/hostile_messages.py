"""Hostile messages for a gesture node: kinds of wrong, huge, contradictory and torn messages on each of its topics.

A kind makes messages of one type on one topic. A message is a message object, or bytes: a serialised message that was
cut or changed, as a broken publisher sends it.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from rclpy.serialization import serialize_message
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Float32MultiArray, Int16MultiArray, MultiArrayDimension, String, UInt8MultiArray

from speech_gesture_ros.nodes.audio_messages import audio_type
from speech_gesture_ros.robot.description import RobotDescription

Rng = np.random.Generator
DIGITS = "9" * 5000
REQUESTS, AUDIO, INFO = "gesture_node/gesture_request", "audio", "audio_info"


@dataclass(frozen=True)
class Kind:
    """Kind of hostile message.

    Attributes:
        name: Name in the table.
        topic: Topic.
        type: Message class.
        make: Makes one message.
        is_lie: Whether the message states joint positions that are possible and false.
    """

    name: str
    topic: str
    type: Any
    make: Callable[[Rng], Any]
    is_lie: bool = False


def all_kinds(description: RobotDescription) -> list[Kind]:
    """Return all kinds but descriptions of robots, which need a node that waits for one."""
    return [*_multi_arrays(), *_audio_families(), *_joint_states(description), *_requests(), *_torn(description)]


# -- audio -----------------------------------------------------------------------------------------------------------


def _multi_array(kind: Any, data: Sequence[float] | bytes, label: str = "samples@16000Hz", channels: int = 1) -> Any:
    message = kind()
    message.layout.dim = [MultiArrayDimension(label=label, size=len(data), stride=len(data)),
                          MultiArrayDimension(label="channels", size=channels, stride=channels)]
    message.data = data if isinstance(data, bytes) else np.asarray(data, message_dtype(kind)).tolist()
    return message


def message_dtype(kind: Any) -> type:
    """Return the number type of a MultiArray."""
    return {Int16MultiArray: np.int16, Float32MultiArray: np.float32}.get(kind, np.uint8)


def _noise(rng: Rng, count: int = 320) -> list[int]:
    return rng.integers(-9000, 9000, count).tolist()


def _multi_arrays() -> list[Kind]:
    def int16(name: str, make: Callable[[Rng], Any]) -> Kind:
        return Kind(f"int16: {name}", AUDIO, Int16MultiArray, make)

    def float32(name: str, value: float) -> Kind:
        return Kind(f"float32: {name}", AUDIO, Float32MultiArray, lambda rng: _multi_array(
            Float32MultiArray, np.where(rng.random(320) < 0.5, np.float32(value), np.float32(0.1))))

    def dimensions(rng: Rng) -> Any:
        message = _multi_array(Int16MultiArray, _noise(rng))
        message.layout.dim = [MultiArrayDimension(label=f"{k}", size=k) for k in range(5000)]
        return message

    def offset(rng: Rng) -> Any:
        message = _multi_array(Int16MultiArray, _noise(rng))
        message.layout.data_offset = 2**32 - 1
        return message

    one = partial(_multi_array, Int16MultiArray)
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
                      lambda _: _multi_array(Float32MultiArray, np.zeros(320), f"@{DIGITS}Hz")))
    return kinds + [Kind(f"uint8: {name}", AUDIO, UInt8MultiArray, make) for name, make in (
        ("odd number of bytes", lambda rng: _multi_array(UInt8MultiArray, rng.bytes(321))),
        ("mp3", lambda rng: _multi_array(UInt8MultiArray, b"ID3\x04" + rng.bytes(400))))]


def _audio_families() -> list[Kind]:
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


# -- robot -----------------------------------------------------------------------------------------------------------


def _joint_states(robot: RobotDescription) -> list[Kind]:
    names, rest, upper = list(robot.joint_names), robot.rest_q, robot.limits.upper

    def one(name: str, make: Callable[[Rng], tuple[list[str], Sequence[float]]], *, is_lie: bool = False) -> Kind:
        def message(rng: Rng) -> JointState:
            joints, positions = make(rng)
            return JointState(name=joints, position=[float(q) for q in positions])
        return Kind(f"joint_states: {name}", "joint_states", JointState, message, is_lie)

    def with_value(value: float) -> Callable[[Rng], tuple[list[str], Sequence[float]]]:
        return lambda rng: (names, np.where(rng.random(len(names)) < 0.3, value, rest))

    def stamped(sec: int) -> Callable[[Rng], JointState]:
        def make(rng: Rng) -> JointState:
            message = JointState(name=names, position=with_value(math.nan)(rng)[1].tolist())
            message.header.stamp = Time(sec=sec, nanosec=0)
            return message
        return make

    return [
        *(one(text, with_value(value)) for text, value in (
            ("NaN", math.nan), ("infinity", math.inf), ("1e300", 1e300), ("-1e300", -1e300), ("100 rad", 100.0))),
        one("limit + 3", lambda _: (names, upper + 3.0)),
        one("1,000 unknown names", lambda rng: ([f"joint{k}" for k in range(1000)], rng.random(1000))),
        one("fewer positions than names", lambda _: (names, rest[:3])),
        one("no positions", lambda _: (names, [])), one("no names", lambda _: ([], rest)),
        one("names of 100 kB", lambda _: (["j" * 100_000], [0.0])),
        one("100,000 names", lambda _: (names[:1] * 100_000, [math.nan] * 100_000)),
        one("twice the same name", lambda _: (names[:1] * 2, [rest[0], upper[0] + 3.0])),
        one("another publisher", lambda rng: (names, rest + rng.choice([0.0, 0.3], len(names))), is_lie=True),
        Kind("joint_states: old stamps", "joint_states", JointState, stamped(1)),
        Kind("joint_states: stamps of 2038", "joint_states", JointState, stamped(2**31 - 1)),
    ]


# -- requests --------------------------------------------------------------------------------------------------------


def _requests() -> list[Kind]:
    def one(name: str, make: Callable[[Rng], str]) -> Kind:
        return Kind(f"request: {name}", REQUESTS, String, lambda rng: String(data=make(rng)))

    def field(name: str, value: str) -> Kind:
        return one(f"{name} {value[:12]}", lambda _: f'{{"gesture": "nod", "{name}": {value}}}')

    return [
        one("nested 990 levels", lambda _: "[" * 990 + "]" * 990),
        one("nested 99,000 levels", lambda _: '{"a":' * 19_000 + "1"),
        field("repetitions", DIGITS), field("at", DIGITS), field("repetitions", "NaN"), field("delay", "Infinity"),
        field("amplitude", "1e999"), field("duration", "-0.0"), field("id", f'"{"x" * 90_000}"'),
        field("side", '{"left": true}'), field("gesture", "null"), field("at", "[1, 2]"),
        one("1 MB", lambda _: "nod" * 333_333), one("10,000 gestures", lambda _: json.dumps(["nod"] * 10_000)),
        one("100 gestures", lambda _: json.dumps(["nod"] * 100)),
        one("unknown keys", lambda rng: json.dumps({"gesture": "nod", rng.bytes(8).hex(): 1})),
        one("unknown name", lambda rng: rng.bytes(200).decode("latin-1").replace("\x00", "")),
        one("empty", lambda _: " \n"), one("escaped surrogates", lambda _: r'"\ud800\udfff"'),
        one("not closed", lambda _: '{"gesture": "nod", "at": '), one("a number", lambda rng: str(rng.normal())),
    ]


# -- torn messages ---------------------------------------------------------------------------------------------------


def _torn(robot: RobotDescription) -> list[Kind]:
    sound = _multi_array(Int16MultiArray, [1, 2, 3] * 100)
    state = JointState(name=list(robot.joint_names), position=robot.rest_q.tolist())
    targets = ((AUDIO, sound), ("joint_states", state), (REQUESTS, String(data="nod")),
               ("gesture_node/lock", Bool(data=False)))

    def cut(message: Any, rng: Rng) -> bytes:
        whole = serialize_message(message)
        return bytes(whole[: int(rng.integers(4, len(whole)))])

    def long(message: Any, rng: Rng) -> bytes:
        """Replace a word of the body, perhaps the length of a sequence or of a text."""
        whole = bytearray(serialize_message(message))
        place = 4 * int(rng.integers(1, max(2, len(whole) // 4)))
        whole[place : place + 4] = struct.pack("<I", int(rng.choice([2**32 - 1, 2**31 - 1, 10**7, 255])))
        return bytes(whole)

    def random(message: Any, rng: Rng) -> bytes:
        return bytes(serialize_message(message)[:4]) + rng.bytes(int(rng.integers(1, 2000)))

    return [Kind(f"torn, {how.__name__}: {topic.rpartition('/')[2]}", topic, type(message), partial(how, message),
                 is_lie=topic == "joint_states")
            for topic, message in targets for how in (cut, long, random)]


# -- robots ----------------------------------------------------------------------------------------------------------


def hostile_descriptions(urdf: str) -> dict[str, str]:
    """Return texts that are no usable robot, each with its name.

    Args:
        urdf: A robot that is usable.
    """
    entities = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12))
    laughs = f'<!DOCTYPE robot [<!ENTITY a0 "ha">{entities}]><robot name="r">&a11;</robot>'
    return {
        "garbage": "\x01\x02 no XML <<<", "cut": urdf[: len(urdf) // 2], "empty robot": '<robot name="r"/>',
        "5 MB": "<robot>" + "x" * 5_000_000, "entities of entities": laughs,
        "nested 20,000 levels": "<a>" * 20_000 + "</a>" * 20_000,
        "NaN as a limit": urdf.replace('upper="', 'upper="nan'),
        "1e999 as a size": urdf.replace('xyz="', 'xyz="1e999 '), "numbers of 5,000 digits": urdf.replace(
            'lower="', f'lower="-{DIGITS}'),
        "a million copies": '<mujoco><worldbody><replicate count="1000000000"><geom size="1"/></replicate></worldbody>'
        "</mujoco>", "profile in YAML": "a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]", "joints in a circle":
        '<robot name="r"><link name="a"/><link name="b"/><joint name="j" type="fixed"><parent link="a"/>'
        '<child link="b"/></joint><joint name="k" type="fixed"><parent link="b"/><child link="a"/></joint></robot>',
    }
