"""Expressions of VRM avatars from blendshapes (specification VRMC_vrm 1.0, expressions), and their names in VRM 0.

The mouth has five vowels, `aa ih ou ee oh`, which are weighted so that their sum resembles the mouth
(`rigs.mouth_shapes`); closed lips have none. Emotions are `rigs.expression_weights`: VRM has no disgust, which shows
as half angry, and no fear, which shows as surprised; `relaxed` is never made. The lids are `blinkLeft` and
`blinkRight`, so that `blink` of both stays 0.

Avatars made for "perfect sync" have the 52 shapes of ARKit as custom expressions as well; they need no table.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.rigs.expression_weights import NAMES, expression_weights
from speech_gesture_ros.face.rigs.linear_table import LinearTable
from speech_gesture_ros.face.rigs.mouth_shapes import VOWELS, vowels_from_shapes

Array = npt.NDArray[np.float64]

VOWEL_NAMES = dict(zip(VOWELS, ("aa", "ih", "ou", "ee", "oh")))
EMOTIONS = {"happy": {"happy": 1.0}, "angry": {"angry": 1.0, "disgusted": 0.5}, "sad": {"sad": 1.0},
            "relaxed": {}, "surprised": {"surprised": 1.0, "scared": 1.0}}
EYES = LinearTable({
    "blinkLeft": {"eyeBlinkLeft": 1.0}, "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": {"eyeLookUp": 1.0}, "lookDown": {"eyeLookDown": 1.0},
    "lookLeft": {"eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5},
    "lookRight": {"eyeLookInLeft": 0.5, "eyeLookOutRight": 0.5},
})
VRM_EXPRESSIONS = (*VOWEL_NAMES.values(), *EYES.channels, *EMOTIONS)

# Presets of VRM 0 with the same meaning (specification VRM 0.0, blendShapeMaster), as motion receivers name them.
VRM0_NAMES = {
    "aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O", "blinkLeft": "Blink_L", "blinkRight": "Blink_R",
    "lookUp": "LookUp", "lookDown": "LookDown", "lookLeft": "LookLeft", "lookRight": "LookRight",
    "happy": "Joy", "angry": "Angry", "sad": "Sorrow", "relaxed": "Fun", "surprised": "Surprised",
}


def vrm_from_shapes(shapes: npt.NDArray[np.floating]) -> Array:
    """Return the weights (T, 16), 0 to 1, of `VRM_EXPRESSIONS` for blendshapes (T, 52)."""
    weights = expression_weights(shapes)
    shares = np.array([[row.get(name, 0.0) for row in EMOTIONS.values()] for name in NAMES])
    emotions = np.minimum(weights @ shares, 1.0)
    return np.concatenate([vowels_from_shapes(shapes), EYES.values(shapes), emotions], axis=1)


def perfect_sync_names() -> tuple[str, ...]:
    """Return the names of the 52 shapes as custom expressions, such as "EyeBlinkLeft"."""
    return tuple(name[0].upper() + name[1:] for name in BLENDSHAPE_INDEX)
