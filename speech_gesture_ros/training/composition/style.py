"""Style of composed motion: activity, and where the hands rest."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError

MAX_ACTIVITY = 1.5
REST_NAMES = ("together", "hanging")


@dataclass(frozen=True)
class Style:
    """Style of one motion.

    Attributes:
        activity: Size of the strokes; 1 is a lively talker, 0.5 a calm one, 0 a listener.
        rest: Where the hands rest: "together" before the belly or "hanging" beside the hips.
    """

    activity: float = 1.0
    rest: str = "together"

    def __post_init__(self) -> None:
        if not 0.0 <= self.activity <= MAX_ACTIVITY:
            raise ConfigError("activity of the style", self.activity, f"in [0, {MAX_ACTIVITY}]",
                              "1 is a lively talker.")
        if self.rest not in REST_NAMES:
            raise ConfigError("rest of the style", self.rest, f"one of {REST_NAMES}", "Choose one.")


DEFAULT_STYLE = Style()
