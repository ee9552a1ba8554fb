"""The limiter: at every knot it holds a promise of motion that ends at rest inside every limit.

    state ──► wanted jerk ──► clamp ──► prove ──yes──► new promise: one knot, then a brake to rest
             (track target)                └───no───► keep the old promise: take its next knot

Between knots the jerk is constant, so a joint's motion is a cubic, which is exactly what a trajectory controller
draws through (position, velocity) knots. The motion is planned one jerk `j` at a time. A jerk is allowed only if
`j` followed by a brake, the N jerks of least norm that bring velocity and acceleration to zero, keeps jerk,
acceleration, velocity and position within the limits at every knot up to rest:

    velocity │      ╭─j─╮ brake
             │  ───╯     ╲__              every quantity y_i on the way is linear in the state and in j:
             │              ╲___ rest         y_i = w_i · (p, v, a) + g_i j,    |y_i - mid| <= half
             └────────────────────► time   so the allowed jerks are an interval: a max and a min over the rows

Several brake lengths N are tried; any may carry the proof. If none does, the old promise is kept: its next knot, and
what is left of its brake. That one was proven when it was made, so by induction there is always a way to stop. Nothing
else can move the state: whatever the target does (jump, NaN, lie beyond a limit) only changes the wanted jerk.

Limits hold between knots too. There velocity leaves the chord of its knots by at most J dt²/8 and position by at most
A dt²/8; the limits used at knots are smaller by that much. Where the robot starts outside (it stands beyond a
position limit, or a speed limit was lowered under way), a *corridor* first reaches as far as the promise in force,
then closes behind it: the robot can come in, never go farther out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.braking import DT, BrakeTable, advance, brake_lengths, from_rest_to_rest
from speech_gesture_ros.control.tracking_law import desired_jerk
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ROUNDING = 1e-9  # share by which limits are tightened so that rounding cannot carry a knot across
LOSS = 0.1  # most of a limit that the margin for between-knot extremes may take; beyond it jerk is reduced


@dataclass(frozen=True)
class FailsafeTrajectory:
    """Motion from the present knot to rest.

    Attributes:
        states: (K, 3, N) position, velocity, acceleration at K consecutive knots; the last velocity and
            acceleration are exactly 0.
        is_clamped: (N,) the target could not be followed: the wanted jerk was at its limit, or not allowed.
        is_continued: (N,) no proof was found and the old promise goes on.
    """

    states: Array
    is_clamped: Flags
    is_continued: Flags

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing moves any more."""
        return len(self.states) == 1


def inner_limits(limits: JointLimits) -> JointLimits:
    """Limits which, kept at every knot, keep the outer ones at every instant."""
    square = DT * DT / 8
    half_range = (limits.upper - limits.lower) / 2
    acceleration = np.minimum(limits.acceleration, LOSS * half_range / square) * (1 - ROUNDING)
    jerk = np.minimum(limits.jerk, LOSS * limits.velocity / square) * (1 - ROUNDING)
    margin = acceleration * square + ROUNDING * half_range
    return JointLimits(
        lower=limits.lower + margin,
        upper=limits.upper - margin,
        velocity=(limits.velocity - jerk * square) * (1 - ROUNDING),
        acceleration=acceleration,
        jerk=jerk,
    )


