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
_PARTING = [BLENDSHAPE_INDEX[name] for name in PARTING]
_LOWERING = [BLENDSHAPE_INDEX[name] for name in LOWERING]
_JAW_OPEN, _MOUTH_CLOSE, _TONGUE_OUT = (BLENDSHAPE_INDEX[name] for name in ("jawOpen", "mouthClose", "tongueOut"))


def blendshapes_from_articulators(articulators: npt.NDArray[np.floating]) -> Array:
    """Map articulators (T, 10) to blendshapes (T, 52), both in [0, 1]."""
    values = np.clip(articulators, 0.0, 1.0).astype(np.float32)
    named = {name: values[:, i] for name, i in ARTICULATOR_INDEX.items()}
    values = values.copy()
    values[:, ARTICULATOR_INDEX["spread"]] *= 1.0 - named["rounding"]
    for name, left in JAW_LEFT_BY.items():
        values[:, ARTICULATOR_INDEX["jaw"]] *= 1.0 - (1.0 - left) * named[name]
    out = np.stack([row @ _MATRIX for row in values]) if len(values) else np.empty((0, len(BLENDSHAPES)), np.float32)
    out[:, _TONGUE_OUT] = TONGUE_OUT * np.clip(2.0 * named["tip"] - 1.0, 0.0, 1.0)
    return apply_contacts(np.clip(out, 0.0, 1.0).astype(np.float32), named["close"], named["labiodental"])


def apply_contacts(shapes: Array, close: Array, labiodental: Array) -> Array:
    """Apply the constraints of contacts to blendshapes (T, 52) of any origin, such as a smile during an m.

    Args:
        shapes: (T, 52).
        close: (T,) contact of the lips.
        labiodental: (T,) contact of lower lip and upper teeth.

    Returns:
        (T, 52).
    """
    out: Array = shapes.copy()
    out[:, _PARTING] *= 1.0 - close[:, None]
    out[:, _LOWERING] *= 1.0 - labiodental[:, None]
    out[:, _MOUTH_CLOSE] = np.maximum(out[:, _MOUTH_CLOSE] * (1.0 - close), close * out[:, _JAW_OPEN])
    return out


def lip_gap(shapes: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the distance of the lips in units of a full jaw opening, (T,) of blendshapes (T, 52): 0 is closed."""
    of = {name: np.asarray(shapes[:, i], dtype=np.float64) for name, i in BLENDSHAPE_INDEX.items()}
    raised = 0.15 * (of["mouthUpperUpLeft"] + of["mouthUpperUpRight"])
    lowered = 0.15 * (of["mouthLowerDownLeft"] + of["mouthLowerDownRight"])
    return np.maximum(of["jawOpen"] - of["mouthClose"] + raised + lowered + 0.1 * of["mouthFunnel"], 0.0)
