"""Both packages named audio_common_msgs, and NAOqi's buffers: real messages over DDS."""

from __future__ import annotations

import sys

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.nodes.audio_input import WAITING_TYPE, AudioInput
from speech_gesture_ros.nodes.audio_messages import audio_type, message_from_pcm, pcm_from_message
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS, LATCHED_QOS

SAMPLES = np.array([[1, -1], [200, -200], [32767, -32768]], dtype=np.int16)
FALLBACK = PcmFormat(8_000, 1, "f32le")
STATED = PcmFormat(22_050, 2, "s16le")


@pytest.fixture
def family(interfaces, request, monkeypatch):
    """One of the two families, installed for one test."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == "audio_common_msgs"]:
            del sys.modules[name]

    forget()
    monkeypatch.syspath_prepend(str(interfaces / f"audio_common_msgs.{request.param}"))
    yield request.param
    forget()


def receive(graph, kind, message, extra=()) -> tuple:
    """Return the samples and the format that a node receives from a message of a type that it finds by itself."""
    node, robot = graph.add(rclpy.create_node("subscriber")), graph.add(rclpy.create_node("robot"))
    received: list = []
    audio = AudioInput(node, "auto", FALLBACK, received.append, lambda _: None)
    for topic, latched in extra:
        robot.create_publisher(type(latched), topic, LATCHED_QOS).publish(latched)
    publisher = robot.create_publisher(kind, "audio", AUDIO_OUT_QOS)
    graph.until(publisher.get_subscription_count, what="the subscription")
    if extra:
        graph.until(lambda: audio.fallback != FALLBACK, what="audio_info")
    publisher.publish(message)
    graph.until(lambda: received, what="audio")
    result = pcm_from_message(received[0], audio.fallback)
    audio.close()
    return result


@pytest.mark.parametrize("family", ["portaudio"], indirect=True)
@pytest.mark.parametrize("name", ["AudioStamped", "Audio"])
def test_the_portaudio_family_states_its_format_in_every_message(graph, family, name):
    kind = audio_type(f"audio_common_msgs/msg/{name}")
    message = message_from_pcm(kind, SAMPLES, 22_050, rclpy.time.Time(seconds=5).to_msg())
    data, fmt = receive(graph, kind, message)
    assert fmt == STATED
    np.testing.assert_array_equal(np.asarray(data).reshape(-1, 2), SAMPLES)


@pytest.mark.parametrize("family", ["gstreamer"], indirect=True)
@pytest.mark.parametrize("name", ["AudioData", "AudioDataStamped"])
def test_the_gstreamer_family_states_its_format_on_another_topic(graph, family, name):
    kind = audio_type(f"audio_common_msgs/msg/{name}")
    info = audio_type("audio_common_msgs/msg/AudioInfo")(channels=2, sample_rate=22_050, sample_format="S16LE",
                                                         coding_format="wave")
    message = message_from_pcm(kind, SAMPLES, 22_050, rclpy.time.Time(seconds=5).to_msg())
    data, fmt = receive(graph, kind, message, [("audio_info", info)])
    assert fmt == STATED
    np.testing.assert_array_equal(np.frombuffer(data, "<i2").reshape(-1, 2), SAMPLES)


@pytest.mark.parametrize("family", ["gstreamer"], indirect=True)
def test_audio_in_a_sample_format_that_is_not_known_is_refused_until_it_is_corrected(graph, family):
    kind, info_type = (audio_type(f"audio_common_msgs/msg/{name}") for name in ("AudioData", "AudioInfo"))
    node, robot = graph.add(rclpy.create_node("subscriber")), graph.add(rclpy.create_node("robot"))
    received: list = []
    audio = AudioInput(node, "auto", FALLBACK, received.append, lambda _: None)
    infos = robot.create_publisher(info_type, "audio_info", LATCHED_QOS)
    publisher = robot.create_publisher(kind, "audio", AUDIO_OUT_QOS)
    graph.until(lambda: publisher.get_subscription_count() and infos.get_subscription_count(), what="the subscriptions")

    def publish() -> None:
        publisher.publish(message_from_pcm(kind, SAMPLES, 22_050, rclpy.time.Time(seconds=5).to_msg()))

    infos.publish(info_type(channels=2, sample_rate=22_050, sample_format="S20LE", coding_format="wave"))
    graph.until(lambda: publish() or audio.counts.refused_messages, what="the refusal")
    received.clear()  # audio from before audio_info
    publish()
    refused = audio.counts.refused_messages
    graph.until(lambda: audio.counts.refused_messages > refused, what="the next refusal")
    assert received == []
    infos.publish(info_type(channels=2, sample_rate=22_050, sample_format="S16LE", coding_format="wave"))
    graph.until(lambda: publish() or received, what="audio")
    assert audio.fallback == STATED
    audio.close()


@pytest.mark.parametrize("family", ["gstreamer"], indirect=True)
def test_a_message_of_the_other_family_is_distinguished_from_a_missing_package(family):
    with pytest.raises(InputError, match="the other one is installed"):
        audio_type("audio_common_msgs/msg/AudioStamped")


def test_naoqi_s_buffers(graph, interfaces):
    kind = audio_type("naoqi_bridge_msgs/msg/AudioBuffer")
    message = kind(frequency=22_050, channel_map=[0, 2], data=SAMPLES.reshape(-1).tolist())
    data, fmt = receive(graph, kind, message)
    assert fmt == STATED
    np.testing.assert_array_equal(np.asarray(data).reshape(-1, 2), SAMPLES)


def test_a_topic_that_is_waited_for_is_named_at_once_and_subscribed(graph, caplog):
    caplog.set_level("INFO", "speech_gesture_ros.nodes.audio_input")
    node, robot = graph.add(rclpy.create_node("subscriber")), graph.add(rclpy.create_node("robot"))
    received: list = []
    audio = AudioInput(node, "auto", FALLBACK, received.append, lambda _: None)
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith("waiting for audio on /audio, which has no publisher yet")
    graph.until(lambda: robot.count_subscribers("audio"), what="the subscription")
    assert [info.topic_type for info in robot.get_subscriptions_info_by_topic("/audio")] == [WAITING_TYPE]
    assert audio.type_name == "", "nothing is known of the audio"
    publisher = robot.create_publisher(audio_type(WAITING_TYPE), "audio", AUDIO_OUT_QOS)
    message = message_from_pcm(audio_type(WAITING_TYPE), SAMPLES, 22_050, rclpy.time.Time(seconds=5).to_msg())
    graph.until(lambda: publisher.publish(message) or received, what="audio")
    assert audio.type_name == WAITING_TYPE
    assert caplog.messages[1:] == [f"subscribed /audio as {WAITING_TYPE}"]
    audio.close()


def test_a_topic_that_is_waited_for_is_subscribed_with_the_type_of_a_later_publisher(graph, domain_id):
    node = graph.add(rclpy.create_node("subscriber"))
    received: list = []
    audio = AudioInput(node, "auto", FALLBACK, received.append, lambda _: None)
    graph.until(lambda: node.count_subscribers("audio"), what="the subscription")
    context = rclpy.Context()  # as another process: in one of them a topic has one type
    rclpy.init(context=context, domain_id=domain_id)
    speaker = rclpy.create_node("speaker", context=context)
    try:
        kind = audio_type("std_msgs/msg/Float32MultiArray")
        publisher = speaker.create_publisher(kind, "audio", AUDIO_OUT_QOS)
        message = message_from_pcm(kind, SAMPLES, 22_050, rclpy.time.Time(seconds=5).to_msg())
        graph.until(lambda: publisher.publish(message) or received, what="audio")
        assert audio.type_name == "std_msgs/msg/Float32MultiArray"
        assert isinstance(received[0], kind)
    finally:
        audio.close()
        speaker.destroy_node()
        context.shutdown()
