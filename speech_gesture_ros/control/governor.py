"""Governor: at every knot it has a failsafe trajectory, which ends at rest inside every limit.

    state ──► desired jerk ──► clamp ──► check ──allowed──► new failsafe trajectory: one knot, then a brake to rest
             (track target)                └───not allowed──► continue the present failsafe trajectory: its next knot

Between knots the jerk is constant, so a joint's motion is a cubic, the one that a trajectory controller interpolates
from (position, velocity) knots. Motion is planned one jerk `j` at a time. A jerk is allowed only if `j` followed by a
brake, the N jerks of least norm that bring velocity and acceleration to zero, keeps jerk, acceleration, velocity and
position within the limits at every knot up to rest:

    velocity │      ╭─j─╮ brake
             │  ───╯     ╲__              every quantity y_i up to rest is linear in the state and in j:
             │              ╲___ rest         y_i = w_i · (p, v, a) + g_i j,    |y_i - mid| <= half
             └────────────────────► time   so the allowed jerks are an interval: a max and a min over the rows

Several brake lengths N are tried; one that is possible is enough. If none is, the present failsafe trajectory is
continued: its next knot, and the rest of its brake. It was checked when it was made, so by induction there is always a
way to stop. Nothing else moves the state: a target that jumps, is NaN or beyond a limit only changes the desired jerk.

Limits hold between knots too. There velocity leaves the chord of its knots by at most J dt²/8 and position by at most
A dt²/8; the limits used at knots are smaller by that much. Where the robot starts outside (it stands beyond a position
limit, or a speed limit was lowered during motion), a *corridor* first includes the present failsafe trajectory, then
shrinks with it: the joint can move inwards, never farther out.
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

ROUNDING_SHARE = 1e-9  # share by which limits are tightened so that rounding cannot carry a knot across
MAX_MARGIN_SHARE = 0.1  # largest share of a limit that the margin for between-knot extremes takes; else less jerk


@dataclass(frozen=True)
class FailsafeTrajectory:
    """Motion from the present knot to rest.

    Attributes:
        states: (K, 3, N) position, velocity, acceleration at K consecutive knots; the last velocity and
            acceleration are exactly 0.
        is_clamped: (N,) the target could not be followed: the desired jerk was at its limit, or not allowed.
        is_continued: (N,) no jerk was allowed, and the failsafe trajectory before it goes on.
    """

    states: Array
    is_clamped: Flags
    is_continued: Flags

    @property
    def is_at_rest(self) -> bool:
        """True if no joint moves."""
        return len(self.states) == 1


def inner_limits(limits: JointLimits) -> JointLimits:
    """Return limits which, kept at every knot, keep `limits` at every instant."""
    square = DT * DT / 8
    half_range = (limits.upper - limits.lower) / 2
    acceleration = np.minimum(limits.acceleration, MAX_MARGIN_SHARE * half_range / square) * (1 - ROUNDING_SHARE)
    jerk = np.minimum(limits.jerk, MAX_MARGIN_SHARE * limits.velocity / square) * (1 - ROUNDING_SHARE)
    margin = acceleration * square + ROUNDING_SHARE * half_range
    return JointLimits(
        lower=limits.lower + margin,
        upper=limits.upper - margin,
        velocity=(limits.velocity - jerk * square) * (1 - ROUNDING_SHARE),
        acceleration=acceleration,
        jerk=jerk,
    )


class Governor:
    """Choice of the next knot of N joints; joints are independent of each other.

    Args:
        limits: Outer limits, never exceeded at any instant.

    Attributes:
        limits: Inner limits, kept at knots.
    """

    def __init__(self, limits: JointLimits) -> None:
        self._outer = limits
        self.limits = inner_limits(limits)
        self._table = BrakeTable(brake_lengths(limits), self.limits)
        self._speed = self.limits.velocity
        self._columns = np.arange(len(limits))
        self._least_change = ROUNDING_SHARE * self.limits.jerk  # smaller changes of the desired jerk do not count
        self.seed((self.limits.lower + self.limits.upper) / 2)

    @property
    def failsafe(self) -> FailsafeTrajectory:
        """Failsafe trajectory in force; its first state is the present knot."""
        return self._failsafe

    @property
    def state(self) -> Array:
        """(3, N) position, velocity, acceleration at the present knot."""
        return np.asarray(self._failsafe.states[0])

    def seed(self, q: Array) -> None:
        """Set the state to rest at `q` (N,) [rad]; a joint beyond a position limit can only move inwards.

        From the margin just inside a limit (some milliradians) a joint first goes to the margin's inner edge.
        """
        is_inside = (self._outer.lower <= q) & (q <= self._outer.upper)
        edge = np.where(is_inside, np.clip(q, self.limits.lower, self.limits.upper), q)
        no_joint = np.zeros(len(q), dtype=bool)
        self._failsafe = FailsafeTrajectory(from_rest_to_rest(q, edge, self.limits), no_joint, no_joint)
        self._in_margin = edge != q
        self._fit_corridor()

    def limit_speed(self, speed: Array) -> None:
        """Set the largest speed (N,) [rad/s]; in force once the present failsafe trajectory is below it."""
        self._speed = np.minimum(speed, self.limits.velocity)
        self._fit_corridor()

    def propose(self, target: Array, target_next: Array) -> FailsafeTrajectory:
        """Return the allowed motion closest to a moving target, starting at the next knot.

        Args:
            target: (3, N) target position, velocity, acceleration at the present knot; NaN: unknown.
            target_next: (3, N) the same at the next knot.
        """
        state = self.state
        desired = desired_jerk(state, target, target_next, self._speed, self.limits)
        lowest, highest = self._table.allowed_jerks(state)  # (H, N) for each brake length
        jerk = np.minimum(np.maximum(desired, lowest), highest)
        cost = np.where(lowest <= highest, np.abs(jerk - desired), np.inf)
        best, least = cost.argmin(axis=0), cost.min(axis=0)
        is_continued = ~(least < np.inf) | self._in_margin  # no brake is possible, or the desired jerk is NaN
        chosen = np.where(is_continued, 0.0, jerk[best, self._columns])
        states = self._table.brake(advance(state, chosen), best)
        if is_continued.any():
            states = _padded(states, len(self._failsafe.states))
            states[:, :, is_continued] = _padded(self.continue_failsafe().states, len(states))[:, :, is_continued]
        is_clamped = ~((least <= self._least_change) & (np.abs(desired) < self.limits.jerk))
        return FailsafeTrajectory(_trimmed(states), is_clamped, is_continued)

    def continue_failsafe(self) -> FailsafeTrajectory:
        """Return the rest of the failsafe trajectory in force, starting at the next knot."""
        states = self._failsafe.states
        every_joint = np.ones(states.shape[2], dtype=bool)
        return FailsafeTrajectory(states[min(1, len(states) - 1):], every_joint, every_joint)

    def accept(self, failsafe: FailsafeTrajectory) -> None:
        """Go to the next knot, with a trajectory from `propose` or `continue_failsafe`."""
        self._failsafe = failsafe
        self._in_margin &= failsafe.states[:, 1:].any(axis=(0, 1))
        if self._is_wide:
            self._fit_corridor()

    def _fit_corridor(self) -> None:
        """Set the corridor to the limits, widened by what the failsafe trajectory already exceeds."""
        position, speed = self.state[0], np.abs(self._failsafe.states[:, 1]).max(axis=0)
        lower = np.minimum(self.limits.lower, position)
        upper = np.maximum(self.limits.upper, position)
        velocity = np.maximum(self._speed, speed)
        self._is_wide = bool(np.any((lower < self.limits.lower) | (upper > self.limits.upper)
                                    | (velocity > self._speed)))
        self._table.set_corridor(lower, upper, velocity)


def _padded(states: Array, length: int) -> Array:
    """Return states with the last one repeated up to `length` knots."""
    missing = max(0, length - len(states))
    return np.concatenate([states, np.repeat(states[-1:], missing, axis=0)])


def _trimmed(states: Array) -> Array:
    """Return states up to the first knot from which on all joints are at rest."""
    moving = states[:, 1:].any(axis=(1, 2)).nonzero()[0]
    return states[:moving[-1] + 2] if len(moving) else states[:1]
