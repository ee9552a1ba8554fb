"""Expression of PAL's robots, for their topic /robot_face/expression: a name, valence and arousal, when it changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.face.expressions import AFFECT
from speech_gesture_ros.face.rigs.expression_weights import expression_weights, shown_expression

LEAST_CHANGE = 0.15  # of the strength


@dataclass(frozen=True)
class ShownExpression:
    """An expression.

    Attributes:
        name: One of those of `face.expressions`.
        valence: -1 to 1.
        arousal: -1 to 1.
    """

    name: str
    valence: float
    arousal: float


class PalExpression:
    """Frames of a face to expressions, for one stream."""

    def __init__(self) -> None:
        self._sent: tuple[str, float] | None = None

    def change(self, shapes: npt.NDArray[np.floating]) -> ShownExpression | None:
        """Return the expression of a frame (52,); None if it is the one returned last."""
        name, weight = shown_expression(expression_weights(np.asarray(shapes)[None])[0])
        if self._sent is not None and name == self._sent[0] and abs(weight - self._sent[1]) < LEAST_CHANGE:
            return None
        self._sent = name, weight
        valence, arousal = AFFECT[name]
        return ShownExpression(name, weight * valence, weight * arousal)
