"""Requests of an expression as text: a name, or JSON with a name and a weight, or with valence and arousal.

    happy      {"expression": "happy", "weight": 0.5}      {"valence": 0.6, "arousal": -0.2}

Names are those of `face.expressions`, and the further ones of `hri_msgs/Expression`, each a weaker or stronger form of
one of them (`SIMILAR`); `asleep` is neutral with closed eyes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.expressions import AFFECT, EXPRESSIONS, NEUTRAL, affect_shapes, expression_shapes

Array = npt.NDArray[np.float32]

MAX_TEXT = 1000
ASLEEP = "asleep"
SIMILAR = {
    "pleading": ("sad", 0.6), "vulnerable": ("scared", 0.4), "despaired": ("sad", 1.0), "guilty": ("sad", 0.5),
    "disappointed": ("sad", 0.6), "embarrassed": ("sad", 0.4), "horrified": ("scared", 1.0),
    "skeptical": ("disgusted", 0.35), "annoyed": ("angry", 0.5), "furious": ("angry", 1.0),
    "suspicious": ("angry", 0.4), "rejected": ("sad", 0.7), "bored": ("sad", 0.25), "tired": ("sad", 0.3),
    ASLEEP: (NEUTRAL, 1.0), "confused": ("surprised", 0.4), "amazed": ("surprised", 1.0), "excited": ("happy", 1.0),
}
NAMES = (*EXPRESSIONS, *SIMILAR)


@dataclass(frozen=True)
class ExpressionRequest:
    """An expression that a face is to show.

    Attributes:
        name: As it was requested; "" for a place on the plane of valence and arousal.
        valence: -1 to 1.
        arousal: -1 to 1.
        shapes: (52,) blendshapes.
    """

    name: str
    valence: float
    arousal: float
    shapes: Array


def named_expression(name: str, weight: float = 1.0) -> ExpressionRequest:
    """Return the request of an expression by name.

    Args:
        name: One of `NAMES`, in any case.
        weight: Strength, 0 to 1.

    Raises:
        InputError: If the name is unknown or the weight out of range.
    """
    plain = name.strip().lower()
    if plain not in NAMES:
        raise InputError("expression", name, f"one of {', '.join(NAMES)}", "Check the spelling.")
    if not 0.0 <= weight <= 1.0:
        raise InputError("weight of an expression", weight, "0 to 1", "Correct it.")
    base, strength = SIMILAR.get(plain, (plain, 1.0))
    shapes = expression_shapes(base) * np.float32(weight * strength)
    if plain == ASLEEP:
        shapes[[BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]]] = weight
    valence, arousal = (weight * strength * value for value in AFFECT[base])
    return ExpressionRequest(plain, valence, arousal, shapes)


def affect_expression(valence: float, arousal: float) -> ExpressionRequest:
    """Return the request of a place on the plane of valence and arousal, each -1 to 1.

    Raises:
        ConfigError: If a value is out of range.
    """
    return ExpressionRequest("", valence, arousal, affect_shapes(valence, arousal))


def parse_expression(text: str) -> ExpressionRequest:
    """Read a request.

    Raises:
        InputError: If it is too long, no such JSON, an unknown name, or a value is out of range.
    """
    if len(text) > MAX_TEXT:
        raise InputError("length of an expression request", len(text), f"at most {MAX_TEXT} characters", "Shorten it.")
    if not text.lstrip().startswith("{"):
        return named_expression(text)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("expression request", text[:80], "a name or a JSON object", str(error)) from error
    if set(data) <= {"expression", "weight"} and isinstance(data.get("expression"), str):
        return named_expression(data["expression"], _number(data, "weight", 1.0))
    if set(data) == {"valence", "arousal"}:
        return affect_expression(_number(data, "valence", 0.0), _number(data, "arousal", 0.0))
    raise InputError("expression request", text[:80], '{"expression": NAME, "weight": 0 to 1} or '
                     '{"valence": -1 to 1, "arousal": -1 to 1}', "Correct it.")


def _number(data: dict[str, Any], key: str, default: float) -> float:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1.0:
        raise InputError(f"{key} of an expression request", value, "a number, -1 to 1", "Correct it.")
    return float(value)
