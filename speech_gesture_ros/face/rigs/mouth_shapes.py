"""Content of a mouth from blendshapes alone: shares of the 15 visemes, and weights of five vowels.

Each viseme has a typical mouth: that of its phone, held (`TYPICAL_PHONES`, by the rules of `face.dominance`). Shares of
visemes fall with the squared distance from these. The weights of the vowels are those whose sum of typical mouths
is nearest (least squares, none negative), so that a closed mouth has none.

The tongue is inside the mouth: DD, kk and nn look alike, and so are confused with each other. Where the speech is at
hand, the visemes of the model (`~/face/visemes`) are better.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from speech_gesture_ros.core.face_channels import ARTICULATOR_COLUMNS, BLENDSHAPE_INDEX, VISEMES
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.arkit_map import blendshapes_from_articulators
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.rigs.linear_table import SIDES

Array = npt.NDArray[np.float64]

TYPICAL_PHONES = {"sil": "pau", "PP": "p", "FF": "f", "TH": "th", "DD": "d", "kk": "k", "CH": "ch", "SS": "s",
                  "nn": "n", "RR": "r", "aa": "aa", "E": "eh", "ih": "ih", "oh": "ao", "ou": "uw"}
VOWELS = ("aa", "ih", "ou", "E", "oh")
SHARPNESS = 120.0  # of the shares; squared distances are 0.002 between neighbours such as DD and kk, 0.4 across

# What is compared, and its weight: the mouth without its smile, which belongs to expressions as well.
FEATURES = {"open": 1.0, "mouthPress": 1.0, "mouthRollLower": 0.8, "mouthFunnel": 0.6, "mouthPucker": 0.8,
            "mouthStretch": 1.0, "mouthUpperUp": 0.6, "mouthLowerDown": 0.5, "tongueOut": 0.7}


def visemes_from_shapes(shapes: npt.NDArray[np.floating]) -> Array:
    """Return the shares (T, 15) of the visemes, whose sum is 1, in blendshapes (T, 52)."""
    distance = np.square(_features(shapes)[:, None] - _typical_mouths()).sum(axis=2)
    weights = np.exp(-SHARPNESS * (distance - distance.min(axis=1, keepdims=True)))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def vowels_from_shapes(shapes: npt.NDArray[np.floating]) -> Array:
    """Return the weights (T, 5), 0 to 1, of `VOWELS` in the mouth of blendshapes (T, 52); all 0 for closed lips."""
    mouths = _typical_mouths()[[VISEMES.index(name) for name in VOWELS]].T
    weights = [nnls(mouths, row)[0] for row in _features(shapes)]
    return np.asarray(np.minimum(np.array(weights).reshape(-1, len(VOWELS)), 1.0))


def _features(shapes: npt.NDArray[np.floating]) -> Array:
    """(T, 52) blendshapes to (T, F) weighted features."""
    values = np.asarray(shapes, dtype=np.float64)

    def named(name: str) -> Array:
        if name == "open":
            return np.maximum(values[:, BLENDSHAPE_INDEX["jawOpen"]] - values[:, BLENDSHAPE_INDEX["mouthClose"]], 0.0)
        if name in BLENDSHAPE_INDEX:
            return values[:, BLENDSHAPE_INDEX[name]]
        return np.asarray(values[:, [BLENDSHAPE_INDEX[f"{name}{side}"] for side in SIDES]].mean(axis=1))

    return np.stack([weight * named(name) for name, weight in FEATURES.items()], axis=1)


@cache
def _typical_mouths() -> Array:
    """(15, F) features of each viseme."""
    middle = round(0.4 * FACE_RATE)
    held = [articulate([TimedPhone(phone, 0.2, 0.6)], 2 * middle)[middle, ARTICULATOR_COLUMNS]
            for phone in (TYPICAL_PHONES[viseme] for viseme in VISEMES)]
    return _features(blendshapes_from_articulators(np.stack(held)))
