"""The face of gesture_node in counted time: one clock with voice and gestures, and lips that close in every case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from sensor_msgs.msg import JointState
from small_face import small_face_bundle
from std_msgs.msg import String
from std_srvs.srv import SetBool, Trigger

from speech_gesture_ros.agent.face_timeline import CLOSED_AFTER_S
from speech_gesture_ros.core.face_channels import ARTICULATOR_COLUMNS, ARTICULATOR_INDEX, BLENDSHAPES, VISEMES
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.networks.face.bundle import FaceBundle, save_face_bundle
from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.gesture_node import SUCCESS

MESSAGE_SAMPLES = 640  # of the world
SYNC_S = 0.02
OPEN, CLOSED = 0.5, 0.05  # distance of the lips, in units of a full jaw opening


class FaceWorld:
    """A world whose gesture node has a face, and what the face published.

    Attributes:
        shapes: Messages on ~/face/blendshapes, each with the ROS time at which it came [ns].
        visemes: Messages on ~/face/visemes.
    """

    def __init__(self, world: Any, bundle: Path) -> None:
        self.world, self._bundle = world, bundle
        self.shapes: list[tuple[int, JointState]] = []
        self.visemes: list[JointState] = []
        world.node.create_subscription(JointState, "gesture_node/face/blendshapes",
                                       lambda m: self.shapes.append((world.now_ns, m)), 100)
        world.node.create_subscription(JointState, "gesture_node/face/visemes", self.visemes.append, 100)

    def activate(self, **parameters: Any) -> Any:
        return self.world.activate(**{"face.enabled": True, "face.model": str(self._bundle), **parameters})

    def speak(self) -> Any:
        """Return an active node whose lips are open."""
        node = self.activate()
        self.world.until(lambda: self.shapes and self.gap() > OPEN, "open lips")
        return node

    def gap(self) -> float:
        """Distance of the lips in the newest message."""
        return float(lip_gap(np.array([self.shapes[-1][1].position]))[0])

    def call(self, kind: Any, name: str, request: Any) -> None:
        self.world.graph.call(self.world.node.create_client(kind, f"gesture_node/{name}"), request)

    def closed_since(self, begin_ns: int) -> None:
        """Check that every frame to be visible `CLOSED_AFTER_S` after a time and later has closed lips."""
        late = [message for _, message in self.shapes
                if ns_from_time(message.header.stamp) - begin_ns >= CLOSED_AFTER_S * NS]
        assert late, "frames go on"
        assert lip_gap(np.array([message.position for message in late])).max() < CLOSED


def open_mouth_bundle() -> FaceBundle:
    """A model whose mouth is open at any sound, and at silence, too."""
    bundle = small_face_bundle()
    bias = bundle.weights["head.bias"]
    for name in ("close", "labiodental", "sibilant"):
        bias[ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX[name]] = -30.0
    bias[ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX["jaw"]] = 30.0
    return bundle


@pytest.fixture
def face(world, tmp_path: Path) -> FaceWorld:
    save_face_bundle(open_mouth_bundle(), tmp_path)
    return FaceWorld(world, tmp_path)


def test_without_the_parameter_there_is_no_face(world) -> None:
    world.activate()
    topics = dict(world.node.get_topic_names_and_types())
    assert "/gesture_node/face/blendshapes" not in topics


def test_frames_are_those_of_arkit_and_openxr_at_50_hz_and_come_before_their_stamp(face: FaceWorld) -> None:
    face.activate()
    face.world.until(lambda: len(face.shapes) > 100 and len(face.visemes) > 100, "frames")
    assert tuple(face.shapes[-1][1].name) == BLENDSHAPES
    assert [name.removeprefix("viseme_") for name in face.visemes[-1].name] == list(VISEMES)
    assert face.shapes[-1][1].header.frame_id == "face"
    stamps = np.array([ns_from_time(message.header.stamp) for _, message in face.shapes])
    assert [ns_from_time(message.header.stamp) for message in face.visemes[-50:]] == stamps[-50:].tolist()
    np.testing.assert_allclose(np.diff(stamps[-50:]) / NS, 0.02, atol=1e-3)
    leads = np.array([stamp - at for (at, _), stamp in zip(face.shapes, stamps)]) / NS
    assert np.median(leads) >= 0.0
    assert leads.min() >= -0.02, "a message may be received in the next step"
    assert leads.max() <= 0.04 + 1e-6


def test_the_mouth_opens_with_the_voice_that_audio_out_plays_and_with_the_gestures(face: FaceWorld) -> None:
    """Every message has one value, its number: the frame of its first sample has the time at which it is played."""
    world = face.world
    counted = np.arange(200 * MESSAGE_SAMPLES) // MESSAGE_SAMPLES + 1  # the value of a sample is its message
    world.speech = counted / 32767
    node = face.activate()
    runner, agent = node.session.runner, node.session.runner.agent
    heads: list[tuple[int, int]] = []  # ROS time at which each delayed message is published, and its value
    play = runner._outputs.audio
    runner._outputs = replace(runner._outputs, audio=lambda message: (
        heads.append((world.now_ns, int(message.data[0]))), play(message)))
    pushed: list[tuple[int, int]] = []  # index of each frame of the stream, and its stamp
    push = agent.face.timeline.push

    def record(chunk: Any, stamp_ns: Callable[[int], int], now_ns: int) -> None:
        pushed.extend((chunk.start_index + i, stamp_ns(chunk.start_index + i)) for i in range(len(chunk)))
        push(chunk, stamp_ns, now_ns)

    agent.face.timeline.push = record
    world.until(lambda: len(heads) > 60 and len(pushed) > 150, "the delayed voice")
    first_message = world.published_audio[0][1][0]
    stamps = dict(pushed)
    errors = [(at - stamps[2 * (head - first_message)]) / NS for at, head in heads[10:50]
              if 2 * (head - first_message) in stamps]
    assert len(errors) > 30
    assert np.abs(errors).max() <= SYNC_S + 1e-6
    published = {ns_from_time(message.header.stamp) for _, message in face.shapes}
    assert sum(stamp in published for _, stamp in pushed[20:80]) > 50, "the stamps are published as they are"
    poses = {ns_from_time(m.markers[0].header.stamp) for m in world.skeletons[5:]}
    nearest = [min(abs(pose - stamp) for stamp in stamps.values()) / NS for pose in sorted(poses)[:20]]
    assert max(nearest) <= 1e-3, "every second frame of the face is at the time of a pose"


def test_a_stop_closes_the_lips_and_resume_opens_them_again(face: FaceWorld) -> None:
    face.speak()
    begin_ns = face.world.now_ns
    face.call(Trigger, "stop", Trigger.Request())
    face.world.run(1.0)
    face.closed_since(begin_ns + NS // 20)
    face.call(Trigger, "resume", Trigger.Request())
    face.world.until(lambda: face.gap() > OPEN, "open lips")


@pytest.mark.parametrize("service", ["interrupt", "reset"])
def test_an_interruption_closes_the_lips_at_once_and_speech_opens_them_again(face: FaceWorld, service: str) -> None:
    face.speak()
    face.world.is_speaking = False
    face.world.run(0.04)
    begin_ns = face.world.now_ns
    face.call(Trigger, service, Trigger.Request())
    face.world.run(0.6)
    face.closed_since(begin_ns + NS // 20)  # the model of this test opens its mouth at the silence that follows, too
    face.world.is_speaking = True
    face.world.until(lambda: face.gap() > OPEN, "open lips")


def test_the_end_of_a_stream_closes_the_lips(face: FaceWorld) -> None:
    face.activate(idle_timeout_s=1.0)
    face.world.until(lambda: face.shapes and face.gap() > OPEN, "open lips")
    face.world.is_speaking = False
    face.world.run(2.5)
    begin_ns, count = face.world.now_ns, len(face.shapes)
    face.world.run(1.0)
    assert len(face.shapes) - count == pytest.approx(50, abs=3), "nothing is frozen"
    face.closed_since(begin_ns - NS // 2)
    stamps = [ns_from_time(message.header.stamp) for _, message in face.shapes]
    assert np.diff(stamps).max() <= 0.1 * NS


def test_disabling_and_deactivating_close_the_lips(face: FaceWorld) -> None:
    node = face.speak()
    begin_ns = face.world.now_ns
    face.call(SetBool, "enable", SetBool.Request(data=False))
    face.world.run(0.5)
    face.closed_since(begin_ns + NS // 20)
    face.call(SetBool, "enable", SetBool.Request(data=True))
    face.world.until(lambda: face.gap() > OPEN, "open lips")
    assert node.trigger_deactivate() == SUCCESS
    face.world.run(0.2)
    count = len(face.shapes)
    assert face.gap() == 0.0, "the last message"
    face.world.run(0.3)
    assert len(face.shapes) == count, "nothing is published while the node is not active"


def test_cleaning_up_closes_the_lips(face: FaceWorld) -> None:
    node = face.speak()
    node.close()
    face.world.run(0.2)
    assert face.gap() == 0.0


def test_style_and_expression_act_while_the_node_runs(face: FaceWorld) -> None:
    from rclpy.parameter import Parameter

    node = face.speak()
    request = face.world.node.create_publisher(String, "gesture_node/face/expression", 10)
    face.world.graph.until(request.get_subscription_count, what="the subscription")
    request.publish(String(data="happy"))
    smile = BLENDSHAPES.index("mouthSmileLeft")
    face.world.until(lambda: face.shapes[-1][1].position[smile] > 0.3, "a smile")
    assert node.set_parameters([Parameter("face.style", value="mumble:1")])[0].successful
    face.world.until(lambda: node.session.runner.agent.face.timeline.stage.style.jaw == 0.45, "the style")
    assert not node.set_parameters([Parameter("face.style", value="loud:1")])[0].successful
    assert not node.guard.counts
