"""Trajectories, jaw, phones and expressions of face_node on real topics."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from small_face import small_face_bundle
from std_msgs.msg import Int16MultiArray, String
from trajectory_msgs.msg import JointTrajectory

from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES, VISEMES
from speech_gesture_ros.face.expressions import affect_shapes
from speech_gesture_ros.networks.face.bundle import save_face_bundle
from speech_gesture_ros.nodes.audio_messages import message_from_pcm
from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.face_node import FaceNode
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS

JAW_OPEN, SMILE = BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["mouthSmileLeft"]


@pytest.fixture
def make_node(graph: Any, tmp_path: Path) -> Callable[..., FaceNode]:
    bundle = small_face_bundle()
    bundle.weights["head.weight"][:] = 0.0
    bundle.weights["head.bias"][0] = 30.0  # the model is silent: what moves the mouth is something else
    save_face_bundle(bundle, tmp_path / "face")

    def make(**parameters: Any) -> FaceNode:
        values = {"model": str(tmp_path / "face"), **parameters}
        return graph.add(FaceNode(parameter_overrides=[Parameter(name, value=v) for name, v in values.items()]))

    return make


def publish(graph: Any, world: Any, kind: Any, topic: str, message: Any, qos: Any = 10) -> None:
    publisher = world.create_publisher(kind, topic, qos)
    graph.until(publisher.get_subscription_count, what=f"a subscription of {topic}")
    publisher.publish(message)


def test_trajectories_have_all_shapes_ahead_and_the_jaw_follows_in_its_limits(graph, make_node) -> None:
    world = graph.add(rclpy.create_node("world"))
    node = make_node(**{"jaw.joint": "jaw_joint", "jaw.open_angle": 0.3})
    faces: list[JointTrajectory] = []
    jaws: list[JointTrajectory] = []
    world.create_subscription(JointTrajectory, "face_node/face/trajectory", faces.append, 10)
    world.create_subscription(JointTrajectory, "jaw_controller/joint_trajectory", jaws.append, 10)
    publish(graph, world, String, "face_node/face/expression", String(data="surprised"))  # it opens the jaw by 0.25
    graph.until(lambda: faces and jaws and jaws[-1].points[0].positions[0] > 0.06, what="an open jaw")
    face = faces[-1]
    assert tuple(face.joint_names) == BLENDSHAPES
    times = [ns_from_time(point.time_from_start) for point in face.points]
    assert times[0] == 0
    assert np.diff(times).min() > 0
    assert len(face.points) >= 8
    assert jaws[-1].joint_names == ["jaw_joint"]
    for message in jaws:
        positions = np.array([point.positions[0] for point in message.points])
        velocities = np.array([point.velocities[0] for point in message.points])
        assert positions.min() >= -0.03
        assert positions.max() <= 0.33
        assert np.abs(velocities).max() <= 5.0
        assert velocities[-1] == 0.0
        assert ns_from_time(message.points[0].time_from_start) > 0
    assert not node.guard.counts


def test_timed_phones_move_the_mouth_with_their_sound_and_malformed_ones_are_refused(graph, make_node) -> None:
    world = graph.add(rclpy.create_node("world"))
    node = make_node()
    visemes: list[dict[str, float]] = []
    world.create_subscription(JointState, "face_node/face/visemes",
                              lambda m: visemes.append(dict(zip(m.name, m.position))), 100)
    phones = world.create_publisher(String, "face_node/face/phones", 10)
    speaker = world.create_publisher(Int16MultiArray, "audio", AUDIO_OUT_QOS)
    graph.until(lambda: phones.get_subscription_count() and speaker.get_subscription_count(), what="subscriptions")
    for text in ("no JSON", json.dumps({"phones": [["xyz", 0.0, 0.1]]})):
        phones.publish(String(data=text))
    graph.until(lambda: node.guard.counts["~/face/phones"] == 2, what="two refusals")
    phones.publish(String(data=json.dumps({"phones": [["AA1", 0.0, 20.0]]})))
    graph.until(lambda: node._live.phones._waiting, what="the phones")
    silence = np.zeros((20 * 16_000, 1), dtype=np.int16)
    speaker.publish(message_from_pcm(Int16MultiArray, silence, 16_000, world.get_clock().now().to_msg()))
    graph.until(lambda: any(v["viseme_aa"] > 0.9 for v in visemes), what="an open mouth")
    assert set(visemes[-1]) == {f"viseme_{name}" for name in VISEMES}


def test_expressions_of_hri_msgs_go_in_and_out(graph, make_node, interfaces: Path) -> None:
    from hri_msgs.msg import Expression

    from speech_gesture_ros.nodes.qos import LATCHED_QOS

    world = graph.add(rclpy.create_node("world"))
    node = make_node()
    shapes: list[JointState] = []
    shown: list[Any] = []
    world.create_subscription(JointState, "face_node/face/blendshapes", shapes.append, 10)
    world.create_subscription(Expression, "face_node/face/shown_expression", shown.append, LATCHED_QOS)
    publish(graph, world, Expression, "face_node/face/hri_expression", Expression(expression="happy"))
    graph.until(lambda: shapes and shapes[-1].position[SMILE] > 0.6, what="a smile")
    graph.until(lambda: shown and shown[-1].expression == "happy", what="the expression on its topic")
    assert (shown[-1].valence, shown[-1].header.frame_id) == (pytest.approx(0.8), "face")
    publish(graph, world, Expression, "face_node/face/hri_expression", Expression(valence=-0.7, arousal=-0.5))
    frown = BLENDSHAPE_INDEX["mouthFrownLeft"]
    target = float(affect_shapes(-0.7, -0.5)[frown])
    graph.until(lambda: shapes[-1].position[frown] > 0.9 * target > 0.3, what="a frown")
    publish(graph, world, Expression, "face_node/face/hri_expression", Expression(valence=float("nan")))
    graph.until(lambda: node.guard.counts["~/face/hri_expression"], what="the refusal")
