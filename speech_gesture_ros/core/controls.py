"""What a user may turn while the robot gestures: how much, how large, with which hand, in which manner."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError


@dataclass(frozen=True)
class GestureControls:
    """How someone gestures, as a dialogue system or a slider sets it.

    Attributes:
        activity: How readily and how widely accents are beaten; 0 rests, 1 is a lively talker.
        amplitude: Size of what the arms do, about their resting place; 1 as the model made it.
        handedness: -1 the left hand leads, 0 both alike, 1 the right hand leads.
        styles: Relative weight of families of gestures, by name; families that are not named keep weight 1.

    Raises:
        ConfigError: If a value is out of its range.
    """

    activity: float = 1.0
    amplitude: float = 1.0
    handedness: float = 0.0
    styles: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for name, low, high in (("activity", 0.0, 1.5), ("amplitude", 0.0, 1.5), ("handedness", -1.0, 1.0)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(name, value, f"{low} to {high}", "Choose a value in that range.")
        for family, weight in self.styles:
            if not (math.isfinite(weight) and weight >= 0.0):
                raise ConfigError(f"weight of style {family!r}", weight, "0 or more", "0 leaves the family out.")
