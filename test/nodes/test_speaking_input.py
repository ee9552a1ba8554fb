"""Topic ~/is_speaking of the real node: it opens and closes the speech gate, and is optional."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from std_msgs.msg import Bool

from speech_gesture_ros.nodes.qos import LATCHED_QOS

TOPIC = "gesture_node/is_speaking"


def gate(world):
    """The speech gate of the world's gesture node."""
    return world.gesture.session.runner.agent.pipeline._activity._gate


@pytest.mark.parametrize("quality", [10, LATCHED_QOS], ids=["volatile", "latched"])
def test_it_closes_and_opens_the_gate_and_without_a_publisher_the_sound_decides(world, quality, speech):
    world.speech = speech
    publisher = world.node.create_publisher(Bool, TOPIC, quality)
    world.gesture = world.perform()
    state = lambda: world.gesture.session.speaking.stated  # noqa: E731
    world.until(lambda: publisher.get_subscription_count() > 0, "the subscription")
    assert gate(world).stated is None
    publisher.publish(Bool(data=False))
    world.until(lambda: state() is False, "the statement")
    world.run(3.0)
    assert not gate(world).is_open
    before = world.q
    world.run(2.0)
    assert np.abs(world.q - before).max() < 0.1, "idle motion, while a voice is received"
    publisher.publish(Bool(data=True))
    world.until(lambda: gate(world).is_open, "the open gate")
    world.is_speaking = False
    world.run(2.0)
    assert gate(world).is_open, "in silence, too"
    world.node.destroy_publisher(publisher)
    world.until(lambda: state() is None, "the end of the publisher")
    world.until(lambda: not gate(world).is_open, "the sound to decide")


def test_the_diagnostics_say_what_is_stated(world):
    publisher = world.node.create_publisher(Bool, TOPIC, LATCHED_QOS)
    publisher.publish(Bool(data=True))
    world.perform()

    def stated(text):
        return any(pair.value == text for status in world.statuses for pair in status.values
                   if pair.key == "topic.is_speaking")

    world.until(lambda: stated("true"), "the latched statement in the diagnostics")
