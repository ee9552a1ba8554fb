"""Settings of an avatar from a seed: sliders, colours and the face at rest, within a range that looks like a person.

A slider is drawn from a normal distribution with the spread of its part of the face, clipped to twice that: many large
values together leave the range of faces, each alone does not. One of the shapes of the head is mixed in.
Sliders of rare features and of age stay 0 (`LEFT_OUT`). Colours are drawn independently of the shape and of each other.
"""

from __future__ import annotations

import colorsys
from collections.abc import Collection

import numpy as np

from speech_gesture_ros.avatar.identity import AvatarColours, AvatarSettings
from speech_gesture_ros.core.errors import ConfigError

SPREAD = {"cheek": 0.3, "chin": 0.25, "ears": 0.2, "eyebrows": 0.25, "eyes": 0.2, "forehead": 0.25, "head": 0.15,
          "mouth": 0.25, "neck": 0.15, "nose": 0.25}  # standard deviation of the sliders of a folder
CLIP = 2.0  # times the spread
DIGITS = 3
LEFT_OUT = ("chin/chin-cleft", "chin/chin-jaw-drop", "chin/chin-triangle", "ears/ear-shape", "ears/ear-wing",
            "eyes/eye-epicanthus", "eyes/eye-bag", "eyes/eye-push", "forehead/forehead-nubian", "head/head-age",
            "head/head-angle", "head/head-trans", "mouth/mouth-laugh-lines", "mouth/mouth-dimples", "neck/neck-double",
            "neck/neck-trans", "neck/neck-back")  # begins of names
HEAD_SHAPES = ("diamond", "invertedtriangular", "oval", "rectangular", "round", "square", "triangular")
MAX_HEAD_SHAPE = 0.5
SMILE = (0.05, 0.2)  # of the face at rest

SKINS = ("#f0cbb4", "#d9a98c", "#b98463", "#8d5b3f", "#5b3a29")  # mixed with the next one
LIPS, LIP_SHARE = "#a5474a", 0.4
HAIRS = ("#1c1714", "#2f231c", "#45342a", "#6b4a2f", "#8f6840", "#b8935f", "#8b4a2b", "#77726e")
IRISES = ("#5b7388", "#3f2a1c", "#6b4a2b", "#5f7350", "#7c8a94")
TROUSERS = ("#3c4350", "#2b2f36", "#4f4a42", "#38424a", "#50565e")
SHOES = ("#2b2c2f", "#4a3527", "#3d3d42")


def random_settings(sliders: Collection[str], seed: int) -> AvatarSettings:
    """Draw the settings of an avatar.

    Args:
        sliders: Names, as `identity.list_sliders` gives them.
        seed: Same seed and sliders, same settings.

    Raises:
        ConfigError: If the seed is negative.
    """
    if seed < 0:
        raise ConfigError("seed", seed, "0 or more", "Choose another one.")
    rng = np.random.default_rng([seed, 11])
    identity = {}
    for name in sorted(sliders):
        folder, _, part = name.partition("/")
        value = float(np.clip(rng.normal(), -CLIP, CLIP)) * SPREAD.get(folder, 0.0)
        if not name.startswith(LEFT_OUT) and part.removeprefix("head-") not in HEAD_SHAPES:
            identity[name] = round(value, DIGITS)
    shape = f"head/head-{HEAD_SHAPES[rng.integers(len(HEAD_SHAPES))]}"
    share = round(float(rng.uniform(0.0, MAX_HEAD_SHAPE)), DIGITS)
    if shape in sliders:
        identity[shape] = share
    smile = round(float(rng.uniform(*SMILE)), DIGITS)
    return AvatarSettings(identity, {"mouthSmileLeft": smile, "mouthSmileRight": smile}, _random_colours(rng))


def _random_colours(rng: np.random.Generator) -> AvatarColours:
    tone = float(rng.uniform(0.0, len(SKINS) - 1.001))
    skin = _mixed(SKINS[int(tone)], SKINS[int(tone) + 1], tone % 1.0)
    hair, iris, trousers, shoes = (str(rng.choice(list(names))) for names in (HAIRS, IRISES, TROUSERS, SHOES))
    hue, saturation, value = rng.uniform((0.0, 0.3, 0.35), (1.0, 0.6, 0.7)).tolist()
    pullover = "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hsv_to_rgb(hue, saturation, value))
    return AvatarColours(skin, _mixed(skin, LIPS, LIP_SHARE), hair, iris, pullover, trousers, shoes)


def _mixed(first: str, second: str, share: float) -> str:
    """Colour between two, "#rrggbb"."""
    pairs = [(int(first[i:i + 2], 16), int(second[i:i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round((1.0 - share) * a + share * b):02x}" for a, b in pairs)
