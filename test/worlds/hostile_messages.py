"""Hostile messages for a gesture node: kinds of wrong, huge, contradictory and torn messages on each of its topics.

A kind makes messages of one type on one topic. A message is a message object, or bytes: a serialised message that was
cut or changed, as a broken publisher sends it.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from hostile_audio import AUDIO, hostile_audio, multi_array
from hostile_kind import DIGITS, Kind, Rng
from rclpy.serialization import serialize_message
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Int16MultiArray, String

from speech_gesture_ros.robot.description import RobotDescription

REQUESTS = "gesture_node/gesture_request"


def all_kinds(description: RobotDescription) -> list[Kind]:
    """Return all kinds but descriptions of robots, which need a node that waits for one."""
    return [*hostile_audio(), *_joint_states(description),
            *_controller_states(description), *_requests(), *_torn(description)]


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


def _controller_states(robot: RobotDescription) -> list[Kind]:
    from control_msgs.msg import JointTrajectoryControllerState

    group, joints = next((group, joints) for group, joints in robot.groups.items() if "arm" in group)
    columns = robot.indices(joints)
    rest, upper, topic = robot.rest_q[columns], robot.limits.upper[columns], robot.topics[group]

    def one(name: str, names: Sequence[str], positions: Sequence[float], *, is_lie: bool = False) -> Kind:
        def make(_: Rng) -> Any:
            message = JointTrajectoryControllerState(joint_names=list(names))
            message.reference.positions = [float(q) for q in positions]
            return message
        return Kind(f"controller_state: {name}", f"{topic.rpartition('/')[0]}/controller_state",
                    JointTrajectoryControllerState, make, is_lie)

    return [one("NaN", joints, rest * math.nan), one("1e300", joints, rest + 1e300),
            one("limit + 3", joints, upper + 3.0), one("fewer positions than names", joints, rest[:1]),
            one("no positions", joints, []), one("unknown names", [f"joint{k}" for k in range(1000)], [0.0] * 1000),
            one("another reference", joints, rest + 0.2, is_lie=True)]


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
    sound = multi_array(Int16MultiArray, [1, 2, 3] * 100)
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
