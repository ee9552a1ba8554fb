"""Commands of the face of iCub: texts "set <part> <emotion>" for the port /icub/face/emotions/in.

Parts are the mouth (`mou`), the brows (`leb`, `reb`) and the lids (`eli`, not used here). LEDs show whole emotions
only, so that speech switches the mouth between the emotion's own form and surprise, which is an open mouth
(`OPEN_FROM`, with hysteresis), at most `MAX_RATE_HZ` times a second. A command is returned only when it differs from
the last one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.rigs.expression_weights import expression_weights, shown_expression

EMOTIONS = {"neutral": "neu", "happy": "hap", "sad": "sad", "surprised": "sur", "scared": "sur", "angry": "ang",
            "disgusted": "evi"}
OPEN_FROM, CLOSED_BELOW = 0.25, 0.15  # distance of the lips, in units of a full jaw opening
MAX_RATE_HZ = 10.0


class IcubFace:
    """Frames of a face to commands, for one stream."""

    def __init__(self) -> None:
        self._sent: dict[str, str] = {}
        self._sent_s: float | None = None
        self._is_open = False

    def commands(self, shapes: npt.NDArray[np.floating], time_s: float) -> list[str]:
        """Return the commands for a frame (52,) at a time [s]; none if nothing has changed."""
        row = np.asarray(shapes)[None]
        gap = float(lip_gap(row)[0])
        self._is_open = gap > (CLOSED_BELOW if self._is_open else OPEN_FROM)
        if self._sent_s is not None and 0.0 <= time_s - self._sent_s < 1.0 / MAX_RATE_HZ:
            return []
        emotion = EMOTIONS[shown_expression(expression_weights(row)[0])[0]]
        wanted = {"leb": emotion, "reb": emotion, "mou": "sur" if self._is_open else emotion}
        changed = {part: value for part, value in wanted.items() if self._sent.get(part) != value}
        if changed:
            self._sent, self._sent_s = wanted, time_s
        return [f"set {part} {value}" for part, value in changed.items()]
