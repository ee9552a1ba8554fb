"""Motion of the 2019 model: at 20 Hz, position of each joint and its change since the frame before, in cm.

    (T25, J, 3) [m] ── cubic ──► (T20, J, 3) ──► per joint  x y z  dx dy dz  ──► (T20, 6 J) [cm]

The velocities are a training target only. A velocity is not divided by time, and that of the first frame is 0, as in
the paper.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.networks.kucherenko.network_config import WINDOW_FRAME_RATE

Array = npt.NDArray[np.float64]

CM_PER_M = 100.0


def resample(joint_xyz: npt.NDArray[np.floating], rate: float, new_rate: float) -> Array:
    """Return motion on another time grid, by a cubic spline; the last new frame is within the old motion.

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
    """Return (T20, 6 J) positions and velocities [cm, cm per frame] of (T, J, 3) motion [m] at `rate`."""
    positions = CM_PER_M * resample(joint_xyz, rate, WINDOW_FRAME_RATE)
    velocities = np.diff(positions, axis=0, prepend=positions[:1])
    return np.concatenate([positions, velocities], axis=2).reshape(len(positions), -1)
