"""Gesture requests as text: a name, a JSON object, or a JSON array of both; invalid ones are reported with the reason.

    nod
    {"gesture": "point_left", "at": 1763735000.25, "amplitude": 1.2, "duration": 1.0, "id": "there"}
    ["nod", {"gesture": "count_three", "delay": 0.8, "side": "left"}]

Requests are independent: an invalid one does not affect the others of its array.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.core.errors import InputError, shown
from speech_gesture_ros.pose.gesture_library import MAX_REPETITIONS, SIDES

MAX_CHARACTERS, MAX_REQUESTS, MAX_DEPTH = 100_000, 100, 20  # of one text; valid ones have two levels
MAX_LABEL = 80  # characters of an id or a name in a status
BOUNDS = {"delay": (0.0, 600.0), "amplitude": (0.2, 1.5), "duration": (0.1, 10.0), "repetitions": (1, MAX_REPETITIONS)}


@dataclass(frozen=True)
class GestureRequest:
    """Request for one gesture.

    Attributes:
        gesture: Name of the gesture.
        at: ROS time of the audio with which the stroke instant coincides [s]; None for `delay`, or as soon as possible.
        delay: The same, relative to the arrival of the request [s].
        amplitude: Size; 1 as defined.
        side: "left", "right" or "both"; None for the default of the gesture.
        duration: From the stroke instant to the beginning of the retraction [s]; None for the default.
        repetitions: Number of cycles; None for the default.
        id: Name of the request in its status.
    """

    gesture: str
    at: float | None = None
    delay: float | None = None
    amplitude: float = 1.0
    side: str | None = None
    duration: float | None = None
    repetitions: int | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if self.at is not None and self.delay is not None:
            raise InputError("at and delay", (self.at, self.delay), "one of the two", "Leave one out.")
        if self.side is not None and self.side not in SIDES:
            raise InputError("side", self.side, f"one of {', '.join(SIDES)}", "Leave it out for the default.")
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError(name, value, f"{low:g} to {high:g}", "Leave it out for the default.")
        if self.at is not None and not math.isfinite(self.at):
            raise InputError("at", self.at, "a ROS time in seconds", "Leave it out for as soon as possible.")


@dataclass(frozen=True)
class InvalidRequest:
    """Text that is no valid request: its id and gesture, as far as known, and the reason."""

    id: str
    gesture: str
    reason: str


def parse_requests(text: str, known: Collection[str]) -> list[GestureRequest | InvalidRequest]:
    """Parse the requests of a text.

    Args:
        text: A name, a JSON object, or a JSON array of names and objects.
        known: Names of the gestures.
    """
    if len(text) > MAX_CHARACTERS:
        return [InvalidRequest("", "", f"the text has {len(text)} characters, must be {MAX_CHARACTERS} at most")]
    bare = text.strip()
    if _depth(bare) > MAX_DEPTH:
        return [InvalidRequest("", "", f"nested deeper than {MAX_DEPTH} levels. Send a name, an object or an array")]
    if not bare.startswith(("{", "[", '"')):
        return [_read(bare, known)]
    try:
        data = json.loads(bare)
    except (ValueError, RecursionError) as error:  # ValueError: not JSON, or an integer of thousands of digits
        return [InvalidRequest("", "", f"not JSON: {error}. Send a name, an object or an array")]
    items = data if isinstance(data, list) else [data]
    if len(items) > MAX_REQUESTS:
        return [InvalidRequest("", "", f"{len(items)} gestures at once, must be {MAX_REQUESTS} at most")]
    return [_read(item, known) for item in items]


def _depth(text: str) -> int:
    """Return an upper bound of the nesting depth of a JSON text; brackets in strings count."""
    depth = deepest = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


def _read(item: Any, known: Collection[str]) -> GestureRequest | InvalidRequest:
    given = {"gesture": item} if isinstance(item, str) else item
    if not isinstance(given, dict):
        return InvalidRequest("", "", f"a gesture is {shown(item)}, must be a name or an object with the key 'gesture'")
    label, gesture = str(given.get("id", ""))[:MAX_LABEL], str(given.get("gesture", ""))[:MAX_LABEL]
    try:
        fields = {field.name for field in dataclasses.fields(GestureRequest)}
        if unknown := sorted(set(given) - fields):
            raise InputError("key", unknown[0], f"one of {', '.join(sorted(fields))}", "Remove it.")
        if gesture not in known:
            raise InputError("gesture", gesture, f"one of {', '.join(known)}", "Check the spelling.")
        values = {name: _typed(name, value) for name, value in given.items() if value is not None}
        return GestureRequest(**values)
    except InputError as error:
        return InvalidRequest(label, gesture, str(error))
    except OverflowError as error:  # JSON allows numbers beyond the range of floats
        return InvalidRequest(label, gesture, f"a number is out of all bounds: {error}")


def _typed(name: str, value: Any) -> Any:
    """Convert a JSON value to the type of its field; `bool` does not count as a number."""
    if name in ("gesture", "side"):
        if isinstance(value, str):
            return value
        raise InputError(name, value, "a string", "Put it in quotes.")
    if name == "id":
        return str(value)[:MAX_LABEL]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(name, value, "a number", "Write it without quotes.")
    if name == "repetitions":
        if math.isnan(value) or value != int(value):
            raise InputError(name, value, "a whole number", "Round it.")
        return int(value)
    return float(value)
