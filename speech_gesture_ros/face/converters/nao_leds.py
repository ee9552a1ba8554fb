"""LEDs of NAO and Pepper, which have no mouth: eyes with the colour of the expression that blink, brighter in speech.

A fade is returned only when the colour has changed, at most `MAX_RATE_HZ` times a second; so a blink is one short fade
to dark and one back. Colours are settings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.rigs.expression_weights import expression_weights, shown_expression

Colour = tuple[float, float, float]

GROUP = "FaceLeds"  # both eyes
MAX_RATE_HZ = 10.0
COLOURS: dict[str, Colour] = {
    "neutral": (1.0, 1.0, 1.0), "happy": (1.0, 0.85, 0.2), "sad": (0.2, 0.35, 1.0), "surprised": (0.6, 1.0, 1.0),
    "scared": (0.6, 0.3, 1.0), "angry": (1.0, 0.1, 0.1), "disgusted": (0.4, 0.9, 0.2),
}
QUIET, SPEAKING = 0.6, 1.0  # brightness with closed and with open lips
CLOSED_EYES = 0.7  # of the blink
LEAST_CHANGE = 0.08  # of a colour


@dataclass(frozen=True)
class LedFade:
    """One fade of the LEDs.

    Attributes:
        group: Name of the LEDs.
        colour: Red, green and blue, 0 to 1.
        seconds: Its duration [s].
    """

    group: str
    colour: Colour
    seconds: float


class NaoLeds:
    """Frames of a face to fades, for one stream."""

    def __init__(self) -> None:
        self._sent: Colour | None = None
        self._sent_s = 0.0

    def fade(self, shapes: npt.NDArray[np.floating], time_s: float) -> LedFade | None:
        """Return the fade for a frame (52,) at a time [s]; None if nothing has changed enough."""
        if self._sent is not None and 0.0 <= time_s - self._sent_s < 1.0 / MAX_RATE_HZ:
            return None
        colour = eye_colour(shapes)
        if self._sent is not None and max(abs(a - b) for a, b in zip(colour, self._sent)) < LEAST_CHANGE:
            return None
        self._sent, self._sent_s = colour, time_s
        return LedFade(GROUP, colour, 1.0 / MAX_RATE_HZ)


def eye_colour(shapes: npt.NDArray[np.floating]) -> Colour:
    """Return the colour of the eyes for blendshapes (52,)."""
    row = np.asarray(shapes)[None]
    name, weight = shown_expression(expression_weights(row)[0])
    share = weight if name != "neutral" else 0.0
    blink = float(row[0, [BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]]].min())
    opened = min(1.0, 2.0 * float(lip_gap(row)[0]))
    bright = 0.0 if blink > CLOSED_EYES else QUIET + (SPEAKING - QUIET) * opened
    red, green, blue = (bright * ((1.0 - share) * a + share * b) for a, b in zip(COLOURS["neutral"], COLOURS[name]))
    return red, green, blue
