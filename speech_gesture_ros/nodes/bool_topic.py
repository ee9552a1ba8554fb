"""Subscription of a std_msgs/Bool topic whose publishers may or may not latch, and may or may not be reliable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Bool

from speech_gesture_ros.nodes.qos import LATCHED_QOS

BEST_EFFORT_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT, durability=DurabilityPolicy.VOLATILE)
RELIABLE_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)


class BoolTopic:
    """Subscription that matches the quality of its publishers.

    Args:
        node: The node.
        topic: Name of the topic.
        take: Called with each value.

    Attributes:
        name: Resolved name.
    """

    def __init__(self, node: Any, topic: str, take: Callable[[bool], None]) -> None:
        self._node, self._take_value = node, take
        self.name: str = node.resolve_topic_name(topic)
        self._subscriptions: list[tuple[QoSProfile, Any]] = []
        self.match_publishers()

    def match_publishers(self) -> int:
        """Subscribe as reliably as the publishers allow; call a few times a second. Return the number of publishers.

        A second, latched subscription receives a value that was published before: receiving a value twice does no
        harm, while a latched subscription alone would not match publishers that do not latch.
        """
        offered = [info.qos_profile for info in self._node.get_publishers_info_by_topic(self.name)]
        is_reliable = bool(offered) and all(qos.reliability == ReliabilityPolicy.RELIABLE for qos in offered)
        is_latched = any(qos.durability == DurabilityPolicy.TRANSIENT_LOCAL for qos in offered)
        wanted = [RELIABLE_QOS if is_reliable else BEST_EFFORT_QOS, *([LATCHED_QOS] if is_latched else [])]
        present, before = [qos for qos, _ in self._subscriptions], self._subscriptions
        self._subscriptions = [pair for pair in before if pair[0] in wanted] + [
            (qos, self._node.create_subscription(Bool, self.name, self._take, qos))
            for qos in wanted if qos not in present]
        for qos, subscription in before:
            if qos not in wanted:
                self._node.destroy_subscription(subscription)
        return len(offered)

    def close(self) -> None:
        """Destroy the subscriptions."""
        for _, subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def _take(self, message: Bool) -> None:
        self._take_value(bool(message.data))
