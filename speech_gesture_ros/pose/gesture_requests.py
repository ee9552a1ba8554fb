"""Wishes for gestures as text: a bare name, a JSON object, or a JSON array of either; checked, with reasons.

    nod
    {"gesture": "point_left", "at": 1763735000.25, "amplitude": 1.2, "duration": 1.0, "id": "there"}
    ["nod", {"gesture": "count_three", "delay": 0.8, "side": "left"}]

Each wish stands for itself: one that cannot be understood does not spoil the others of its array.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.pose.gesture_library import MAX_REPETITIONS, SIDES

MAX_TEXT, MAX_WISHES = 100_000, 100
BOUNDS = {"delay": (0.0, 600.0), "amplitude": (0.2, 1.5), "duration": (0.1, 10.0), "repetitions": (1, MAX_REPETITIONS)}


@dataclass(frozen=True)
class GestureRequest:
    """A wish for one gesture.

    Attributes:
        gesture: Its name.
        at: When its instant is on the word: ROS time of the audio [s]; None for `delay`, or as soon as possible.
        delay: The same, from the arrival of the wish [s].
        amplitude: Size; 1 as written.
        side: "left", "right" or "both"; None as the gesture is usually made.
        duration: How long it is shown, from the instant to the beginning of its end [s]; None as usual.
        repetitions: How often its moving part is done; None as usual.
        id: Name of the wish in what is reported about it.
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
            raise InputError("side", self.side, f"one of {', '.join(SIDES)}", "Leave it out for the usual one.")
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError(name, value, f"{low:g} to {high:g}", "Leave it out for the usual one.")
        if self.at is not None and not math.isfinite(self.at):
            raise InputError("at", self.at, "a ROS time in seconds", "Leave it out for as soon as possible.")


@dataclass(frozen=True)
class InvalidRequest:
    """A wish that cannot be one: its name for reports, what it was, and why."""

    id: str
    gesture: str
    reason: str


def parse_requests(text: str, known: Collection[str]) -> list[GestureRequest | InvalidRequest]:
    """Read what was published.

    Args:
        text: A name, a JSON object, or a JSON array of names and objects.
        known: Names of gestures.
    """
    if len(text) > MAX_TEXT:
        return [InvalidRequest("", "", f"the text has {len(text)} characters, must be {MAX_TEXT} at most")]
    bare = text.strip()
    if not bare.startswith(("{", "[", '"')):
        return [_read(bare, known)]
    try:
        data = json.loads(bare)
    except (json.JSONDecodeError, RecursionError) as error:
        return [InvalidRequest("", "", f"not JSON: {error}. Send a name, an object or an array")]
    wishes = data if isinstance(data, list) else [data]
    if len(wishes) > MAX_WISHES:
        return [InvalidRequest("", "", f"{len(wishes)} gestures at once, must be {MAX_WISHES} at most")]
    return [_read(wish, known) for wish in wishes]


def _read(wish: Any, known: Collection[str]) -> GestureRequest | InvalidRequest:
    given = {"gesture": wish} if isinstance(wish, str) else wish
    if not isinstance(given, dict):
        return InvalidRequest("", "", f"a gesture is {wish!r}, must be a name or an object with the key 'gesture'")
    label, gesture = str(given.get("id", "")), str(given.get("gesture", ""))
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
    except OverflowError as error:  # JSON knows numbers that fit into no type
        return InvalidRequest(label, gesture, f"a number is out of all bounds: {error}")


def _typed(name: str, value: Any) -> Any:
    """A JSON value as the type of its field; `bool` is no number here."""
    if name in ("gesture", "side"):
        if isinstance(value, str):
            return value
        raise InputError(name, value, "a string", "Put it in quotes.")
    if name == "id":
        return str(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(name, value, "a number", "Write it without quotes.")
    if name == "repetitions":
        if value != int(value):
            raise InputError(name, value, "a whole number", "Round it.")
        return int(value)
    return float(value)
