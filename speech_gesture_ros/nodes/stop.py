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

from std_srvs.srv import Trigger

from speech_gesture_ros.agent.inhibitors import MotionInhibitors, TopicLock
from speech_gesture_ros.nodes.bool_topic import BoolTopic

log = logging.getLogger(__name__)

STOP_INHIBITOR, LOCK_INHIBITOR = "~/stop", "lock"  # names of these motion inhibitors
STOPPED_REASON = "stopped by ~/stop; call ~/resume to move again"


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
        self._topic: BoolTopic | None = None
        node.create_service(Trigger, "~/stop", self._serve_stop)
        node.create_service(Trigger, "~/resume", self._serve_resume)

    def subscribe_lock(self, topic: str, timeout_s: float) -> None:
        """Subscribe a lock topic until `close`; "" for none."""
        if not topic:
            return
        lock = TopicLock(self._node.resolve_topic_name(topic), timeout_s, self._steady_ns)
        self._inhibitors.register(LOCK_INHIBITOR, lambda: lock.reason)

        def take(is_locked: bool) -> None:
            lock.take(is_locked)
            self._apply_inhibitors()

        self._topic = BoolTopic(self._node, topic, take)

    def match_publishers(self) -> None:
        """Subscribe the lock as reliably as its publishers allow; call a few times a second."""
        if self._topic is not None:
            self._topic.match_publishers()

    def close(self) -> None:
        """Remove the lock."""
        if self._topic is not None:
            self._topic.close()
        self._topic = None
        self._inhibitors.register(LOCK_INHIBITOR, lambda: "")

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
