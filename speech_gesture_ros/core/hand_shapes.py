"""Hand shapes: how the fingers are held, one of five, and how far each shape closes the fingers.

A hand shape is drawn with a gesture and used where a robot has fingers that are commanded. 0 is a straight finger, 1
one that is closed.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE


class HandShape(IntEnum):
    """Shape of a hand."""

    REST = 0  # a little bent, as of a hand that hangs
    FLAT = 1
    FIST = 2  # loose
    POINT = 3  # the index finger
    COUNT = 4  # thumb and index finger, as of someone who counts


FINGERS = ("thumb", "index", "others")
CLOSURES: npt.NDArray[np.float64] = np.array([  # of the fingers, by shape
    [0.3, 0.3, 0.3],
    [0.0, 0.0, 0.05],
    [0.6, 0.8, 0.8],
    [0.6, 0.0, 0.8],
    [0.0, 0.0, 0.8],
])

TIME_CONSTANT_S = 0.12  # of closing and opening
SHARE = 1.0 - float(np.exp(-1.0 / (TIME_CONSTANT_S * POSE_RATE)))  # of the way in a frame


class SmoothClosures:
    """Closures of the fingers of both hands that follow the shapes of the hands, frame by frame."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to hands at rest."""
        self._closures = np.tile(CLOSURES[HandShape.REST], (2, 1))

    def step(self, shapes: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Return (2, 3) closures of the next frame, of left and right hand, for their shapes (2,)."""
        self._closures = self._closures + SHARE * (CLOSURES[shapes] - self._closures)
        return self._closures
