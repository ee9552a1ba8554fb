"""Style of speaking of a face: how far jaw and lips move and how quickly, three numbers that blend.

JALI (Edwards et al., 2016) controls jaw and lips separately: little jaw and much lip is careful speech, much jaw and
little lip is shouting, little of both is mumbling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass

from speech_gesture_ros.core.errors import ConfigError

MAX_GAIN = 2.0
SPEED_RANGE = (0.25, 4.0)


@dataclass(frozen=True)
class FaceStyle:
    """Style of speaking; contacts of lips and teeth are made in every style.

    Attributes:
        jaw: Factor of the jaw's opening, 0 to 2.
        lips: Factor of rounding, spreading, protrusion and raising, 0 to 2.
        speed: Factor of the speed at which jaw and lips follow, 0.25 to 4.
    """

    jaw: float = 1.0
    lips: float = 1.0
    speed: float = 1.0

    def __post_init__(self) -> None:
        for name, low, high in (("jaw", 0.0, MAX_GAIN), ("lips", 0.0, MAX_GAIN), ("speed", *SPEED_RANGE)):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"style: {name}", getattr(self, name), f"{low:g} to {high:g}", "1 is usual.")


STYLES = {
    "usual": FaceStyle(), "clear": FaceStyle(1.15, 1.35, 1.3), "mumble": FaceStyle(0.45, 0.55, 0.7),
    "shout": FaceStyle(1.6, 1.1, 1.3), "careful": FaceStyle(0.8, 1.5, 1.0), "relaxed": FaceStyle(0.75, 0.8, 0.6),
}


def blend_styles(weights: Mapping[str, float]) -> FaceStyle:
    """Return the weighted mean of named styles.

    Args:
        weights: Name in `STYLES` to its weight, from 0 on, not all 0.

    Raises:
        ConfigError: If a name is unknown, a weight is negative or not finite, or all are 0.
    """
    unknown = sorted(set(weights) - set(STYLES))
    if unknown:
        raise ConfigError("style", unknown[0], f"one of {', '.join(STYLES)}", "Check the spelling.")
    total = sum(weights.values())
    if not (0.0 < total < float("inf") and min(weights.values()) >= 0.0):
        raise ConfigError("weights of the styles", dict(weights), "0 or more, not all 0", "Correct the weights.")
    rows = [(w / total, astuple(STYLES[name])) for name, w in weights.items()]
    return FaceStyle(*(sum(w * row[i] for w, row in rows) for i in range(3)))
