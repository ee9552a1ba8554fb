"""Topic `~/is_speaking`, std_msgs/Bool: whether the speaker speaks, from a source that knows, such as a synthesiser.

    true    the speech gate is open, also for a voice too quiet to be detected
    false   the gate is closed: what is received is not the speaker's voice, and the gesture ends as in a pause

Without a publisher, and before its first message, the sound decides; so it does again when the publisher is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from speech_gesture_ros.nodes.bool_topic import BoolTopic

log = logging.getLogger(__name__)

TOPIC = "~/is_speaking"


class SpeakingInput:
    """Subscription of the topic.

    Args:
        node: The node.
        state_speech: Passes on what is stated; returns False if it could not, and is called again then.

    Attributes:
        stated: What the publisher stated last; None if the sound decides.
    """

    def __init__(self, node: Any, state_speech: Callable[[bool | None], bool]) -> None:
        self._state_speech = state_speech
        self.stated: bool | None = None
        self._passed: bool | None = None
        self._topic = BoolTopic(node, TOPIC, self._take)

    def poll(self) -> None:
        """Look after the publishers; call a few times a second."""
        if not self._topic.match_publishers() and self.stated is not None:
            log.info("%s has no publisher any more: the sound decides whether someone speaks", self._topic.name)
            self.stated = None
        self._pass_on()

    def close(self) -> None:
        """Destroy the subscription."""
        self._topic.close()

    def _take(self, is_speaking: bool) -> None:
        if self.stated is None:
            log.info("%s states whether someone speaks", self._topic.name)
        self.stated = is_speaking
        self._pass_on()

    def _pass_on(self) -> None:
        if self.stated is not self._passed and self._state_speech(self.stated):
            self._passed = self.stated
