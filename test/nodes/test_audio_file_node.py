"""A sound file on a topic: every sample, at its time."""

from __future__ import annotations

import time

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.parameter import Parameter
from std_msgs.msg import Int16MultiArray

from speech_gesture_ros.audio.files import read_audio
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.nodes.audio_file_node import AudioFileNode
from speech_gesture_ros.nodes.audio_messages import int16_from_float, pcm_from_message
from speech_gesture_ros.nodes.qos import AUDIO_OUT


def _node(graph, **parameters):
    return graph.add(AudioFileNode(parameter_overrides=[Parameter(k, value=v) for k, v in parameters.items()]))


def _listen(graph):
    heard: list[tuple[float, Int16MultiArray]] = []
    listener = graph.add(rclpy.create_node("listener"))
    listener.create_subscription(Int16MultiArray, "audio", lambda m: heard.append((time.monotonic(), m)), AUDIO_OUT)
    return heard


def test_every_sample_arrives_in_order_at_the_pace_of_real_time(graph, sound_file, monkeypatch):
    heard = _listen(graph)
    node = _node(graph, path=str(sound_file), start_delay_s=0.0, chunk_ms=20)
    monkeypatch.setattr(node, "_end", lambda: None)  # the listener shares its context
    graph.until(lambda: node._sent == len(node._samples), what="the end of the file")
    graph.spin(0.2)
    samples, rate = read_audio(sound_file)
    data = np.concatenate([pcm_from_message(m, PcmFormat())[0] for _, m in heard])
    np.testing.assert_array_equal(data.reshape(-1, 2), int16_from_float(samples))
    assert pcm_from_message(heard[0][1], PcmFormat())[1] == PcmFormat(rate, 2, "s16le")
    expected_s = (len(samples) - 2 * 441) / rate
    assert heard[-1][0] - heard[0][0] == pytest.approx(expected_s, abs=0.3)


def test_it_waits_for_a_listener_so_that_the_first_word_is_heard(graph, sound_file):
    node = _node(graph, path=str(sound_file))
    graph.spin(0.5)
    assert node._sent == 0
    _listen(graph)
    graph.until(lambda: node._sent > 0, what="the first message")


def test_its_context_is_shut_down_at_the_end(graph, sound_file):
    _node(graph, path=str(sound_file), subscribers=0, start_delay_s=0.0)
    graph.until(lambda: not rclpy.ok(), what="the end")


def test_a_looping_file_goes_on(graph, sound_file):
    heard = _listen(graph)
    _node(graph, path=str(sound_file), loop=True, start_delay_s=0.0, chunk_ms=100)
    graph.until(lambda: len(heard) > 25, what="the second round")
    assert rclpy.ok()


def test_a_missing_file_and_a_missing_path_are_named(graph, tmp_path):
    with pytest.raises(ConfigError, match=r"-p path:=my\.wav"):
        AudioFileNode()
    with pytest.raises(InputError, match=r"nothing\.wav"):
        AudioFileNode(parameter_overrides=[Parameter("path", value=str(tmp_path / "nothing.wav"))])
