"""Expressions that a face shows, from blendshapes alone, for faces that know expressions by name.

Only channels that speech, blinks and accents leave alone are compared (`CHANNELS`). The weights are those whose sum of
expressions is nearest (least squares, none negative): a face that shows half of `happy` has 0.5.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.expressions import EXPRESSIONS, NEUTRAL, expression_shapes

Array = npt.NDArray[np.float64]

NAMES = tuple(name for name in EXPRESSIONS if name != NEUTRAL)
CHANNELS = ("browDown", "eyeWide", "eyeSquint", "cheekSquint", "noseSneer", "mouthFrown", "mouthShrugLower")
SHOWN_FROM = 0.35  # weight below which a face is neutral

_COLUMNS = [i for name, i in BLENDSHAPE_INDEX.items() if name.removesuffix("Left").removesuffix("Right") in CHANNELS]


def expression_weights(shapes: npt.NDArray[np.floating]) -> Array:
    """Return the weights (T, 6), 0 to 1, of `NAMES` in blendshapes (T, 52)."""
    values = np.asarray(shapes, dtype=np.float64)[:, _COLUMNS]
    weights = [nnls(_expressions(), row)[0] for row in values]
    return np.asarray(np.minimum(np.array(weights).reshape(-1, len(NAMES)), 1.0))


def shown_expression(weights: npt.NDArray[np.floating]) -> tuple[str, float]:
    """Return the strongest expression of weights (6,) and its weight; `neutral` and the rest below `SHOWN_FROM`."""
    strongest = int(np.argmax(weights))
    value = float(weights[strongest])
    return (NAMES[strongest], value) if value >= SHOWN_FROM else (NEUTRAL, 1.0 - value)


@cache
def _expressions() -> Array:
    """(C, 6) channels of each expression."""
    return np.stack([expression_shapes(name)[_COLUMNS] for name in NAMES], axis=1).astype(np.float64)
