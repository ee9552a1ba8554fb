"""Hand shapes: how the fingers are held, one of five, and how far each shape closes the fingers.

A hand shape is drawn with a gesture and used where a robot has fingers that are commanded. 0 is a straight finger, 1
one that is closed.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt


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
