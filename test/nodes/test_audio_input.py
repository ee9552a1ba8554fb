"""Subscription of audio: several publishers, and formats that are refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_input import TOGETHER_S, AudioInput
from speech_gesture_ros.nodes.diagnostics import assess

KIND, OTHER = "std_msgs/msg/Int16MultiArray", "std_msgs/msg/Float32MultiArray"


class FakeNode:
    """A node without a graph: the publishers are set by the test."""

    def __init__(self) -> None:
        self.publishers: list[SimpleNamespace] = []

    def publish_from(self, *names: str, kind: str = KIND) -> None:
        self.publishers += [SimpleNamespace(node_namespace="/", node_name=name, topic_type=kind) for name in names]

    def get_publishers_info_by_topic(self, topic: str) -> list[SimpleNamespace]:
        return self.publishers if topic == "/audio" else []

    def resolve_topic_name(self, name: str) -> str:
        return f"/{name}"

    def create_timer(self, period_s: float, callback) -> None:
        self.poll = callback

    def create_subscription(self, *arguments, **named) -> object:
        return object()

    def destroy_subscription(self, subscription: object) -> None:
        pass


@pytest.fixture
def situation():
    situation = SimpleNamespace(node=FakeNode(), now_ns=0, received=[], alone=0)

    def on_alone() -> None:
        situation.alone += 1

    situation.audio = AudioInput(situation.node, "auto", PcmFormat(), situation.received.append, lambda _: None,
                                 on_alone, lambda: situation.now_ns)

    def wait(seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            situation.now_ns += NS // 10
            situation.node.poll()

    situation.wait = wait
    return situation


def test_two_publishers_of_the_subscribed_type_are_reported_once_with_their_names(situation, caplog):
    situation.node.publish_from("microphone", "synthesiser")
    situation.wait(TOGETHER_S - 0.2)
    assert situation.audio.speakers == ()
    situation.wait(10.0)
    assert situation.audio.speakers == ("/microphone", "/synthesiser")
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["2 publishers on /audio (/microphone, /synthesiser): if they speak at once their sound is "
                        "mixed up and falls behind; stop all but one"]
    assert situation.alone == 0
    situation.node.publishers.pop()
    situation.wait(10.0)
    assert situation.audio.speakers == ()
    assert situation.alone == 1, "what both sent is dropped once"


def test_publishers_that_follow_each_other_or_have_another_type_are_not_reported(situation, caplog):
    situation.node.publish_from("first")
    situation.wait(5.0)
    situation.node.publish_from("second")
    situation.wait(TOGETHER_S - 0.5)
    situation.node.publishers.pop(0)
    situation.node.publish_from("third", kind=OTHER)
    situation.wait(10.0)
    assert situation.audio.speakers == ()
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_several_publishers_are_a_warning_in_the_diagnostics():
    report = {"state": "engaged", "fault": "", "inhibitors": ""}
    assert assess(report, (), (), speakers=("/a", "/b")) == ("warn", "2 publishers of audio, stop all but one: /a, /b "
                                                             "(engaged)")


def test_a_refused_audio_info_does_not_outlast_its_type(situation, interfaces, monkeypatch):
    monkeypatch.syspath_prepend(str(interfaces / "audio_common_msgs.gstreamer"))
    audio = situation.audio
    info = SimpleNamespace(coding_format="opus", sample_format="S16LE", sample_rate=8000, channels=1)
    audio._take_info(info)
    audio._take("bytes")
    assert (audio.counts.refused_messages, situation.received) == (1, [])
    situation.node.publish_from("speaker")
    situation.wait(0.1)
    audio._take("samples")
    assert situation.received == ["samples"]
    assert audio.fallback == PcmFormat()
