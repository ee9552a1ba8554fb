"""Motion as the 2019 model sees it: at 20 Hz, each joint's position and how far it came since the frame before, in cm.

    (T25, J, 3) [m] ── cubic ──► (T20, J, 3) ──► per joint  x y z  dx dy dz  ──► (T20, 6 J) [cm]

The velocities only teach: what the network says of them is dropped. A velocity is not divided by time, and the first
frame's is 0, as in the paper.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from speech_gesture_ros.core.rates import POSE_RATE

Array = npt.NDArray[np.float64]

MODEL_RATE = 20  # [Hz]
CM = 100.0  # in a metre


def resample(joint_xyz: npt.NDArray[np.floating], rate: float, new_rate: float) -> Array:
    """Motion on another time grid, through a cubic spline; it ends with the last new frame within the old motion.

    Args:
        joint_xyz: (T, J, 3) [m] at `rate`, T >= 1.
        rate: [Hz].
        new_rate: [Hz].
    """
    values = np.asarray(joint_xyz, dtype=np.float64)
    if rate == new_rate or len(values) < 2:
        return values
    count = int((len(values) - 1) * new_rate / rate + 1e-9) + 1
    return np.asarray(CubicSpline(np.arange(len(values)) / rate, values, axis=0)(np.arange(count) / new_rate))


def to_vectors(joint_xyz: npt.NDArray[np.floating], rate: float = POSE_RATE) -> Array:
    """(T, J, 3) [m] at `rate` to (T20, 6 J) positions and velocities [cm, cm per frame]."""
    positions = CM * resample(joint_xyz, rate, MODEL_RATE)
    velocities = np.diff(positions, axis=0, prepend=positions[:1])
    return np.concatenate([positions, velocities], axis=2).reshape(len(positions), -1)


def to_joints(vectors: npt.NDArray[np.floating]) -> Array:
    """(T, 6 J) to the (T, J, 3) positions in them [m]."""
    values = np.asarray(vectors, dtype=np.float64)
    return values.reshape(len(values), -1, 6)[:, :, :3] / CM
