"""Robot from the topic robot_description: it may arrive late, repeatedly, changed, or malformed.

A robot is never replaced while it is commanded: a new description is kept for the next configure. A description that
could not be used is not tried again; the next one that differs is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from std_msgs.msg import String

from speech_gesture_ros.nodes.qos import LATCHED_QOS

log = logging.getLogger(__name__)


class RobotSource:
    """Subscription for the node's whole lifetime.

    Args:
        node: The node.
        is_in_use: Returns True while the node commands a robot from the topic.

    Attributes:
        xml: Latest URDF; None before the first.
    """

    def __init__(self, node: Any, is_in_use: Callable[[], bool]) -> None:
        self._is_in_use = is_in_use
        self._rejected: str | None = None
        self.xml: str | None = None
        node.create_subscription(String, "robot_description", self._take, LATCHED_QOS)

    @property
    def is_usable(self) -> bool:
        """True if there is a description that has not failed yet."""
        return self.xml is not None and self.xml != self._rejected

    def reject(self) -> None:
        """Mark the latest description as one that cannot be used."""
        self._rejected = self.xml
        log.error("robot_description cannot be used: waiting for another one")

    def _take(self, message: String) -> None:
        if message.data == self.xml:
            return
        if not message.data.strip():
            log.warning("empty robot_description ignored")
            return
        self.xml = message.data
        if self._is_in_use():
            log.warning("robot_description changed: clean up and configure the node to use the new robot")
