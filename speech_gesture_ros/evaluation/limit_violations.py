"""Joint limits against a sampled motion: number of joint-samples beyond each limit, and the largest share in use.

The one counter of the package's evaluations. Accelerations and jerks are given by the caller, because how they are
estimated depends on where the samples lie:

    cubic_derivatives    samples at the knots of the trajectory: exact, as controllers interpolate
    window_derivatives   samples anywhere: means over one knot interval
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

KINDS = ("position", "velocity", "acceleration", "jerk")
NOT_FINITE = "not finite"


@dataclass(frozen=True)
class LimitViolations:
    """Counts of one motion.

    Attributes:
        counts: Kind of limit, or `NOT_FINITE`, to the number of joint-samples beyond it.
        largest_use: Kind of limit to the largest share of it that was used; above 1 is beyond.
    """

    counts: dict[str, int]
    largest_use: dict[str, float]

    @property
    def total(self) -> int:
        """Joint-samples beyond any limit."""
        return sum(self.counts.values())


def count_violations(values: Mapping[str, Array], limits: JointLimits, tolerance: Mapping[str, float]
                     ) -> LimitViolations:
    """Count the joint-samples beyond each limit.

    Args:
        values: Some of `KINDS` to (T, N) rows: positions [rad], or derivatives [rad/s^n].
        limits: Of the N joints.
        tolerance: Kind to the excess that does not count, relative to the limit (position: to half the range).
    """
    middle, half = (limits.upper + limits.lower) / 2, (limits.upper - limits.lower) / 2
    counts, use = {}, {}
    for kind, rows in values.items():
        share = np.abs(rows - middle) / half if kind == "position" else np.abs(rows) / getattr(limits, kind)
        counts[kind] = int(np.sum(share > 1.0 + tolerance[kind]))
        use[kind] = float(np.nanmax(share, initial=0.0))
    counts[NOT_FINITE] = sum(int(np.sum(~np.isfinite(rows))) for kind, rows in values.items()
                             if kind in ("position", "velocity"))
    return LimitViolations(counts, use)


def cubic_derivatives(positions: Array, velocities: Array, rate: int) -> dict[str, Array]:
    """Positions, velocities, and the accelerations and jerks of the cubics between consecutive samples.

    Args:
        positions: (T, N) [rad].
        velocities: (T, N) [rad/s].
        rate: Samples per second [Hz].

    Returns:
        Kind to rows: position and velocity (T, N); acceleration (T - 1, N), the larger of both ends; jerk (T - 1, N).
    """
    rise = 6 * np.diff(positions, axis=0) * rate**2
    before = rise - (4 * velocities[:-1] + 2 * velocities[1:]) * rate
    after = (2 * velocities[:-1] + 4 * velocities[1:]) * rate - rise
    return {"position": positions, "velocity": velocities,
            "acceleration": np.maximum(np.abs(before), np.abs(after)), "jerk": (after - before) * rate}


def window_derivatives(positions: Array, velocities: Array, samples: int, window_rate: int) -> dict[str, Array]:
    """Positions, velocities, and accelerations and jerks as mean values over a window.

    Args:
        positions: (T, N) [rad].
        velocities: (T, N) [rad/s].
        samples: Length of the window.
        window_rate: Windows per second [Hz].
    """
    acceleration = (velocities[samples:] - velocities[:-samples]) * window_rate
    jerk = (acceleration[samples:] - acceleration[:-samples]) * window_rate
    return {"position": positions, "velocity": velocities, "acceleration": acceleration, "jerk": jerk}
