"""Stop and resume: two services and a lock topic, for programs. They do not replace an emergency stop.

    ~/stop    std_srvs/Trigger   brakes at once and inhibits motion until ~/resume is called
    ~/resume  std_srvs/Trigger   ends the stop: motion begins with a slow entry unless something else inhibits it
    lock      std_msgs/Bool      true brakes at once and inhibits motion; false ends the lock

The services answer in every lifecycle state, and a stop remains through deactivation and cleanup.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from speech_gesture_ros.agent.inhibitors import MotionInhibitors, TopicLock
from speech_gesture_ros.nodes.qos import LATCHED_QOS

log = logging.getLogger(__name__)

STOP_INHIBITOR, LOCK_INHIBITOR = "~/stop", "lock"  # names of these motion inhibitors
STOPPED_REASON = "stopped by ~/stop; call ~/resume to move again"
BEST_EFFORT_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT, durability=DurabilityPolicy.VOLATILE)
RELIABLE_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)


class StopControls:
    """The services, for the node's whole lifetime, and the lock.

    Args:
        node: The node.
        inhibitors: Registry of motion inhibitors.
        apply_inhibitors: Called after each change; stops the robot, if necessary, before it returns.
        steady_ns: Clock that is never set [ns].
    """

    def __init__(self, node: Any, inhibitors: MotionInhibitors, apply_inhibitors: Callable[[], None],
                 steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._node, self._inhibitors, self._apply_inhibitors = node, inhibitors, apply_inhibitors
        self._steady_ns = steady_ns
        self._lock: TopicLock | None = None
        self._subscriptions: list[tuple[QoSProfile, Any]] = []
        node.create_service(Trigger, "~/stop", self._serve_stop)
        node.create_service(Trigger, "~/resume", self._serve_resume)

    def subscribe_lock(self, topic: str, timeout_s: float) -> None:
        """Subscribe a lock topic until `close`; "" for none."""
        if not topic:
            return
        self._lock = lock = TopicLock(self._node.resolve_topic_name(topic), timeout_s, self._steady_ns)
        self._inhibitors.register(LOCK_INHIBITOR, lambda: lock.reason)
        self.match_publishers()

    def match_publishers(self) -> None:
        """Subscribe the lock as reliably as its publishers allow; call a few times a second.

        A second, latched subscription receives a value that was published before: receiving a value twice does no
        harm, while a latched subscription alone would not match publishers that do not latch.
        """
        if self._lock is None:
            return
        offered = [info.qos_profile for info in self._node.get_publishers_info_by_topic(self._lock.name)]
        is_reliable = bool(offered) and all(qos.reliability == ReliabilityPolicy.RELIABLE for qos in offered)
        is_latched = any(qos.durability == DurabilityPolicy.TRANSIENT_LOCAL for qos in offered)
        wanted = [RELIABLE_QOS if is_reliable else BEST_EFFORT_QOS, *([LATCHED_QOS] if is_latched else [])]
        present, before = [qos for qos, _ in self._subscriptions], self._subscriptions
        self._subscriptions = [pair for pair in before if pair[0] in wanted] + [
            (qos, self._node.create_subscription(Bool, self._lock.name, self._take_lock, qos))
            for qos in wanted if qos not in present]
        for qos, subscription in before:
            if qos not in wanted:
                self._node.destroy_subscription(subscription)

    def close(self) -> None:
        """Remove the lock."""
        for _, subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions, self._lock = [], None
        self._inhibitors.register(LOCK_INHIBITOR, lambda: "")

    def _take_lock(self, message: Bool) -> None:
        if self._lock is not None:
            self._lock.take(bool(message.data))
            self._apply_inhibitors()

    def _serve_stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        self._inhibitors.set(STOP_INHIBITOR, STOPPED_REASON)
        self._apply_inhibitors()
        response.success, response.message = True, "braking to rest; call ~/resume to move again"
        return response

    def _serve_resume(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        self._inhibitors.set(STOP_INHIBITOR)
        others = self._inhibitors.reasons()
        response.success = not others
        response.message = f"stop ended, still inhibited: {'; '.join(others)}" if others else "stop ended, slow entry"
        log.info("~/resume: %s", response.message)
        return response
