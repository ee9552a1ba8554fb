"""Settings of an avatar: sliders of its identity, colours of its parts.

A slider is a shape of the base mesh, or two opposite ones (`...-decr` and `...-incr`), in a folder of the data: its
value is in [-1, 1], or [0, 1] where there is no opposite. Shapes of the left and of the right side are one slider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.makehuman import read_offsets
from speech_gesture_ros.core.errors import ConfigError

Array = npt.NDArray[np.float64]

OPPOSITES = (("decr", "incr"), ("down", "up"), ("in", "out"), ("backward", "forward"), ("compress", "uncompress"),
             ("concave", "convex"))
FOLDERS = ("cheek", "chin", "ears", "eyebrows", "eyes", "forehead", "head", "mouth", "neck", "nose")
COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class AvatarColours:
    """Colours of the parts, "#rrggbb" in sRGB."""

    skin: str = "#d9a98c"
    lips: str = "#b97468"
    hair: str = "#45342a"
    iris: str = "#5b7388"
    pullover: str = "#2f6f86"
    trousers: str = "#3c4350"
    shoes: str = "#2b2c2f"

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if not COLOUR.fullmatch(value.lower()):
                raise ConfigError(f"colour of {name}", value, "of the form #rrggbb", "Write six hexadecimal digits.")

    def rgb(self, name: str) -> Array:
        """(3,) sRGB values of a part in [0, 1]."""
        text = getattr(self, name)
        return np.array([int(text[i:i + 2], 16) for i in (1, 3, 5)]) / 255.0


@dataclass(frozen=True)
class AvatarSettings:
    """Appearance of an avatar.

    Attributes:
        identity: Slider, such as "head/head-oval", to its value.
        rest: Shape of the face to its share in the neutral face.
        colours: Of the parts.
    """

    identity: dict[str, float] = field(default_factory=dict)
    rest: dict[str, float] = field(default_factory=lambda: {"mouthSmileLeft": 0.14, "mouthSmileRight": 0.14})
    colours: AvatarColours = field(default_factory=AvatarColours)


@dataclass(frozen=True)
class Slider:
    """Shapes that one slider moves.

    Attributes:
        low: Files of the negative direction; none if values start at 0.
        high: Files of the positive direction.
    """

    low: tuple[Path, ...]
    high: tuple[Path, ...]


def list_sliders(folder: Path) -> dict[str, Slider]:
    """Return the sliders that the data in a folder have, by name, sorted."""
    found: dict[str, tuple[list[Path], list[Path]]] = {}
    for part in FOLDERS:
        for path in sorted((folder / "targets" / part).glob("*.target*")):
            stem = path.name.partition(".")[0]
            stem = stem[2:] if stem[:2] in ("l-", "r-") else stem
            base, _, last = stem.rpartition("-")
            side = next((pair.index(last) for pair in OPPOSITES if last in pair), None)
            name = f"{part}/{stem if side is None else base}"
            found.setdefault(name, ([], []))[1 if side is None else side].append(path)
    return {name: Slider(tuple(low), tuple(high)) for name, (low, high) in sorted(found.items())}


def identity_offsets(folder: Path, identity: Mapping[str, float], vertices: int) -> Array:
    """Return the sum of the shapes of an identity, (vertices, 3) [m].

    Args:
        folder: Data of MakeHuman.
        identity: Slider to its value.
        vertices: Number of vertices of the base mesh.

    Raises:
        ConfigError: If there is no such slider, or a value is out of its range.
    """
    sliders = list_sliders(folder) if identity else {}
    out = np.zeros((vertices, 3))
    for name, value in sorted(identity.items()):
        if name not in sliders:
            near = [other for other in sliders if other.partition("/")[0] == name.partition("/")[0]]
            raise ConfigError("slider of the identity", name, f"one of {near or sorted(FOLDERS)}", "Check the name.")
        slider = sliders[name]
        least = -1.0 if slider.low else 0.0
        if not least <= value <= 1.0:
            raise ConfigError(f"value of {name}", value, f"from {least:g} to 1", "Choose one in the range.")
        for path in slider.high if value > 0 else slider.low:
            shape = read_offsets(path, vertices)
            out[shape.index] += abs(value) * shape.offset
    return out
