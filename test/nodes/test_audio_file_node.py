"""A sound file on a topic: every sample, at its time."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.clock import ClockType
from rclpy.parameter import Parameter
from rclpy.time import Time
from std_msgs.msg import Int16MultiArray

from speech_gesture_ros.audio.files import read_audio
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_file_node import AudioFileNode
from speech_gesture_ros.nodes.audio_messages import int16_from_float, pcm_from_message
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS

STEP_NS = NS // 100
RATE = 22_050  # of the sound file [Hz]


class Player:
    """A node in counted ROS time, and everything that it publishes.

    Attributes:
        received: Messages, each with the ROS time [ns] of its step.
    """

    def __init__(self, graph, **parameters) -> None:
        self.graph, self.now_ns = graph, NS
        self.received: list[tuple[int, Int16MultiArray]] = []
        given = {"use_sim_time": True, "subscribers": 0, **parameters}
        self.node = graph.add(AudioFileNode(parameter_overrides=[Parameter(k, value=v) for k, v in given.items()]))
        self._subscriber = graph.add(rclpy.create_node("subscriber"))
        self._message = given.get("chunk_ms", 20) * RATE // 1000  # samples

    def subscribe(self) -> None:
        self._subscriber.create_subscription(
            Int16MultiArray, "audio", lambda m: self.received.append((self.now_ns, m)), AUDIO_OUT_QOS)
        self.graph.until(lambda: self.node.count_subscribers("audio"), what="a subscription")

    def step(self) -> None:
        """Let 10 ms pass, and receive what is published in them."""
        before, count = self.node.published, len(self.received)
        self.now_ns += STEP_NS
        self.node.get_clock().set_ros_time_override(Time(nanoseconds=self.now_ns, clock_type=ClockType.ROS_TIME))
        self.graph.spin_idle()
        if self.node.count_subscribers("audio"):
            sent = -(-(self.node.published - before) // self._message)  # negative at the end of the file
            self.graph.until(lambda: len(self.received) >= count + sent, what="messages")

    def until(self, is_done, what: str) -> None:
        for _ in range(2000):
            if is_done():
                return
            self.step()
        pytest.fail(f"waited in vain for {what}")

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate([pcm_from_message(m, PcmFormat())[0] for _, m in self.received]).reshape(-1, 2)


def test_every_sample_arrives_in_order_in_real_time(graph, sound_file):
    samples, rate = read_audio(sound_file)
    player = Player(graph, path=str(sound_file), start_delay_s=0.0, chunk_ms=20, loop=True)
    player.subscribe()
    count = 1

    def receive_next() -> bool:
        player.until(lambda: len(player.received) >= count, f"message {count}")
        return len(player.received) * 0.02 * RATE >= len(samples)

    while not receive_next():
        count += 1
    np.testing.assert_array_equal(player.samples[:len(samples)], int16_from_float(samples))
    assert pcm_from_message(player.received[0][1], PcmFormat())[1] == PcmFormat(rate, 2, "s16le")
    times = np.array([now_ns for now_ns, _ in player.received]) / NS
    np.testing.assert_allclose(times - times[0], 0.02 * np.arange(len(times)), atol=STEP_NS / NS + 1e-9)


def test_it_waits_for_a_subscriber_so_that_the_first_word_is_not_lost(graph, sound_file):
    player = Player(graph, path=str(sound_file), subscribers=1)
    for _ in range(100):
        player.step()
    assert player.node.published == 0
    player.subscribe()
    player.until(lambda: player.node.published > 0, "the first message")


def test_its_context_is_shut_down_at_the_end(graph, sound_file):
    parameters = {"path": str(sound_file), "subscribers": 0, "start_delay_s": 0.0}
    graph.add(AudioFileNode(parameter_overrides=[Parameter(k, value=v) for k, v in parameters.items()]))
    graph.until(lambda: not rclpy.ok(), what="the end")


def test_a_looping_file_starts_again(graph, sound_file):
    player = Player(graph, path=str(sound_file), loop=True, start_delay_s=0.0, chunk_ms=100)
    player.subscribe()
    player.until(lambda: len(player.received) > 25, "the second round")
    assert rclpy.ok()


def test_a_missing_file_and_a_missing_path_are_named(graph, tmp_path):
    with pytest.raises(ConfigError, match=r"-p path:=my\.wav"):
        AudioFileNode()
    with pytest.raises(InputError, match=r"nothing\.wav"):
        AudioFileNode(parameter_overrides=[Parameter("path", value=str(tmp_path / "nothing.wav"))])
