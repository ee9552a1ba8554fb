"""face_converter: frames are sent at their stamps to real sockets and topics, and the mouth closes in the end."""

from __future__ import annotations

import json
import math
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

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES, VISEMES
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.humanoid_bones import BONES
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.face.expressions import expression_shapes
from speech_gesture_ros.nodes.conversions import SkeletonWriter, time_from_ns
from speech_gesture_ros.nodes.face_converter import FaceConverter
from speech_gesture_ros.nodes.face_settings import TARGET_NAMES
from speech_gesture_ros.nodes.face_targets import TARGETS
from speech_gesture_ros.nodes.performed_body import hand_shapes_from_message, hand_shapes_message
from speech_gesture_ros.nodes.qos import LATCHED_QOS


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


def messages_of(packets: list[bytes], address: str) -> list[list[Any]]:
    """Values of the OSC messages with an address, in bundles."""
    found = []
    for packet in packets:
        at = 16
        while at < len(packet):
            size = struct.unpack_from(">i", packet, at)[0]
            message, at = packet[at + 4:at + 4 + size], at + 4 + size
            name, rest = message.split(b"\0", 1)
            if name.decode() != address:
                continue
            rest = message[(len(name) + 4) // 4 * 4:]
            tags = rest.split(b"\0", 1)[0].decode()
            values, rest = [], rest[(len(tags) + 4) // 4 * 4:]
            for tag in tags[1:]:
                if tag == "s":
                    text = rest.split(b"\0", 1)[0]
                    values.append(text.decode())
                    rest = rest[(len(text) + 4) // 4 * 4:]
                else:
                    values.append(struct.unpack_from({"f": ">f", "i": ">i"}[tag], rest)[0])
                    rest = rest[4:]
            found.append(values)
    return found


def test_vmc_gets_the_body_alone_then_with_the_face_which_a_bad_body_does_not_stop(graph, make, receiver) -> None:
    node = make(target="vmc", port=receiver.getsockname()[1], expression_names="vrm0")
    world, skeleton = Face(graph), load_skeleton()
    poses = world.node.create_publisher(MarkerArray, "gesture_node/skeleton", 10)
    hands = world.node.create_publisher(String, "gesture_node/hand_shapes", LATCHED_QOS)
    hands.publish(hand_shapes_message((HandShape.FIST, HandShape.FLAT)))
    graph.until(lambda: poses.get_subscription_count() and node._hand_shapes[0] == HandShape.FIST, what="the hands")
    writer, half = SkeletonWriter(skeleton, "base"), math.sqrt(0.5)
    poses.publish(writer.message(skeleton.rest_xyz, int(world.node.get_clock().now().nanoseconds)))
    body = packets(graph, receiver, lambda found: len(messages_of(found, "/VMC/Ext/Bone/Pos")) >= len(BONES))
    assert not messages_of(body, "/VMC/Ext/Blend/Val"), "no face has come"
    sent = {name: values for name, *values in messages_of(body, "/VMC/Ext/Bone/Pos")}
    assert len(sent) == len(BONES)
    # Arms hang: a right angle from the T-pose, whose left arm points to -x.
    np.testing.assert_allclose(sent["LeftUpperArm"][3:], [0.0, 0.0, half, half], atol=1e-6)
    np.testing.assert_allclose(sent["RightUpperArm"][3:], [0.0, 0.0, -half, half], atol=1e-6)
    assert sent["Hips"][:3] == pytest.approx([0.0, 0.94, 0.0])
    assert sent["LeftLowerArm"][0] == pytest.approx(-0.28)
    assert sent["LeftIndexProximal"][6] < sent["RightIndexProximal"][6], "a fist beside a flat hand"

    def with_face() -> list[bytes]:
        world.publish(face(jawOpen=0.5))
        return packets(graph, receiver, lambda found: any(b"Blend/Apply" in packet for packet in found))

    poses.publish(writer.message(skeleton.rest_xyz, int(world.node.get_clock().now().nanoseconds)))
    both = with_face()
    assert len(messages_of(both, "/VMC/Ext/Bone/Pos")) >= len(BONES)
    assert dict(messages_of(both, "/VMC/Ext/Blend/Val"))["A"] > 0.0
    assert all(0.0 <= time_s < 60.0 for (time_s,) in messages_of(both, "/VMC/Ext/T")), "relative, not ROS time"
    graph.until(lambda: node._arrived_ns is None, what="the end of the face")
    packets(graph, receiver, lambda found: True)
    poses.publish(writer.message(np.full((len(skeleton), 3), np.nan), 0))
    graph.until(lambda: node.guard.counts["gesture_node/skeleton"], what="the refusal")
    alone = with_face()
    assert messages_of(alone, "/VMC/Ext/Blend/Val")
    assert not messages_of(alone, "/VMC/Ext/Bone/Pos"), "the last good pose is old"


def test_wrong_hand_shapes_and_avatar_files_are_refused(graph, make, receiver, tmp_path: Path) -> None:
    for text in ("", "[]", '{"left": "fist"}', '{"left": "fist", "right": "claw"}', "9" * 1000):
        with pytest.raises(InputError, match="~/hand_shapes"):
            hand_shapes_from_message(String(data=text))
    assert hand_shapes_from_message(hand_shapes_message((HandShape.COUNT, HandShape.REST))) == (HandShape.COUNT,
                                                                                              HandShape.REST)
    with pytest.raises(InputError, match="GLB file"):
        make(target="vmc", port=receiver.getsockname()[1], avatar_file=str(tmp_path / "missing.vrm"))


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
