"""Subscription `audio`: finds the message type and counts lost messages.

With `audio.type: auto` the type is that of the publishers; while there are none, and when only publishers of another
type are left, the ROS graph is polled. A topic that is waited for is subscribed as `WAITING_TYPE`, so that `ros2 topic
info` shows it; not at once, since in one process a topic has one type, and a publisher may be about to be made.
Several publishers at once are reported: their sound would be interleaved.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError, SpeechGestureError
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_messages import KNOWN_TYPES, audio_type, format_from_info
from speech_gesture_ros.nodes.message_order import MessageOrder
from speech_gesture_ros.nodes.qos import AUDIO_IN_QOS, LATCHED_QOS

try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

log = logging.getLogger(__name__)

GRAPH_POLL_PERIOD_S = 0.1
POLLS_BEFORE_WAITING = 10  # without a publisher
WAITING_TYPE = "std_msgs/msg/Int16MultiArray"
TOGETHER_S = 3.0  # a speaker that takes turns with another one may still be known for a moment


@dataclass
class AudioCounts:
    """Counters of the topic."""

    messages: int = 0
    lost_messages: int = 0
    refused_messages: int = 0


class AudioInput:
    """Subscription of any audio type.

    Args:
        node: The node.
        kind: ``package/msg/Type`` or "auto".
        fallback: Format of messages that do not state theirs.
        on_message: Called with each message, on the executor's thread.
        on_type: Called with the message class when it is found or has changed.
        on_alone: Called when one publisher is left of several; what they sent together is worthless, and late.
        steady_ns: Clock that is never set [ns].

    Attributes:
        counts: Counters of the topic.
        order: Stamps of the messages.
        type_name: Subscribed type; "" before one is found.
        fallback: Format of messages that do not state theirs; `audio_info` may change it.
        speakers: Nodes that have published the subscribed type together for `TOGETHER_S`; empty for fewer than two.
    """

    def __init__(self, node: Any, kind: str, fallback: PcmFormat, on_message: Callable[[Any], None],
                 on_type: Callable[[Any], None], on_alone: Callable[[], object] = lambda: None,
                 steady_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._node, self._on_alone, self._steady_ns = node, on_alone, steady_ns
        self._kind = kind
        self._on_message = on_message
        self._on_type = on_type
        self._subscriptions: list[Any] = []
        self._rejected_types: set[str] = set()
        self._is_info_refused = False
        self.fallback = self._stated_fallback = fallback
        self.speakers: tuple[str, ...] = ()
        self._together: tuple[tuple[str, ...], int] = (), 0  # publishers found last, and since when [ns]
        self.counts = AudioCounts()
        self.order = MessageOrder()
        self.type_name = ""
        self._topic = node.resolve_topic_name("audio")
        self._polls_without_publisher = 0
        if kind != "auto":
            self._subscribe(kind)
        else:
            self._find_type()
        if not self._publishers():
            log.info("waiting for audio on %s, which has no publisher yet (another topic: --ros-args -r audio:=TOPIC)",
                     self._topic)
        self._timer = node.create_timer(GRAPH_POLL_PERIOD_S, self._poll_graph)

    def close(self) -> None:
        """Destroy timer and subscriptions."""
        self._node.destroy_timer(self._timer)
        self._unsubscribe()

    def _poll_graph(self) -> None:
        self._find_type()
        self._watch_speakers([f"{info.node_namespace.rstrip('/')}/{info.node_name}" for info in self._publishers()
                              if info.topic_type == self.type_name])

    def _watch_speakers(self, names: Collection[str]) -> None:
        """Report once when the same publishers, two or more, have been there for `TOGETHER_S`."""
        found = tuple(sorted(names)) if len(names) > 1 else ()
        if found != self._together[0]:
            self._together = found, self._steady_ns()
        if found == self.speakers or (found and self._steady_ns() - self._together[1] < TOGETHER_S * NS):
            return
        self.speakers = found
        if not found:
            self._on_alone()
        else:
            log.warning("%d publishers on %s (%s): if they speak at once their sound is mixed up and falls behind; "
                        "stop all but one", len(found), self._topic, ", ".join(found))

    def _find_type(self) -> None:
        if self._kind != "auto":
            return
        types = {info.topic_type for info in self._publishers()}
        if not types:
            self._wait()
        if not types or self.type_name in types:
            return
        known = [name for name in KNOWN_TYPES if name in types - self._rejected_types]
        for name in types - set(KNOWN_TYPES) - self._rejected_types:
            self._rejected_types.add(name)
            log.warning("%s is published as %s; supported are %s", self._topic, name, KNOWN_TYPES)
        if known:
            self._try_subscribe(known[0])

    def _publishers(self) -> list[Any]:
        return list(self._node.get_publishers_info_by_topic(self._topic))

    def _wait(self) -> None:
        """Subscribe a topic without publishers, after a while."""
        self._polls_without_publisher += 1
        if not self._subscriptions and self._polls_without_publisher == POLLS_BEFORE_WAITING:
            self._subscriptions.append(self._node.create_subscription(
                audio_type(WAITING_TYPE), "audio", self._take_first, AUDIO_IN_QOS))

    def _take_first(self, message: Any) -> None:
        """Take a message of `WAITING_TYPE` from a publisher that was not found yet."""
        self._find_type()
        if self.type_name == WAITING_TYPE:
            self._take(message)

    def _try_subscribe(self, name: str) -> None:
        try:
            self._subscribe(name)
        except (SpeechGestureError, RuntimeError) as error:
            # rclpy raises RuntimeError where this process has the topic with another type
            self._rejected_types.add(name)
            log.error("%s cannot be subscribed as %s: %s", self._topic, name, error)

    def _subscribe(self, name: str) -> None:
        kind = audio_type(name)
        self._unsubscribe()
        self.fallback, self._is_info_refused = self._stated_fallback, False  # audio_info described another type
        events = SubscriptionEventCallbacks(message_lost=self._count_lost)
        self._subscriptions.append(
            self._node.create_subscription(kind, "audio", self._take, AUDIO_IN_QOS, event_callbacks=events))
        self.type_name = name
        log.info("subscribed %s as %s", self._topic, name)
        if name.startswith("audio_common_msgs/msg/AudioData") and not hasattr(kind(), "float32_data"):
            info = audio_type("audio_common_msgs/msg/AudioInfo")
            self._subscriptions.append(
                self._node.create_subscription(info, "audio_info", self._take_info, self._info_qos()))
        self._on_type(kind)

    def _info_qos(self) -> QoSProfile:
        """Return a latched quality if a publisher latches; drivers before 2025 do not, and would not match it."""
        topic = self._node.resolve_topic_name("audio_info")
        offered = [info.qos_profile.durability for info in self._node.get_publishers_info_by_topic(topic)]
        is_volatile = bool(offered) and DurabilityPolicy.TRANSIENT_LOCAL not in offered
        return QoSProfile(depth=1) if is_volatile else LATCHED_QOS

    def _unsubscribe(self) -> None:
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()

    def _take(self, message: Any) -> None:
        self.counts.messages += 1
        if self._is_info_refused:  # the bytes would be read in the wrong format
            self.counts.refused_messages += 1
            return
        if self.order.takes(message):
            self._on_message(message)

    def _take_info(self, info: Any) -> None:
        try:
            self.fallback = format_from_info(info, self._stated_fallback)
            self._is_info_refused = False
        except InputError as error:
            if not self._is_info_refused:
                log.error("%s: audio is refused. %s", self._node.resolve_topic_name("audio_info"), error)
            self._is_info_refused = True

    def _count_lost(self, event: Any) -> None:
        self.counts.lost_messages += event.total_count_change
        log.warning("%d audio messages were lost in transport", event.total_count_change)
