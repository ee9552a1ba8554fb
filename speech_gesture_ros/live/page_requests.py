"""Requests of a page: JSON from a browser, which may be any program; checked and bounded before anything uses it.

{"kind": "control", "name": "activity", "value": 0.7}
{"kind": "gesture", "name": "nod"}
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.core.controls import MAX_SCALE
from speech_gesture_ros.core.errors import InputError, shown
from speech_gesture_ros.face.style import MAX_GAIN, SPEED_RANGE

MAX_REQUEST_CHARACTERS = 1000
MAX_WEIGHT = 3.0  # of a family of gestures

# Name of each slider: least, most, value at the start.
SLIDERS = {
    "activity": (0.0, MAX_SCALE, 1.0), "amplitude": (0.0, MAX_SCALE, 1.0), "handedness": (-1.0, 1.0, 0.0),
    "accent_lock": (0.0, 1.0, 0.4), "jaw": (0.0, MAX_GAIN, 1.0), "lips": (0.0, MAX_GAIN, 1.0),
    "speed": (*SPEED_RANGE, 1.0),
}
KINDS_WITH_NAME = ("gesture", "expression", "face_style", "play")
KINDS = ("control", "family", *KINDS_WITH_NAME, "stop", "microphone")


@dataclass(frozen=True)
class PageRequest:
    """One request of a page.

    Attributes:
        kind: One of `KINDS`.
        name: Slider, family of gestures, gesture, expression, style of the face or sound; else empty.
        value: Of a slider or a family; of "microphone" 1 for on, 0 for off; else 0.
    """

    kind: str
    name: str = ""
    value: float = 0.0


def parse_request(text: str, names: dict[str, Collection[str]]) -> PageRequest:
    """Read a request.

    Args:
        text: JSON.
        names: Known names for each kind that has one, except "control".

    Raises:
        InputError: If it is too long, no JSON object of this form, or has an unknown name or a value out of its range.
    """
    if len(text) > MAX_REQUEST_CHARACTERS:
        raise InputError("length of a request", len(text), f"{MAX_REQUEST_CHARACTERS} characters at most",
                         "Send one request in a message.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("request", text[:80], "a JSON object", "Send {\"kind\": ...}.") from None
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        raise InputError("request", shown(data)[:80], f"an object with a kind: {', '.join(KINDS)}", "Correct it.")
    kind = str(data["kind"])
    if kind == "stop":
        return PageRequest(kind)
    if kind == "microphone":
        return PageRequest(kind, value=_number(kind, data.get("value"), 0.0, 1.0))
    name = data.get("name")
    known = SLIDERS if kind == "control" else names.get(kind, ())
    if not isinstance(name, str) or name not in known:
        raise InputError(f"name of a {kind}", name, f"one of {', '.join(known)}", "Check the spelling.")
    if kind == "control":
        low, high, _ = SLIDERS[name]
        return PageRequest(kind, name, _number(name, data.get("value"), low, high))
    if kind == "family":
        return PageRequest(kind, name, _number(name, data.get("value"), 0.0, MAX_WEIGHT))
    return PageRequest(kind, name)


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise InputError(name, value, f"{low:g} to {high:g}", "Send a number in that range.")
    number = float(value)
    if not math.isfinite(number):
        raise InputError(name, value, f"{low:g} to {high:g}", "Send a number in that range.")
    return number
