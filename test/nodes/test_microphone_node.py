"""Microphone node with a sound card that supports 44.1 and 48 kHz only: messages at the requested rate."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.parameter import Parameter
from std_msgs.msg import Int16MultiArray

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.nodes.audio_messages import pcm_from_message
from speech_gesture_ros.nodes.microphone_node import MicrophoneNode
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS

CARD_RATE = 48_000


class Card:
    """The part of the module sounddevice that is used, with one card."""

    PortAudioError = OSError

    def InputStream(self, **options: Any) -> Any:
        if options["samplerate"] not in (44_100, CARD_RATE):
            raise OSError("Invalid sample rate", -9997)
        self.callback = options["callback"]
        return SimpleNamespace(active=True, start=lambda: None, close=lambda: None)


def test_a_card_of_48_khz_gives_messages_at_the_requested_rate(graph, monkeypatch):
    card = Card()
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    subscriber = graph.add(rclpy.create_node("subscriber"))
    received: list = []
    subscriber.create_subscription(Int16MultiArray, "audio", received.append, AUDIO_OUT_QOS)
    graph.add(MicrophoneNode(parameter_overrides=[Parameter("type", value="std_msgs/msg/Int16MultiArray")]))
    graph.until(lambda: subscriber.count_publishers("audio"), what="the publisher")
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(CARD_RATE // 2) / CARD_RATE).astype(np.float32)
    blocks = iter(np.array_split(tone[:, None], 25))

    def record() -> bool:
        if (block := next(blocks, None)) is not None:
            card.callback(block, len(block), None, SimpleNamespace(input_overflow=False))
        return len(received) >= 20

    graph.until(record, what="messages")
    parts = [pcm_from_message(message, PcmFormat()) for message in received]
    assert {fmt.sample_rate for _, fmt in parts} == {16_000}
    samples = np.concatenate([np.asarray(data) for data, _ in parts]) / 32768
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(samples)) / 16_000)
    np.testing.assert_allclose(samples[200:], expected[200:], atol=2e-3)
