"""face_node: blendshapes, visemes, expression and delayed audio on real topics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import itertools

import rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from small_face import small_face_bundle
from std_msgs.msg import Int16MultiArray, String

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPES, VISEMES
from speech_gesture_ros.networks.face.bundle import save_face_bundle
from speech_gesture_ros.nodes.audio_messages import message_from_pcm
from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.face_node import FaceNode
from speech_gesture_ros.nodes.qos import AUDIO_IN_QOS, AUDIO_OUT_QOS


@pytest.fixture
def make_node(graph, tmp_path: Path):
    save_face_bundle(small_face_bundle(), tmp_path / "face")

    def make(**parameters: Any) -> FaceNode:
        values = {"model": str(tmp_path / "face"), **parameters}
        return graph.add(FaceNode(parameter_overrides=[Parameter(name, value=v) for name, v in values.items()]))

    return make


def test_speech_gives_stamped_blendshapes_and_visemes_and_the_sound_comes_back_later(graph, make_node):
    world = graph.add(rclpy.create_node("world"))
    speaker = world.create_publisher(Int16MultiArray, "audio", AUDIO_OUT_QOS)
    shapes: list[tuple[int, JointState]] = []
    visemes: list[JointState] = []
    delayed: list[Int16MultiArray] = []
    node = make_node()

    def now() -> int:
        return int(world.get_clock().now().nanoseconds)

    world.create_subscription(JointState, "face_node/face/blendshapes", lambda m: shapes.append((now(), m)), 10)
    world.create_subscription(JointState, "face_node/face/visemes", visemes.append, 10)
    graph.until(speaker.get_subscription_count, what="the node's subscription")
    world.create_subscription(Int16MultiArray, "face_node/audio_out", delayed.append, AUDIO_IN_QOS)
    sound = (3000 * np.random.default_rng(2).standard_normal(320)).astype(np.int16)
    sent = 0

    def speak() -> bool:
        nonlocal sent
        if sent < 400:
            speaker.publish(message_from_pcm(Int16MultiArray, sound[:, None], 16_000, world.get_clock().now().to_msg()))
            sent += 1
        return len(shapes) > 60 and len(visemes) > 60 and len(delayed) > 2

    graph.until(speak, what="a face for the speech")
    message = shapes[-1][1]
    assert tuple(message.name) == BLENDSHAPES
    assert [name.removeprefix("viseme_") for name in visemes[-1].name] == list(VISEMES)
    assert message.header.frame_id == "face"
    assert all(0.0 <= value <= 1.0 for value in message.position)
    assert sum(visemes[-1].position) == pytest.approx(1.0, abs=1e-3)
    stamps = [ns_from_time(m.header.stamp) for _, m in shapes]
    assert all(a < b for a, b in itertools.pairwise(stamps))
    assert list(delayed[0].data) == sound.tolist()
    assert not node.guard.counts


def test_an_expression_fades_in_and_an_unknown_one_is_refused(graph, make_node):
    world = graph.add(rclpy.create_node("world"))
    node = make_node()
    received: list[JointState] = []
    world.create_subscription(JointState, "face_node/face/blendshapes", received.append, 10)
    request = world.create_publisher(String, "face_node/face/expression", 10)
    graph.until(request.get_subscription_count, what="the subscription")
    smile = BLENDSHAPES.index("mouthSmileLeft")
    request.publish(String(data="happy"))
    graph.until(lambda: received and received[-1].position[smile] > 0.6, what="a smile")
    request.publish(String(data="purple"))
    graph.until(lambda: node.guard.counts["~/face/expression"], what="the refusal")


def test_wrong_parameters_end_the_node_with_their_name(make_node):
    with pytest.raises(ConfigError, match="style"):
        make_node(style="loud:1")
    with pytest.raises(ConfigError, match="look_ahead_s"):
        make_node(look_ahead_s=0.05)
