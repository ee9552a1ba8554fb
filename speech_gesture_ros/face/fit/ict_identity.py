"""Identity of the ICT-FaceKit face for the axes of a fitted face.

Each axis is a distance on the face. The 100 identity modes, whose coefficients are standard normal over scanned faces
(Li et al., CVPR 2020), change the distances linearly: an axis of 1 asks for `DEVIATIONS` standard deviations of its
distance. Of all coefficients that give the distances, those with the smallest sum of squares are taken: the most usual
face with these distances.
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
    return np.asarray(np.clip(np.linalg.pinv(rows) @ wanted, -MAX_COEFFICIENT, MAX_COEFFICIENT))


def _changes(neutral: Array, modes: npt.NDArray[np.floating], axis: str) -> Array:
    """Return the change (M,) of an axis's distance with each mode."""
    if axis == "neck":
        left, right = _neck(neutral)
        return np.asarray(modes[:, left, 0].mean(axis=1) - modes[:, right, 0].mean(axis=1), dtype=np.float64)
    sign, pairs = DISTANCES[axis]
    out = np.zeros(len(modes))
    for first, second, direction in pairs:
        change = np.asarray(modes[:, second, direction] - modes[:, first, direction], dtype=np.float64)
        out += change * np.sign(neutral[second, direction] - neutral[first, direction])
    return sign * out


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
