"""Every topic is recorded unchanged into a bag."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
pytest.importorskip("rosbags", reason="needs rosbags: pip install '.[sim]'")

import rclpy
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.bag import journal_of
from speech_gesture_ros.nodes.qos import LATCHED_QOS
from speech_gesture_ros.nodes.recorder_node import RecorderNode


def is_recorded(path: Path, text: str) -> bool:
    """Return whether the journal of a bag contains a text."""
    return f"{text}\0".encode() in journal_of(path).read_bytes()


def test_reliable_best_effort_and_latched_topics_are_all_recorded(graph, tmp_path):
    from rosbags.highlevel import AnyReader

    path = tmp_path / "bag"
    talker = graph.add(rclpy.create_node("talker"))
    latched = talker.create_publisher(String, "once", LATCHED_QOS)
    latched.publish(String(data="published before the subscription"))
    sensor = talker.create_publisher(String, "sensor", QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT))
    motion = talker.create_publisher(JointTrajectory, "motion", 10)
    recorder = graph.add(RecorderNode(parameter_overrides=[Parameter("path", value=str(path))]))
    graph.until(lambda: sensor.get_subscription_count() and motion.get_subscription_count(), what="the recorder")
    graph.until(latched.get_subscription_count, what="the recorder")
    for k in range(20):
        sensor.publish(String(data=f"sensor {k}"))
        point = JointTrajectoryPoint(positions=[0.1] * k, velocities=[0.0] * k)
        message = JointTrajectory(joint_names=[f"joint_{i}" for i in range(k)], points=[point] * k)
        message.header.frame_id = f"motion {k}"
        motion.publish(message)
        graph.until(lambda k=k: is_recorded(path, f"sensor {k}") and is_recorded(path, f"motion {k}"), what="a record")
    graph.until(lambda: is_recorded(path, "published before the subscription"), what="the latched message")
    recorder.close()
    found: dict[str, list] = {}
    with AnyReader([path]) as reader:
        for connection, _, raw in reader.messages():
            found.setdefault(connection.topic, []).append(reader.deserialize(raw, connection.msgtype))
    assert [m.data for m in found["/once"]] == ["published before the subscription"]
    assert [m.data for m in found["/sensor"]] == [f"sensor {k}" for k in range(20)]
    assert [len(m.points) for m in found["/motion"]] == list(range(20))


def test_a_missing_path_is_named(graph):
    with pytest.raises(ConfigError, match="-p path:=bag"):
        RecorderNode()
