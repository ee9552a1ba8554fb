"""Controls of gesturing that may change at run time: activity, amplitude, handedness, styles, accent lock."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError

MAX_SCALE = 1.5  # largest activity and amplitude
USUAL_ACCENT_LOCK = 0.4


@dataclass(frozen=True)
class GestureControls:
    """Controls of gesturing, as set by parameters or a dialogue system.

    Attributes:
        activity: Frequency and size of beats on accents, 0 to 1.5; 0: none, 1: as a lively speaker.
        amplitude: Scale of arm motion about the rest pose, 0 to 1.5; 1: as the model made it.
        handedness: -1: the left hand leads, 0: both equally, 1: the right hand leads.
        styles: Relative weight of gesture families, by name; the others keep weight 1.
        accent_lock: How many strokes wait for an accent of the voice, 0: as few as those of people, 1: all, which makes
            the timing easier to see.

    Raises:
        ConfigError: If a value is out of its range.
    """

    activity: float = 1.0
    amplitude: float = 1.0
    handedness: float = 0.0
    styles: tuple[tuple[str, float], ...] = ()
    accent_lock: float = USUAL_ACCENT_LOCK

    def __post_init__(self) -> None:
        for name, low, high in (("activity", 0.0, MAX_SCALE), ("amplitude", 0.0, MAX_SCALE), ("handedness", -1.0, 1.0),
                                ("accent_lock", 0.0, 1.0)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(name, value, f"{low} to {high}", "Choose a value in that range.")
        for family, weight in self.styles:
            if not (math.isfinite(weight) and weight >= 0.0):
                raise ConfigError(f"weight of style {family!r}", weight, "0 or more", "0 leaves the family out.")


def parse_styles(text: str) -> tuple[tuple[str, float], ...]:
    """Return the weights of gesture families from text like "beat:1, open:0.5"; empty text: all equal.

    Raises:
        ConfigError: If the text has another form, a weight below 0, or a family twice.
    """
    styles: dict[str, float] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        family, colon, weight = (piece.strip() for piece in entry.rpartition(":"))
        try:
            value = float(weight)
        except ValueError:
            value = math.nan
        if not (colon and family and math.isfinite(value) and value >= 0.0) or family in styles:
            raise ConfigError("styles", text, "families with weights of 0 or more, like 'beat:1, open:0.5'",
                              f"Correct {entry!r}.")
        styles[family] = value
    return tuple(styles.items())
