"""face_converter: frames are sent at their stamps to real sockets and topics, and the mouth closes in the end."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES, VISEMES
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.face.expressions import expression_shapes
from speech_gesture_ros.nodes.conversions import SkeletonWriter, time_from_ns
from speech_gesture_ros.nodes.face_converter import FaceConverter
from speech_gesture_ros.nodes.face_settings import TARGET_NAMES
from speech_gesture_ros.nodes.face_targets import TARGETS


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        yield made


@pytest.fixture
def make(graph: Any) -> Callable[..., FaceConverter]:
    def make_node(**parameters: Any) -> FaceConverter:
        return graph.add(FaceConverter(parameter_overrides=[Parameter(n, value=v) for n, v in parameters.items()]))

    return make_node


class Face:
    """Publisher of a face."""

    def __init__(self, graph: Any) -> None:
        self.graph, self.node = graph, graph.add(rclpy.create_node("world"))
        self._shapes = self.node.create_publisher(JointState, "gesture_node/face/blendshapes", 10)
        self._visemes = self.node.create_publisher(JointState, "gesture_node/face/visemes", 10)

    def publish(self, shapes: np.ndarray, viseme: str = "sil") -> None:
        self.graph.until(lambda: self._shapes.get_subscription_count() and self._visemes.get_subscription_count(),
                         what="the converter's subscriptions")
        stamp = time_from_ns(int(self.node.get_clock().now().nanoseconds) + 20_000_000)
        shares = [float(name == viseme) for name in VISEMES]
        for publisher, names, values in ((self._visemes, [f"viseme_{name}" for name in VISEMES], shares),
                                         (self._shapes, list(BLENDSHAPES), shapes.tolist())):
            message = JointState(name=names, position=values)
            message.header.stamp = stamp
            publisher.publish(message)


def face(**values: float) -> np.ndarray:
    out = np.zeros(len(BLENDSHAPES))
    for name, value in values.items():
        out[BLENDSHAPE_INDEX[name]] = value
    return out


def packets(graph: Any, receiver: socket.socket, is_enough: Callable[[list[bytes]], bool]) -> list[bytes]:
    received: list[bytes] = []

    def receive() -> bool:
        try:
            while True:
                received.append(receiver.recv(65536))
        except BlockingIOError:
            return is_enough(received)

    graph.until(receive, what="packets")
    return received


def test_live_link_gets_the_frame_with_the_head_of_the_body_and_then_a_closed_mouth(graph, make, receiver) -> None:
    make(target="live_link", port=receiver.getsockname()[1])
    world, skeleton = Face(graph), load_skeleton()
    poses = world.node.create_publisher(MarkerArray, "gesture_node/skeleton", 10)
    graph.until(poses.get_subscription_count, what="the subscription of the skeleton")
    poses.publish(SkeletonWriter(skeleton, "base").message(skeleton.xyz_from_bones(skeleton.offsets[None])[0], 0))
    world.publish(face(jawOpen=0.5, eyeBlinkLeft=1.0))
    first, *_, last = packets(graph, receiver, lambda found: len(found) >= 2)
    values = struct.unpack(">61f", first[-244:])
    assert (values[17], values[0]) == (0.5, 1.0)
    assert np.abs(values[52:55]).max() < 0.6
    values = struct.unpack(">61f", last[-244:])
    assert (values[17], values[0]) == (0.0, 1.0), "no frame has come: the mouth is closed"


def test_openxr_gets_the_visemes_of_the_model_and_vmc_and_reachy_get_theirs(graph, make, receiver) -> None:
    port = receiver.getsockname()[1]
    for target in ("openxr", "vmc", "reachy"):
        node = make(target=target, port=port)
        world = Face(graph)
        world.publish(face(jawOpen=0.5), "kk")
        data = packets(graph, receiver, lambda found: len(found) >= 1)[0]
        if target == "openxr":
            assert struct.unpack("<15f", data)[VISEMES.index("kk")] == 1.0
        elif target == "vmc":
            assert b"/VMC/Ext/Blend/Val" in data
            assert b"/VMC/Ext/Blend/Apply" in data
        else:
            assert json.loads(data)["antennas"][0] == pytest.approx(0.125)
        assert not node.guard.counts
        node.close()
        packets(graph, receiver, lambda found: len(found) >= 1)


def test_icub_and_furhat_get_texts(graph, make) -> None:
    world = Face(graph)
    texts: list[str] = []
    world.node.create_subscription(String, "face_converter/commands", lambda m: texts.append(m.data), 10)
    make(target="icub")
    graph.until(lambda: world.node.count_publishers("face_converter/commands"), what="the topic")
    world.publish(face(jawOpen=0.8))
    graph.until(lambda: "set mou sur" in texts, what="an open mouth")


def test_pal_and_nao_get_the_messages_of_their_packages(graph, make, interfaces: Path) -> None:
    from hri_msgs.msg import Expression
    from naoqi_bridge_msgs.msg import FadeRGB

    world = Face(graph)
    expressions: list[Any] = []
    fades: list[Any] = []
    world.node.create_subscription(Expression, "/robot_face/expression", expressions.append, 10)
    world.node.create_subscription(FadeRGB, "leds", fades.append, 10)
    make(target="pal")
    graph.until(lambda: world.node.count_publishers("/robot_face/expression"), what="the topic")
    world.publish(expression_shapes("happy").astype(float))
    graph.until(lambda: expressions and expressions[-1].expression == "happy", what="the expression")
    make(target="nao")
    graph.until(lambda: world.node.count_publishers("leds"), what="the topic")
    world.publish(expression_shapes("angry").astype(float))
    graph.until(lambda: fades and fades[-1].color.r > 2 * fades[-1].color.b, what="red eyes")
    assert (fades[-1].led_name, fades[-1].fade_duration.nanosec) == ("FaceLeds", 100_000_000)


def test_wrong_messages_are_refused_and_an_unknown_host_ends_the_node(graph, make, receiver) -> None:
    node = make(target="openxr", port=receiver.getsockname()[1])
    world = Face(graph)
    world.publish(np.full(len(BLENDSHAPES), np.nan))
    graph.until(lambda: node.guard.counts["gesture_node/face/blendshapes"], what="the refusal")
    with pytest.raises(ConfigError, match=r"host is 'no.such.host.invalid', must be a known name or address"):
        make(target="vmc", host="no.such.host.invalid")
    assert set(TARGET_NAMES) == set(TARGETS)
