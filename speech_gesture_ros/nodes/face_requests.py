"""Requests to a face: expressions, and timed phones of a speech synthesis.

    ~/face/expression        std_msgs/String      a name such as "happy", or JSON (`face.expression_request`)
    ~/face/hri_expression    hri_msgs/Expression  name, or valence and arousal without a name; where it is installed
    ~/face/shown_expression  hri_msgs/Expression  (out) the expression requested last
    ~/face/phones            std_msgs/String      timed phones as JSON (`face.phone_message`), before their sound

Wrong requests are refused by the node's guard, with one line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from std_msgs.msg import String

from speech_gesture_ros.agent.timed_phones import PhoneTrack, phone_track
from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.face.expression_request import (
    ExpressionRequest,
    affect_expression,
    named_expression,
    parse_expression,
)
from speech_gesture_ros.face.phone_message import parse_phone_message
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.qos import LATCHED_QOS


class FaceRequests:
    """Subscriptions of requests.

    Args:
        node: The node; its guard reports requests that are refused.
        set_expression: Takes the blendshapes (52,) of an expression.
        add_phones: Takes the articulation of phones.
        frame_id: Of the messages.
    """

    def __init__(self, node: Any, set_expression: Callable[[npt.NDArray[np.float32]], object],
                 add_phones: Callable[[PhoneTrack], object], frame_id: str) -> None:
        self._node, self._frame_id = node, frame_id
        self._set_expression, self._add_phones = set_expression, add_phones
        self._subscriptions = [node.create_subscription(String, "~/face/expression", self._take_text, 10),
                               node.create_subscription(String, "~/face/phones", self._take_phones, 50)]
        self._kind: Any = None
        self._shown: Any = None
        try:
            self._kind = message_type("hri_msgs/msg/Expression")
        except MissingDependencyError:
            return
        self._subscriptions.append(
            node.create_subscription(self._kind, "~/face/hri_expression", self._take_expression, 10))
        self._shown = node.create_publisher(self._kind, "~/face/shown_expression", LATCHED_QOS)
        self._show(named_expression("neutral"))

    def close(self) -> None:
        """Destroy the subscriptions and the publisher."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        if self._shown is not None:
            self._node.destroy_publisher(self._shown)

    def _take_text(self, message: String) -> None:
        self._apply(parse_expression(message.data))

    def _take_expression(self, message: Any) -> None:
        if message.expression.strip():
            self._apply(named_expression(message.expression))
        elif np.isfinite([message.valence, message.arousal]).all():
            self._apply(affect_expression(float(message.valence), float(message.arousal)))
        else:
            raise InputError("valence and arousal", (message.valence, message.arousal), "-1 to 1", "Correct them.")

    def _take_phones(self, message: String) -> None:
        phones = parse_phone_message(message.data)
        self._add_phones(phone_track(phones.phones, phones.start_s))

    def _apply(self, request: ExpressionRequest) -> None:
        self._set_expression(request.shapes)
        self._show(request)

    def _show(self, request: ExpressionRequest) -> None:
        if self._shown is None:
            return
        message = self._kind(expression=request.name, valence=request.valence, arousal=request.arousal, confidence=1.0)
        message.header.stamp, message.header.frame_id = self._node.get_clock().now().to_msg(), self._frame_id
        self._shown.publish(message)
