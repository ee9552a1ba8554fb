"""Minimum-jerk movements (Flash & Hogan 1985): share done at a phase, and filters with that step response."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE

Array = npt.NDArray[np.float64]


def minimum_jerk(phase: npt.ArrayLike) -> Array:
    """Return the share of a minimum-jerk movement that is done at a phase, which is clipped to 0 ... 1."""
    p = np.minimum(np.maximum(np.asarray(phase, dtype=np.float64), 0.0), 1.0)
    return np.asarray(p**3 * (10.0 - 15.0 * p + 6.0 * p**2))


def minimum_jerk_kernel(duration_s: float) -> Array:
    """Return filter weights, oldest frame first, with sum 1, whose step response is a minimum-jerk curve."""
    frames = max(1, round(duration_s * POSE_RATE))
    return np.ascontiguousarray(np.diff(minimum_jerk(np.arange(frames + 1) / frames))[::-1])
