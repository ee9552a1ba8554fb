"""Requests to a face: ~/face/expression, a name such as "happy" (std_msgs/String), to which the face fades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from std_msgs.msg import String

from speech_gesture_ros.face.expressions import expression_shapes


class FaceRequests:
    """Subscriptions of requests.

    Args:
        node: The node; its guard reports requests that are refused.
        set_expression: Takes the blendshapes (52,) of an expression.
    """

    def __init__(self, node: Any, set_expression: Callable[[npt.NDArray[np.float32]], object]) -> None:
        self._node, self._set_expression = node, set_expression
        self._subscriptions = [node.create_subscription(String, "~/face/expression", self._take_expression, 10)]

    def close(self) -> None:
        """Destroy the subscriptions."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _take_expression(self, message: String) -> None:
        self._set_expression(expression_shapes(message.data.strip()))
