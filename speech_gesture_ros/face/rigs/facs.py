"""Action units of the Facial Action Coding System (Ekman, Friesen and Hager, 2002) from blendshapes.

ARKit's shapes are named after the same movements, so that most units are one shape or the mean of a pair. Action unit
25 (lips part) is the distance of the lips. Numbers are those of the system, indices of `hri_msgs/FacialActionUnits`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.rigs.linear_table import LinearTable

Array = npt.NDArray[np.float64]

_ROWS: dict[int, dict[str, float]] = {
    1: {"browInnerUp": 1.0}, 2: {"browOuterUp": 1.0}, 4: {"browDown": 1.0}, 5: {"eyeWide": 1.0},
    6: {"cheekSquint": 1.0}, 7: {"eyeSquint": 1.0}, 9: {"noseSneer": 1.0}, 10: {"mouthUpperUp": 1.0},
    12: {"mouthSmile": 1.0}, 14: {"mouthDimple": 1.0}, 15: {"mouthFrown": 1.0}, 16: {"mouthLowerDown": 1.0},
    17: {"mouthShrugLower": 1.0}, 18: {"mouthPucker": 1.0}, 19: {"tongueOut": 1.0}, 20: {"mouthStretch": 1.0},
    22: {"mouthFunnel": 1.0}, 24: {"mouthPress": 1.0}, 25: {}, 26: {"jawOpen": 1.0},
    28: {"mouthRollLower": 0.5, "mouthRollUpper": 0.5}, 29: {"jawForward": 1.0}, 30: {"jawLeft": 1.0, "jawRight": 1.0},
    34: {"cheekPuff": 1.0}, 45: {"eyeBlink": 1.0},
    61: {"eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5}, 62: {"eyeLookInLeft": 0.5, "eyeLookOutRight": 0.5},
    63: {"eyeLookUp": 1.0}, 64: {"eyeLookDown": 1.0},
}
UNIT_NAMES = {
    1: "inner brow raiser", 2: "outer brow raiser", 4: "brow lowerer", 5: "upper lid raiser", 6: "cheek raiser",
    7: "lid tightener", 9: "nose wrinkler", 10: "upper lip raiser", 12: "lip corner puller", 14: "dimpler",
    15: "lip corner depressor", 16: "lower lip depressor", 17: "chin raiser", 18: "lip pucker", 19: "tongue show",
    20: "lip stretcher", 22: "lip funneler", 24: "lip pressor", 25: "lips part", 26: "jaw drop", 28: "lip suck",
    29: "jaw thrust", 30: "jaw sideways", 34: "cheek puff", 45: "blink", 61: "eyes turn left", 62: "eyes turn right",
    63: "eyes up", 64: "eyes down",
}
ACTION_UNITS = tuple(_ROWS)
FULLY_PARTED = 0.3  # distance of the lips, in units of a full jaw opening, at which unit 25 is 1
_TABLE = LinearTable({str(unit): row for unit, row in _ROWS.items()})


def action_units(shapes: npt.NDArray[np.floating]) -> Array:
    """Return the intensities (T, 29), 0 to 1, of `ACTION_UNITS` for blendshapes (T, 52)."""
    out = _TABLE.values(shapes)
    out[:, ACTION_UNITS.index(25)] = np.clip(lip_gap(np.asarray(shapes)) / FULLY_PARTED, 0.0, 1.0)
    return out
