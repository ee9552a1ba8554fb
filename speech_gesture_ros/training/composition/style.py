"""How someone performs: lively or calm, and where the hands rest."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError


@dataclass(frozen=True)
class Style:
    """How someone performs.

    Attributes:
        activity: Size of the strokes; 1 is a lively talker, 0.5 a calm one, 0 a listener.
        rest: Where the hands rest: "together" before the belly or "hanging" beside the hips.
    """

    activity: float = 1.0
    rest: str = "together"

    def __post_init__(self) -> None:
        if not 0.0 <= self.activity <= 1.5:
            raise ConfigError("activity of the style", self.activity, "in [0, 1.5]", "1 is a lively talker.")
        if self.rest not in ("together", "hanging"):
            raise ConfigError("rest of the style", self.rest, "'together' or 'hanging'", "Choose one.")


LIVELY = Style()
