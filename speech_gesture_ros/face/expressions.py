"""Expressions of the whole face, which blend with speech: by name, or by valence and arousal.

An expression is a set of blendshapes, after the action units of the Facial Action Coding System that are listed for it
(Ekman and Friesen, EMFACS): happy 6+12, sad 1+4+15, surprised 1+2+5+26, scared 1+2+4+5+20, angry 4+5+7+23, disgusted
9+15. Weights are settings. Those of the mouth are reduced while the face speaks, so that speech stays readable. The
names are those of `hri_msgs/Expression`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES

Array = npt.NDArray[np.float32]

NEUTRAL = "neutral"
MOUTH_IN_SPEECH = 0.45  # share of an expression's mouth that is left at full loudness

_BOTH_SIDES = ("Left", "Right")
EXPRESSIONS: dict[str, dict[str, float]] = {
    NEUTRAL: {},
    "happy": {"mouthSmile": 0.7, "cheekSquint": 0.5, "eyeSquint": 0.25, "browInnerUp": 0.1, "mouthDimple": 0.15},
    "sad": {"browInnerUp": 0.7, "browDown": 0.2, "mouthFrown": 0.6, "mouthShrugLower": 0.3, "eyeSquint": 0.15,
            "eyeLookDown": 0.2},
    "surprised": {"browInnerUp": 0.8, "browOuterUp": 0.8, "eyeWide": 0.7, "jawOpen": 0.25},
    "scared": {"browInnerUp": 0.8, "browOuterUp": 0.4, "browDown": 0.25, "eyeWide": 0.8, "mouthStretch": 0.5},
    "angry": {"browDown": 0.85, "eyeWide": 0.2, "eyeSquint": 0.35, "mouthPress": 0.45, "noseSneer": 0.3},
    "disgusted": {"noseSneer": 0.8, "mouthUpperUp": 0.4, "mouthFrown": 0.3, "browDown": 0.4, "eyeSquint": 0.3},
}

# Places on the plane of valence and arousal (Russell, "A circumplex model of affect", 1980, Fig. 2, read by eye).
AFFECT = {NEUTRAL: (0.0, 0.0), "happy": (0.8, 0.3), "sad": (-0.7, -0.5), "surprised": (0.2, 0.85),
          "scared": (-0.5, 0.75), "angry": (-0.75, 0.6), "disgusted": (-0.75, 0.25)}
_AFFECT_REACH = 0.6  # distance at which an expression counts no more


def expression_shapes(name: str) -> Array:
    """Return the blendshapes (52,) of an expression at full strength.

    Raises:
        ConfigError: If its name is unknown.
    """
    if name not in EXPRESSIONS:
        raise ConfigError("expression", name, f"one of {', '.join(EXPRESSIONS)}", "Check the spelling.")
    out = np.zeros(len(BLENDSHAPES), np.float32)
    for shape, weight in EXPRESSIONS[name].items():
        for side in _BOTH_SIDES if shape not in BLENDSHAPE_INDEX else ("",):
            out[BLENDSHAPE_INDEX[shape + side]] = weight
    return out


def affect_shapes(valence: float, arousal: float) -> Array:
    """Return the blendshapes (52,) of a place on the plane of valence and arousal, each in [-1, 1].

    Raises:
        ConfigError: If a value is out of range.
    """
    for name, value in (("valence", valence), ("arousal", arousal)):
        if not -1.0 <= value <= 1.0:
            raise ConfigError(name, value, "-1 to 1", "0, 0 is neutral.")
    weights = {name: max(0.0, 1.0 - float(np.hypot(valence - v, arousal - a)) / _AFFECT_REACH)
               for name, (v, a) in AFFECT.items()}
    total = max(1.0, sum(weights.values()))
    return np.asarray(sum(w / total * expression_shapes(name) for name, w in weights.items()), dtype=np.float32)


# Share of each shape of an expression that full loudness takes away.
_LOST_IN_SPEECH = np.array([(1.0 - MOUTH_IN_SPEECH) * name.startswith(("mouth", "jaw")) for name in BLENDSHAPES],
                           np.float32)


def blend_expression(speech: Array, expression: Array, loudness: Array) -> Array:
    """Add an expression to a speaking face.

    Args:
        speech: (T, 52) blendshapes of speech and upper face.
        expression: (T, 52) blendshapes of the expression.
        loudness: (T,) of the voice, 0 to 1; it reduces the mouth of the expression.

    Returns:
        (T, 52) in [0, 1]: 1 - (1 - speech)(1 - expression), so that two halves do not exceed one whole.
    """
    kept = 1.0 - loudness.clip(0.0, 1.0)[:, None] * _LOST_IN_SPEECH
    return np.asarray(1.0 - (1.0 - speech) * (1.0 - expression * kept), dtype=np.float32)
