"""Subscriptions that are read at most once in a period."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from std_msgs.msg import Int32

from speech_gesture_ros.nodes.paced_group import PacedGroup
from speech_gesture_ros.nodes.qos import CONTROLLER_STATES_IN_QOS

COUNT = 20


def test_of_many_messages_in_one_period_the_first_is_read_and_after_it_the_newest(graph):
    now_s = 0.0
    group = PacedGroup(0.005, lambda: now_s)
    node = graph.add(rclpy.create_node("reader"))
    paced, every = [], []
    node.create_subscription(Int32, "states", lambda m: paced.append(m.data), CONTROLLER_STATES_IN_QOS,
                             callback_group=group)
    node.create_subscription(Int32, "states", lambda m: every.append(m.data), 10)
    publisher = node.create_publisher(Int32, "states", 10)
    graph.until(lambda: publisher.get_subscription_count() == 2, what="both subscriptions")

    for number in range(COUNT):
        publisher.publish(Int32(data=number))
        graph.until(lambda number=number: every[-1:] == [number], what=f"message {number}")
    assert every == list(range(COUNT))
    assert len(paced) == 1
    assert paced[0] < COUNT - 1

    now_s = 0.0051
    graph.until(lambda: len(paced) == 2, what="the newest message")
    assert paced[-1] == COUNT - 1


def test_all_of_a_group_are_due_together_event_handlers_as_well(graph):
    """An event handler in the wait set would end the wait at every message."""
    now_s = 10.001
    group = PacedGroup(0.005, lambda: now_s)
    node = graph.add(rclpy.create_node("reader"))
    left, right = (node.create_subscription(Int32, name, print, CONTROLLER_STATES_IN_QOS, callback_group=group)
                   for name in ("left", "right"))
    entities = [left, right, *left.event_handlers]
    assert all(group.can_execute(entity) for entity in entities)
    group.beginning_execution(left)
    assert not any(group.can_execute(entity) for entity in entities)
    now_s = 10.0051
    assert all(group.can_execute(entity) for entity in entities)
