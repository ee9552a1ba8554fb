r"""Formulas for the shape of strokes and the coordination of the hands.

peak speed |       . '           main sequence: a longer stroke is faster, peak = a path^b,
(log)      |   . '               fitted in log-log (Bahill, Clark & Stark, Math. Biosci. 24, 1975, for eyes;
| '  path (log)       the same law holds for arms)
"""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.evaluation.kinematics import Floats

FEWEST_STROKES = 5  # for a line through them


def median(values: Floats) -> float:
    """Median; NaN of nothing."""
    return float(np.median(values)) if len(values) else float("nan")


def power_law(x: Floats, y: Floats) -> tuple[float, float]:
    """Least squares of log y = log a + b log x: a and b; NaN with fewer than `FEWEST_STROKES` points."""
    if len(x) < FEWEST_STROKES or np.ptp(x) < 1e-9:
        return float("nan"), float("nan")
    slope, offset = np.polyfit(np.log(x), np.log(y), 1)
    return float(np.exp(offset)), float(slope)


def hand_correlation(velocities: Floats) -> float:
    """Correlation of the velocities of both hands, the right one mirrored. 1: mirror images; 0: unrelated.

    Args:
        velocities: (T, 2, 3) forward, left, up [m/s].
    """
    left, right = velocities[:, 0].ravel(), (velocities[:, 1] * (1.0, -1.0, 1.0)).ravel()
    power = float(np.sqrt(np.sum(left**2) * np.sum(right**2)))  # velocities of a hand that returns average 0
    return float(left @ right) / power if power > 1e-9 else float("nan")
