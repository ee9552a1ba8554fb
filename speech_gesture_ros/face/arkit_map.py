"""Articulators to the 52 blendshapes of ARKit: a fixed linear map, and constraints that no style can break.

    jawOpen          0.85 jaw, held up by contacts: close leaves 15 % of it, labiodental 30 %, sibilant 30 %
    mouthClose       equal to jawOpen where the lips touch: on rigs with these shapes both together close the lips
    mouthPress       0.35 close                     mouthRollLower   0.75 labiodental, 0.15 close
    mouthRollUpper   0.15 close                     mouthUpperUp     0.5 upper, 0.25 labiodental, 0.15 sibilant
    mouthPucker      0.85 rounding                  mouthFunnel      0.7 protrusion, 0.25 rounding
    mouthStretch     0.45 spread                    mouthSmile       0.25 spread
    mouthLowerDown   0.3 sibilant, 0.3 jaw          tongueOut        0.4 of the tip beyond the teeth

Constraints: rounding excludes spread; closed lips are neither raised, lowered, funnelled nor parted (`lip_gap` is 0); a
lower lip at the teeth is not lowered. The weights are settings, chosen by looking at drawn and modelled faces.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import ARTICULATOR_INDEX, ARTICULATORS, BLENDSHAPE_INDEX, BLENDSHAPES

Array = npt.NDArray[np.float32]

WEIGHTS: dict[str, dict[str, float]] = {
    "jawOpen": {"jaw": 0.85},
    "mouthPressLeft": {"close": 0.35}, "mouthPressRight": {"close": 0.35},
    "mouthRollLower": {"labiodental": 0.75, "close": 0.15}, "mouthRollUpper": {"close": 0.15},
    "mouthPucker": {"rounding": 0.85}, "mouthFunnel": {"protrusion": 0.7, "rounding": 0.25},
    "mouthStretchLeft": {"spread": 0.45}, "mouthStretchRight": {"spread": 0.45},
    "mouthSmileLeft": {"spread": 0.25}, "mouthSmileRight": {"spread": 0.25},
    "mouthUpperUpLeft": {"upper": 0.5, "labiodental": 0.25, "sibilant": 0.15},
    "mouthUpperUpRight": {"upper": 0.5, "labiodental": 0.25, "sibilant": 0.15},
    "mouthLowerDownLeft": {"sibilant": 0.3, "jaw": 0.3}, "mouthLowerDownRight": {"sibilant": 0.3, "jaw": 0.3},
}
TONGUE_OUT = 0.4
JAW_LEFT_BY = {"close": 0.15, "labiodental": 0.3, "sibilant": 0.3}  # share of the opening at a full contact
PARTING = ("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthFunnel")
LOWERING = ("mouthLowerDownLeft", "mouthLowerDownRight")

_MATRIX = np.zeros((len(ARTICULATORS), len(BLENDSHAPES)), np.float32)
for _shape, _row in WEIGHTS.items():
    for _name, _weight in _row.items():
        _MATRIX[ARTICULATOR_INDEX[_name], BLENDSHAPE_INDEX[_shape]] = _weight
# Shares that a full contact takes away: from the opening of the jaw (10,), from each blendshape (52,).
_JAW_HELD = np.array([1.0 - JAW_LEFT_BY.get(name, 1.0) for name in ARTICULATORS], np.float32)
_NOT_CLOSED = np.array([name in (*PARTING, "mouthClose") for name in BLENDSHAPES], np.float32)
_NOT_LOWERED = np.array([name in LOWERING for name in BLENDSHAPES], np.float32)
_JAW, _CLOSE, _LABIODENTAL, _ROUNDING, _SPREAD, _TIP = (
    ARTICULATOR_INDEX[name] for name in ("jaw", "close", "labiodental", "rounding", "spread", "tip"))
_JAW_OPEN, _MOUTH_CLOSE, _TONGUE_OUT = (BLENDSHAPE_INDEX[name] for name in ("jawOpen", "mouthClose", "tongueOut"))


def blendshapes_from_articulators(articulators: npt.NDArray[np.floating]) -> Array:
    """Map articulators (T, 10) to blendshapes (T, 52), both in [0, 1]."""
    values = articulators.clip(0.0, 1.0).astype(np.float32)
    values[:, _SPREAD] *= 1.0 - values[:, _ROUNDING]
    values[:, _JAW] *= np.multiply.reduce(1.0 - _JAW_HELD * values, axis=1)
    out = (values[:, None] @ _MATRIX)[:, 0]  # row by row: rounded the same for any number of rows
    out[:, _TONGUE_OUT] = TONGUE_OUT * np.maximum(2.0 * values[:, _TIP] - 1.0, 0.0)
    return apply_contacts(np.minimum(out, 1.0), values[:, _CLOSE], values[:, _LABIODENTAL])


def apply_contacts(shapes: Array, close: Array, labiodental: Array) -> Array:
    """Apply the constraints of contacts to blendshapes (T, 52) of any origin, such as a smile during an m.

    Args:
        shapes: (T, 52).
        close: (T,) contact of the lips.
        labiodental: (T,) contact of lower lip and upper teeth.

    Returns:
        (T, 52).
    """
    out: Array = shapes * (1.0 - close[:, None] * _NOT_CLOSED)
    out *= 1.0 - labiodental[:, None] * _NOT_LOWERED
    out[:, _MOUTH_CLOSE] = np.maximum(out[:, _MOUTH_CLOSE], close * out[:, _JAW_OPEN])
    return out


def lip_gap(shapes: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the distance of the lips in units of a full jaw opening, (T,) of blendshapes (T, 52): 0 is closed."""
    of = {name: np.asarray(shapes[:, i], dtype=np.float64) for name, i in BLENDSHAPE_INDEX.items()}
    raised = 0.15 * (of["mouthUpperUpLeft"] + of["mouthUpperUpRight"])
    lowered = 0.15 * (of["mouthLowerDownLeft"] + of["mouthLowerDownRight"])
    return np.maximum(of["jawOpen"] - of["mouthClose"] + raised + lowered + 0.1 * of["mouthFunnel"], 0.0)
