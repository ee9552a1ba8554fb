"""The performed human as gesture_node publishes it: joints on ~/skeleton, shapes of the hands on ~/hand_shapes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.hand_shapes import HandShape

MAX_TEXT = 200  # characters of ~/hand_shapes


def joints_from_message(message: MarkerArray, count: int) -> tuple[Any, npt.NDArray[np.float64]]:
    """Return the header and the joints (J, 3) [m] of a message on ~/skeleton.

    Raises:
        InputError: If it has not `count` joints, or one is not finite.
    """
    joints = next((marker for marker in message.markers if marker.ns == "joints"), None)
    if joints is None or len(joints.points) != count:
        raise InputError("joints in ~/skeleton", 0 if joints is None else len(joints.points), str(count),
                         "Use the gesture_node of the same version.")
    joint_xyz = np.array([(p.x, p.y, p.z) for p in joints.points])
    if not np.isfinite(joint_xyz).all():
        raise InputError("a joint in ~/skeleton", "NaN or infinity", "finite", "Its publisher is at fault.")
    return joints.header, joint_xyz


def hand_shapes_message(shapes: tuple[int, int]) -> String:
    """Return {"left": "fist", "right": "rest"} for `HandShape` of left and right hand."""
    left, right = (HandShape(shape).name.lower() for shape in shapes)
    return String(data=json.dumps({"left": left, "right": right}))


def hand_shapes_from_message(message: String) -> tuple[int, int]:
    """Return the `HandShape` of left and right hand of a message on ~/hand_shapes.

    Raises:
        InputError: If a hand is missing or its shape is unknown.
    """
    try:
        if len(message.data) > MAX_TEXT:
            raise ValueError
        read = json.loads(message.data)
        return HandShape[str(read["left"]).upper()], HandShape[str(read["right"]).upper()]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError("~/hand_shapes", message.data[:MAX_TEXT], '{"left": SHAPE, "right": SHAPE} with one of '
                         + ", ".join(shape.name.lower() for shape in HandShape), "Its publisher is at fault.") from None
