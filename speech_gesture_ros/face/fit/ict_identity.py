"""Identity of the ICT-FaceKit face for the axes of a fitted face.

Each axis is a distance on the face. The 100 identity modes, whose coefficients are standard normal over scanned faces
(Li et al., CVPR 2020), change the distances linearly: an axis of 1 asks for `DEVIATIONS` standard deviations of its
distance. Over those faces distances go together with others: the coefficients with the smallest sum of squares would
change nose, lips and eyes as well, as in groups of people. So these are kept (`KEPT`), and of all coefficients that do
both, those with the smallest sum of squares are taken.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.face.fit.axes import FACE_AXES

Array = npt.NDArray[np.float64]

DEVIATIONS = 1.5
MAX_COEFFICIENT = 3.0
# Axis to distances (first vertex, second vertex, 0 across or 1 upwards), and the sign of their sum. Vertices are facial
# landmarks of the README of ICT-FaceKit (MIT): chin and bridge of the nose; jaw; corners of mouth and eyes.
DISTANCES: dict[str, tuple[float, tuple[tuple[int, int, int], ...]]] = {
    "head_length": (1.0, ((966, 978, 1),)),
    "jaw": (1.0, ((1722, 3927, 0), (2199, 4390, 0))),
    "mouth": (1.0, ((5708, 6213, 0),)),
    "proportions": (-1.0, ((1507, 1528, 0), (3742, 3721, 0))),
}
# Nose: width, length, depth. Lips: heights, depth. Eyes: heights, distance; brows above them.
KEPT = ((1140, 3360, 0), (978, 1147, 1), (978, 4857, 2), (0, 5533, 1), (5517, 5518, 1), (978, 0, 2), (978, 5518, 2),
        (1542, 1511, 1), (3751, 3732, 1), (1528, 3742, 0), (1914, 1542, 1), (4240, 3751, 1))
NECK_PART = (9409, 11248)  # vertices of head and neck
NECK_BELOW_CHIN = (0.25, 0.55)  # in lengths from chin to nose bridge


def ict_coefficients(neutral: Array, modes: npt.NDArray[np.floating], axes: Mapping[str, float]) -> Array:
    """Return the coefficients (M,) of the identity modes, -3 to 3.

    Args:
        neutral: (n, 3) vertices, Y up.
        modes: (M, n, 3) offsets for a coefficient of 1.
        axes: Of the face, -1 to 1.

    Raises:
        InputError: If the vertices are not those of ICT-FaceKit.
    """
    if len(neutral) < NECK_PART[1] or modes.ndim != 3 or modes.shape[1:] != neutral.shape:
        raise InputError("vertices of ICT-FaceKit", neutral.shape, "26719 vertices and their modes", "Check the data.")
    rows = np.stack([_changes(neutral, modes, axis) for axis in FACE_AXES])
    wanted = np.array([DEVIATIONS * axes[axis] for axis in FACE_AXES]) * np.linalg.norm(rows, axis=1)
    kept = np.stack([_change(neutral, modes, pair) for pair in KEPT])
    inverse = np.linalg.pinv(np.concatenate([rows, kept]))[:, :len(rows)]
    return np.asarray(np.clip(inverse @ wanted, -MAX_COEFFICIENT, MAX_COEFFICIENT))


def _changes(neutral: Array, modes: npt.NDArray[np.floating], axis: str) -> Array:
    """Return the change (M,) of an axis's distance with each mode."""
    if axis == "neck":
        left, right = _neck(neutral)
        return np.asarray(modes[:, left, 0].mean(axis=1) - modes[:, right, 0].mean(axis=1), dtype=np.float64)
    sign, pairs = DISTANCES[axis]
    return np.asarray(sign * np.sum([_change(neutral, modes, pair) for pair in pairs], axis=0))


def _change(neutral: Array, modes: npt.NDArray[np.floating], pair: tuple[int, int, int]) -> Array:
    """Return the change (M,) of the distance of two vertices in one direction with each mode."""
    first, second, direction = pair
    change = np.asarray(modes[:, second, direction], np.float64) - np.asarray(modes[:, first, direction], np.float64)
    return np.asarray(change * np.sign(neutral[second, direction] - neutral[first, direction]))


def _neck(neutral: Array) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the vertices on the left and right side of the neck."""
    chin, bridge = neutral[966, 1], neutral[978, 1]
    below = (chin - neutral[:, 1]) / (bridge - chin)
    part = np.arange(len(neutral))
    within = (part >= NECK_PART[0]) & (part < NECK_PART[1])
    within &= (below > NECK_BELOW_CHIN[0]) & (below < NECK_BELOW_CHIN[1])
    across = neutral[:, 0]
    edge = 0.8 * np.abs(across[within]).max(initial=0.0)
    return np.flatnonzero(within & (across > edge)), np.flatnonzero(within & (across < -edge))
