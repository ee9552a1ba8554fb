"""audio_probe: one line on the audio that a real publisher sends, or on its absence."""

from __future__ import annotations

import logging

import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from rclpy.parameter import Parameter

from speech_gesture_ros.nodes.audio_file_node import AudioFileNode
from speech_gesture_ros.nodes.audio_probe import AudioProbe


def test_a_sound_file_is_described_in_one_line(graph, sound_file, caplog) -> None:
    caplog.set_level(logging.INFO)
    probe = graph.add(AudioProbe(parameter_overrides=[Parameter("seconds", value=3600.0)]))
    graph.add(AudioFileNode(parameter_overrides=[
        Parameter("path", value=str(sound_file)), Parameter("loop", value=True),
        Parameter("start_delay_s", value=0.0)]))
    graph.until(lambda: "subscribed /audio as" in caplog.text, what="the subscription")
    graph.until(lambda: probe.messages >= 60, what="60 messages")
    caplog.clear()
    probe.report()
    line = next(r.getMessage() for r in caplog.records if "Hz" in r.getMessage())
    assert line.startswith("/audio as std_msgs/msg/Int16MultiArray from /audio_file_node (")
    assert "22050 Hz, 2 channel(s), s16le" in line
    assert "messages of 20 ms" in line
    assert line.endswith("0 lost in transport")


def test_a_topic_without_publisher_is_named_with_a_remedy(graph, caplog) -> None:
    probe = graph.add(AudioProbe(parameter_overrides=[Parameter("seconds", value=3600.0)]))
    probe.report()
    assert "no audio on /audio: 0 publisher(s)" in caplog.text
    assert "ros2 topic list" in caplog.text
