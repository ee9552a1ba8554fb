"""The robot as it comes on robot_description: late, again, changed, or spoilt.

A robot is never exchanged under a running motion: what comes is kept for the next configure. What could not be used is
not tried again; the next one that differs is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from std_msgs.msg import String

from speech_gesture_ros.nodes.qos import LATCHED

log = logging.getLogger(__name__)


class RobotSource:
    """Listens for the node's whole life.

    Args:
        node: The node.
        is_in_use: Whether the node performs a robot that came this way.

    Attributes:
        xml: The URDF that came last; None before any.
    """

    def __init__(self, node: Any, is_in_use: Callable[[], bool]) -> None:
        self._is_in_use = is_in_use
        self._refused: str | None = None
        self.xml: str | None = None
        node.create_subscription(String, "robot_description", self._take, LATCHED)

    @property
    def is_usable(self) -> bool:
        """Whether there is a description that has not failed yet."""
        return self.xml is not None and self.xml != self._refused

    def refuse(self) -> None:
        """The description cannot be used."""
        self._refused = self.xml
        log.error("robot_description cannot be used: waiting for another one")

    def _take(self, message: String) -> None:
        if message.data == self.xml:
            return
        if not message.data.strip():
            log.warning("an empty robot_description came: ignored")
            return
        self.xml = message.data
        if self._is_in_use():
            log.warning("robot_description changed: clean up and configure the node to take the new robot")
