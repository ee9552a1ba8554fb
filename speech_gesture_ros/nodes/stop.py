"""Stop and resume: two services and a lock topic. A convenience for a program; never an emergency stop.

~/stop    std_srvs/Trigger   brakes at once, and stays so until ~/resume is asked for
~/resume  std_srvs/Trigger   moves again, slowly at first, if nothing else holds the robot
lock      std_msgs/Bool      true brakes at once; false, or a refresh, moves again

They answer whatever state the node is in, and a stop outlives deactivating and cleaning up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from speech_gesture_ros.agent.inhibitors import Lock, MotionInhibitors
from speech_gesture_ros.nodes.qos import LATCHED

log = logging.getLogger(__name__)

STOP, LOCK = "~/stop", "lock"  # who wants the robot to stand still
STOPPED = "stopped by ~/stop; ask ~/resume to go on"
ANY = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT, durability=DurabilityPolicy.VOLATILE)
RELIABLE = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)


class StopControls:
    """The services, for the node's whole life, and the lock.

    Args:
        node: The node.
        inhibitors: Where reasons are kept.
        apply_inhibitors: Called when there may be a new one: it stops the robot before it returns.
    """

    def __init__(self, node: Any, inhibitors: MotionInhibitors, apply_inhibitors: Callable[[], None]) -> None:
        self._node, self._inhibitors, self._apply_inhibitors = node, inhibitors, apply_inhibitors
        self._lock: Lock | None = None
        self._readers: list[tuple[QoSProfile, Any]] = []
        node.create_service(Trigger, "~/stop", self._serve_stop)
        node.create_service(Trigger, "~/resume", self._serve_resume)

    def listen(self, topic: str, timeout_s: float) -> None:
        """Heed a lock topic until `close`; "" for none."""
        if not topic:
            return
        self._lock = lock = Lock(self._node.resolve_topic_name(topic), timeout_s)
        self._inhibitors.register(LOCK, lambda: lock.reason)
        self.look()

    def look(self) -> None:
        """Read as reliably as the lock is told; call a few times a second.

        Once more where it is latched, so as to hear what was said before: hearing it twice does no harm, while a
        reader that only takes latched messages would not hear the others.
        """
        if self._lock is None:
            return
        offered = [info.qos_profile for info in self._node.get_publishers_info_by_topic(self._lock.name)]
        is_reliable = bool(offered) and all(qos.reliability == ReliabilityPolicy.RELIABLE for qos in offered)
        is_latched = any(qos.durability == DurabilityPolicy.TRANSIENT_LOCAL for qos in offered)
        wanted = [RELIABLE if is_reliable else ANY, *([LATCHED] if is_latched else [])]
        had, before = [qos for qos, _ in self._readers], self._readers
        self._readers = [reader for reader in before if reader[0] in wanted] + [
            (qos, self._node.create_subscription(Bool, self._lock.name, self._take_lock, qos))
            for qos in wanted if qos not in had]
        for qos, subscription in before:
            if qos not in wanted:
                self._node.destroy_subscription(subscription)

    def close(self) -> None:
        """Heed the lock no longer."""
        for _, subscription in self._readers:
            self._node.destroy_subscription(subscription)
        self._readers, self._lock = [], None
        self._inhibitors.register(LOCK, lambda: "")

    def _take_lock(self, message: Bool) -> None:
        if self._lock is not None:
            self._lock.take(bool(message.data))
            self._apply_inhibitors()

    def _serve_stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        self._inhibitors.set(STOP, STOPPED)
        self._apply_inhibitors()
        response.success, response.message = True, "braking to rest; ask ~/resume to go on"
        return response

    def _serve_resume(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        self._inhibitors.set(STOP)
        others = self._inhibitors.reasons()
        response.success = not others
        response.message = f"no longer stopped, but {'; '.join(others)}" if others else "moving again, slowly at first"
        log.info("~/resume: %s", response.message)
        return response
