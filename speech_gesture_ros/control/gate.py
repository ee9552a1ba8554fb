"""Gate: last check of a window before it is published, independent of how the window was made."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

DT = 1.0 / KNOT_RATE  # [s]
TOLERANCE = 1e-6  # relative, for the rounding of divided differences


class KnotSequence(Protocol):
    """Consecutive knots on the grid: a `Window` or a `Plan`."""

    @property
    def start_index(self) -> int:
        """Knot index of the first row."""
        ...

    @property
    def positions(self) -> Array:
        """(K, N) [rad]."""
        ...

    @property
    def velocities(self) -> Array:
        """(K, N) [rad/s]."""
        ...


def validate_window(window: KnotSequence, limits: JointLimits, previous: KnotSequence | None = None) -> str | None:
    """Return the reason why a window must not be published; None if it may.

    It must be finite, end at rest, keep position, velocity, acceleration and jerk limits at every instant of the
    cubics between its knots, and begin on the previous window. A joint that begins beyond a position limit must not be
    farther out than it was, or than the previous window was.

    Args:
        window: Window to be published.
        limits: Limits of the robot.
        previous: Window published last, which the robot follows; None at the start.
    """
    p, v = window.positions, window.velocities
    if p.ndim != 2 or p.shape != v.shape or p.shape[1] != len(limits) or len(p) == 0:
        return f"positions {p.shape} and velocities {v.shape} are not both (K >= 1, {len(limits)})"
    if not (np.isfinite(p).all() and np.isfinite(v).all()):
        return "a position or velocity is not finite"
    if v[-1].any():
        return f"joint {int(np.argmax(v[-1] != 0.0))} still moves at the end"
    if previous is not None and previous.positions.shape[1:] != p.shape[1:]:
        return f"the window published last has {previous.positions.shape[1:]} joints"
    before, after = _end_accelerations(p, v)
    if not _is_within_bounds(p, v, before, after, limits):
        known = p[:1] if previous is None else np.concatenate([p[:1], previous.positions])
        fault = _exceeds(p, v, before, after, limits, known)
        if fault:
            return fault
    return None if previous is None else _discontinuity(window, previous)


def _is_within_bounds(p: Array, v: Array, before: Array, after: Array, limits: JointLimits) -> bool:
    """Return whether bounds at the knots prove that a window keeps its limits; if not, `_exceeds` checks exactly.

    Between knots position leaves their chord by at most A dt²/8, velocity by at most J dt²/8.
    """
    acceleration = np.maximum(np.abs(before), np.abs(after)).max(axis=0, initial=0.0)
    jerk = np.abs(after - before).max(axis=0, initial=0.0) / DT
    bulge = acceleration * (DT**2 / 8)
    return bool(((limits.lower <= p.min(axis=0) - bulge) & (p.max(axis=0) + bulge <= limits.upper)
                 & (np.abs(v).max(axis=0) + jerk * (DT**2 / 8) <= limits.velocity)
                 & (acceleration <= limits.acceleration) & (jerk <= limits.jerk)).all())


def _exceeds(p: Array, v: Array, before: Array, after: Array, limits: JointLimits, known: Array) -> str | None:
    """Return which limit is exceeded where; `known` (K, N) are positions that the robot had or that were published."""
    jerk = (after - before) / DT
    peak = _ratio(-before, jerk)  # where the speed turns
    fastest = v[:-1] + peak * (before + peak * jerk / 2)
    turns = [p[:-1] + t * (v[:-1] + t * (before / 2 + t * jerk / 6)) for t in _turning_times(v[:-1], before, jerk)]
    lowest, highest = np.minimum(*turns), np.maximum(*turns)
    slack = TOLERANCE * (1 + limits.upper - limits.lower)
    lower = np.minimum(limits.lower, known.min(axis=0)) - slack
    upper = np.maximum(limits.upper, known.max(axis=0)) + slack
    # The margin of the planner for motion between knots does not exist for a joint that begins outside.
    is_outside = (lower < limits.lower - slack) | (upper > limits.upper + slack)
    bulge = np.where(is_outside, limits.acceleration * DT**2 / 8, 0.0)
    speed, acceleration, jerk_limit = (
        limit * (1 + TOLERANCE) + TOLERANCE for limit in (limits.velocity, limits.acceleration, limits.jerk))
    checks = (
        ("is below its position limit", lower - p),
        ("is above its position limit", p - upper),
        ("dips below its position limit between knots", lower - bulge - lowest),
        ("rises above its position limit between knots", highest - upper - bulge),
        ("exceeds its velocity limit", np.abs(v) - speed),
        ("exceeds its velocity limit between knots", np.abs(fastest) - speed),
        ("exceeds its acceleration limit", np.maximum(np.abs(before), np.abs(after)) - acceleration),
        ("exceeds its jerk limit", np.abs(jerk) - jerk_limit),
    )
    for reason, excess in checks:
        if np.any(excess > 0):
            row, joint = np.unravel_index(int(np.argmax(excess)), excess.shape)
            return f"joint {joint} {reason} at row {row}, by {excess[row, joint]:.3g}"
    return None


def _turning_times(v: Array, a: Array, jerk: Array) -> tuple[Array, Array]:
    """Return the times (K - 1, N) [s] in each segment at which the speed is zero; its begin or end if it is not."""
    root = np.sqrt(np.maximum(a * a - 2 * jerk * v, 0.0))
    q = -(a + np.where(a < 0, -root, root))
    return _ratio(q, jerk), _ratio(2 * v, q)


def _ratio(above: Array, below: Array) -> Array:
    """Return a quotient that is a time [s], clipped to the segment."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(np.clip(np.nan_to_num(above / below), 0.0, DT))


def _end_accelerations(p: Array, v: Array) -> tuple[Array, Array]:
    """Return the accelerations (K - 1, N) [rad/s²] at begin and end of each Hermite cubic between knots."""
    rise = (p[1:] - p[:-1]) * (6 / DT**2)
    first, last = v[:-1] * (2 / DT), v[1:] * (2 / DT)
    both = first + last
    return rise - (both + first), (both + last) - rise


def _discontinuity(window: KnotSequence, previous: KnotSequence) -> str | None:
    """Return how far `window` is from `previous`, which the robot follows, at the knot of transition; None if equal."""
    end = previous.start_index + len(previous.positions) - 1
    index = max(window.start_index, previous.start_index)
    row, row_before = index - window.start_index, min(index, end) - previous.start_index
    if row >= len(window.positions):
        return f"it ends before the window published last begins (knot {previous.start_index})"
    jump = np.abs(window.positions[row] - previous.positions[row_before])
    kick = np.abs(window.velocities[row] - previous.velocities[row_before])
    if jump.max() > TOLERANCE or kick.max() > TOLERANCE:
        return (f"it leaves the window published last at knot {index}: by {jump.max():.3g} rad "
                f"and {kick.max():.3g} rad/s")
    return None