class Governor:
    """Keeps the promise of N joints. Joints are independent of each other.

    Args:
        limits: Outer limits, never exceeded at any instant.
    """

    def __init__(self, limits: JointLimits) -> None:
        self._outer = limits
        self.limits = inner_limits(limits)
        self._table = BrakeTable(brake_lengths(limits), self.limits)
        self._speed = self.limits.velocity
        self._columns = np.arange(len(limits))
        self._unclamped = ROUNDING * self.limits.jerk  # a smaller change of the wanted jerk is none
        self.seed((self.limits.lower + self.limits.upper) / 2)

    @property
    def failsafe(self) -> FailsafeTrajectory:
        """The promise in force; its first state is the present knot."""
        return self._failsafe

    @property
    def state(self) -> Array:
        """(3, N) position, velocity, acceleration at the present knot."""
        return np.asarray(self._failsafe.states[0])

    def seed(self, q: Array) -> None:
        """Stand at rest at `q` (N,) [rad]. Beyond a position limit the only way from there is in.

        From the margin just inside a limit (some milliradians) a joint first goes to the margin's inner edge.
        """
        is_inside = (self._outer.lower <= q) & (q <= self._outer.upper)
        edge = np.where(is_inside, np.clip(q, self.limits.lower, self.limits.upper), q)
        no = np.zeros(len(q), dtype=bool)
        self._failsafe = FailsafeTrajectory(from_rest_to_rest(q, edge, self.limits), no, no)
        self._in_margin = edge != q
        self._fit_corridor()

    def limit_speed(self, speed: Array) -> None:
        """Ask for at most this speed (N,) [rad/s]; in force as soon as the promise in force allows it."""
        self._speed = np.minimum(speed, self.limits.velocity)
        self._fit_corridor()

    def propose(self, target: Array, target_next: Array) -> FailsafeTrajectory:
        """The best allowed motion towards a moving target, starting at the next knot.

        Args:
            target: (3, N) target position, velocity, acceleration at the present knot; NaN: unknown.
            target_next: (3, N) the same at the next knot.
        """
        state = self.state
        wanted = desired_jerk(state, target, target_next, self._speed, self.limits)
        lowest, highest = self._table.allowed_jerks(state)  # (H, N) for each brake length
        jerk = np.minimum(np.maximum(wanted, lowest), highest)
        cost = np.where(lowest <= highest, np.abs(jerk - wanted), np.inf)
        best, least = cost.argmin(axis=0), cost.min(axis=0)
        is_continued = ~(least < np.inf) | self._in_margin  # no brake is possible, or NaN is wanted
        chosen = np.where(is_continued, 0.0, jerk[best, self._columns])
        states = self._table.brake(advance(state, chosen), best)
        if is_continued.any():
            states = _padded(states, len(self._failsafe.states))
            states[:, :, is_continued] = _padded(self.continue_failsafe().states, len(states))[:, :, is_continued]
        is_clamped = ~((least <= self._unclamped) & (np.abs(wanted) < self.limits.jerk))
        return FailsafeTrajectory(_trimmed(states), is_clamped, is_continued)

    def continue_failsafe(self) -> FailsafeTrajectory:
        """What is left of the promise in force, starting at the next knot."""
        states = self._failsafe.states
        every_joint = np.ones(states.shape[2], dtype=bool)
        return FailsafeTrajectory(states[min(1, len(states) - 1):], every_joint, every_joint)

    def accept(self, promise: FailsafeTrajectory) -> None:
        """Go to the next knot with a promise made by `propose` or `keep`."""
        self._failsafe = promise
        self._in_margin &= promise.states[:, 1:].any(axis=(0, 1))
        if self._is_wide:
            self._fit_corridor()

    def _fit_corridor(self) -> None:
        """The limits, widened by what the promise in force already exceeds."""
        position, speed = self.state[0], np.abs(self._failsafe.states[:, 1]).max(axis=0)
        lower = np.minimum(self.limits.lower, position)
        upper = np.maximum(self.limits.upper, position)
        velocity = np.maximum(self._speed, speed)
        self._is_wide = bool(np.any((lower < self.limits.lower) | (upper > self.limits.upper)
                                    | (velocity > self._speed)))
        self._table.set_corridor(lower, upper, velocity)


def _padded(states: Array, length: int) -> Array:
    """Standing on after the end."""
    missing = max(0, length - len(states))
    return np.concatenate([states, np.repeat(states[-1:], missing, axis=0)])


def _trimmed(states: Array) -> Array:
    """Without the knots at which everything already stood still."""
    moving = states[:, 1:].any(axis=(1, 2)).nonzero()[0]
    return states[:moving[-1] + 2] if len(moving) else states[:1]
