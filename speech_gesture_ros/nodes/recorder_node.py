"""Recorder of all topics into an MCAP bag: the received bytes and their times."""

from __future__ import annotations

import importlib
import logging
from pathlib import Path
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.bag import Bag
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import RecorderSettings

log = logging.getLogger(__name__)

IGNORED_TOPICS = ("/parameter_events", "/rosout")
QUEUE_DEPTH = 1000


class RecorderNode(Node):
    """Records all topics, also those that appear later, each with the quality of service of its publishers."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("recorder_node", **node_arguments)
        declare(self, RecorderSettings, is_locked=lambda: True)
        settings = read(self, RecorderSettings)
        if not settings.path:
            raise ConfigError("parameter 'path'", settings.path, "a folder that does not exist yet",
                              "Set it: -p path:=bag")
        self._bag: Bag | None = Bag(Path(settings.path).expanduser())
        self._seen: set[str] = set(IGNORED_TOPICS)
        self.create_timer(settings.poll_s, self._find_topics)

    def close(self) -> None:
        """Convert the journal to a bag."""
        bag, self._bag = getattr(self, "_bag", None), None
        if bag is not None:
            bag.close()

    def _find_topics(self) -> None:
        for topic, types in self.get_topic_names_and_types():
            publishers = self.get_publishers_info_by_topic(topic)
            if topic not in self._seen and publishers:
                self._seen.add(topic)
                self._record(topic, types[0], [info.qos_profile for info in publishers])

    def _record(self, topic: str, message_type: str, offered: list[Any]) -> None:
        bag = self._bag
        if bag is None or not bag.can_hold(message_type):
            log.warning("%s is not recorded: its type %s is not known to rosbags", topic, message_type)
            return
        package, _, name = message_type.split("/")
        kind = getattr(importlib.import_module(f"{package}.msg"), name)

        def take(data: bytes) -> None:
            bag.append(topic, message_type, self.get_clock().now().nanoseconds, data)

        self.create_subscription(kind, topic, take, _matching(offered), raw=True)
        log.info("recording %s (%s)", topic, message_type)


def _matching(offered: list[Any]) -> QoSProfile:
    """Return the strictest quality of service that every publisher offers."""
    is_reliable = all(qos.reliability == ReliabilityPolicy.RELIABLE for qos in offered)
    is_latched = all(qos.durability == DurabilityPolicy.TRANSIENT_LOCAL for qos in offered)
    return QoSProfile(
        depth=QUEUE_DEPTH,
        reliability=ReliabilityPolicy.RELIABLE if is_reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if is_latched else DurabilityPolicy.VOLATILE,
    )


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(RecorderNode, args)


if __name__ == "__main__":
    main()
