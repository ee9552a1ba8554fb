"""The `audio` subscription: finds out what is published there, and counts what gets lost on the way.

With `audio.type: auto` the type is taken from whoever publishes; until someone does, and again when only publishers of
another type are left, the graph is looked at a few times a second.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError, SpeechGestureError
from speech_gesture_ros.nodes.audio_messages import KNOWN_TYPES, audio_type, format_from_info
from speech_gesture_ros.nodes.qos import AUDIO_IN, LATCHED

try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

log = logging.getLogger(__name__)

LOOK_S = 0.1  # how often the graph is looked at while nobody is heard


@dataclass
class AudioCounts:
    """What happened on the topic."""

    messages: int = 0
    lost_messages: int = 0
    refused_messages: int = 0


class AudioInput:
    """Subscribes `audio`, whatever its type.

    Args:
        node: The node.
        kind: ``package/msg/Type`` or "auto".
        fallback: Format of messages that do not tell theirs.
        on_message: Called with each message and its format, on the executor's thread.
        on_type: Called with the message class when it is known, or has changed.

    Attributes:
        counts: What happened so far.
        type_name: Type that is subscribed, "" for none yet.
        fallback: Format of messages that do not tell theirs; `audio_info` may change it.
    """

    def __init__(self, node: Any, kind: str, fallback: PcmFormat, on_message: Callable[[Any], None],
                 on_type: Callable[[Any], None]) -> None:
        self._node = node
        self._kind = kind
        self._on_message = on_message
        self._on_type = on_type
        self._subscriptions: list[Any] = []
        self._refused: set[str] = set()
        self.fallback = fallback
        self.counts = AudioCounts()
        self.type_name = ""
        self._topic = node.resolve_topic_name("audio")
        if kind != "auto":
            self._subscribe(kind)
        self._timer = node.create_timer(LOOK_S, self._look)

    def close(self) -> None:
        """Stop listening."""
        self._node.destroy_timer(self._timer)
        self._unsubscribe()

    def _look(self) -> None:
        if self._kind != "auto":
            return
        types = {info.topic_type for info in self._node.get_publishers_info_by_topic(self._topic)}
        if not types or self.type_name in types:
            return
        known = [name for name in KNOWN_TYPES if name in types - self._refused]
        for name in types - set(KNOWN_TYPES) - self._refused:
            self._refused.add(name)
            log.warning("%s is published as %s, which is none of %s", self._topic, name, KNOWN_TYPES)
        if known:
            self._try_subscribe(known[0])

    def _try_subscribe(self, name: str) -> None:
        try:
            self._subscribe(name)
        except SpeechGestureError as error:
            self._refused.add(name)
            log.error("%s", error)

    def _subscribe(self, name: str) -> None:
        kind = audio_type(name)
        self._unsubscribe()
        events = SubscriptionEventCallbacks(message_lost=self._count_lost)
        self._subscriptions.append(
            self._node.create_subscription(kind, "audio", self._take, AUDIO_IN, event_callbacks=events))
        self.type_name = name
        log.info("listening to %s as %s", self._topic, name)
        if name.startswith("audio_common_msgs/msg/AudioData") and not hasattr(kind(), "float32_data"):
            info = audio_type("audio_common_msgs/msg/AudioInfo")
            self._subscriptions.append(
                self._node.create_subscription(info, "audio_info", self._take_info, self._info_qos()))
        self._on_type(kind)

    def _info_qos(self) -> QoSProfile:
        """Latched if a publisher latches: drivers before 2025 do not, and a latched reader would not hear them."""
        topic = self._node.resolve_topic_name("audio_info")
        offered = [info.qos_profile.durability for info in self._node.get_publishers_info_by_topic(topic)]
        is_volatile = bool(offered) and DurabilityPolicy.TRANSIENT_LOCAL not in offered
        return QoSProfile(depth=1) if is_volatile else LATCHED

    def _unsubscribe(self) -> None:
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()

    def _take(self, message: Any) -> None:
        self.counts.messages += 1
        self._on_message(message)

    def _take_info(self, info: Any) -> None:
        try:
            self.fallback = format_from_info(info, self.fallback)
        except InputError as error:
            log.error("%s", error)

    def _count_lost(self, event: Any) -> None:
        self.counts.lost_messages += event.total_count_change
        log.warning("%d audio messages were lost on the way", event.total_count_change)
