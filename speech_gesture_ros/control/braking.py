"""Brakes of least jerk, as tables: where each leads, and which next jerk leaves each of them possible.

From state x = (p, v, a) the brake of N knots is the jerk sequence of least norm that ends with v = a = 0. Both
conditions are linear, so the jerks are linear in (v, a), and so is every state on the way: state i is B_i x with a
3 x 3 matrix B_i that depends on N alone. One knot with jerk j before it, x = F x_0 + G j, keeps everything linear.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

DT = 1.0 / KNOT_RATE
STEP = np.array([[1.0, DT, DT**2 / 2], [0.0, 1.0, DT], [0.0, 0.0, 1.0]])  # F: one knot without jerk
PUSH = np.array([DT**3 / 6, DT**2 / 2, DT])  # G: what a jerk of 1 adds to (p, v, a) over one knot

SHORTEST, LONGEST = 5, 40  # brake lengths considered [knots]: 0.1 s to 0.8 s
TINY = 1e-14  # stands in for a gain of zero: such a row allows every jerk or none


def advance(state: Array, jerk: Array) -> Array:
    """One knot of constant jerk (N,) from a state (3, N)."""
    return np.asarray(STEP @ state + PUSH[:, None] * jerk)


def brake_lengths(limits: JointLimits) -> tuple[int, ...]:
    """Three brake lengths [knots] that suit the limits, the shortest first.

    Braking from speed v over time T takes a peak deceleration of 1.5 v / T and a peak jerk of 6 v / T² (velocity is
    then a cubic in time). The longest brake is what the slowest joint needs from full speed; short ones let a joint
    work close to its limits.
    """
    need_s = np.maximum(1.5 * limits.velocity / limits.acceleration, np.sqrt(6 * limits.velocity / limits.jerk))
    longest = min(LONGEST, max(SHORTEST + 2, math.ceil(1.2 * float(need_s.max()) * KNOT_RATE)))
    shortest = max(SHORTEST, min(longest // 2, math.ceil(0.5 * float(need_s.min()) * KNOT_RATE)))
    return tuple(sorted({shortest, round(math.sqrt(shortest * longest)), longest}))


def brake_matrices(length: int) -> tuple[Array, Array]:
    """States (N + 1, 3, 3) along the brake of `length` N, and its jerks (N, 3), as maps of the first state.

    The rows for velocity and acceleration at the end are exactly zero.
    """
    i = np.arange(length)
    reach = np.stack([DT**2 * (length - i - 0.5), np.full(length, DT)])  # what each jerk adds to the last v and a
    drift = np.array([[0.0, 1.0, length * DT], [0.0, 0.0, 1.0]])  # the last v and a without jerk
    jerks = -np.linalg.pinv(reach) @ drift  # (N, 3)
    states = np.empty((length + 1, 3, 3))
    states[0] = np.eye(3)
    for k in range(length):
        states[k + 1] = STEP @ states[k] + np.outer(PUSH, jerks[k])
    states[length, 1:] = 0.0
    return states, jerks


def from_rest_to_rest(start: Array, stop: Array, limits: JointLimits) -> Array:
    """States (K, 3, N) from (N,) to (N,), both at rest, as fast as half the limits allow, without swinging over."""
    length, jerks = 0, np.zeros((0,))
    way = stop - start
    while way.any():
        length = max(SHORTEST, math.ceil(1.25 * length))
        left = length - np.arange(length)
        reach = np.stack([DT**3 * (left**2 / 2 - left / 2 + 1 / 6), DT**2 * (left - 0.5), np.full(length, DT)])
        jerks = np.linalg.pinv(reach)[:, 0]  # (K - 1,) of least norm, for a way of 1
        acceleration = np.cumsum(jerks) * DT
        peaks = np.abs(jerks).max(), np.abs(acceleration).max(), np.cumsum(acceleration).max() * DT
        if all((2 * peak * np.abs(way) <= limit).all() for peak, limit in
               zip(peaks, (limits.jerk, limits.acceleration, limits.velocity))):
            break
    states = np.zeros((length + 1, 3, len(start)))
    states[0, 0] = start
    for k in range(length):
        states[k + 1] = advance(states[k], jerks[k] * way)
    states[length] = np.stack([stop, np.zeros_like(stop), np.zeros_like(stop)])
    return states


class BrakeTable:
    """All brakes for N joints with their limits.

    Args:
        lengths: H brake lengths [knots], the shortest first.
        limits: Limits to be kept at knots.
    """

    def __init__(self, lengths: tuple[int, ...], limits: JointLimits) -> None:
        self._limits = limits
        rows: list[Array] = []
        kinds, starts, paths = [], [], []
        for length in lengths:
            states, jerks = brake_matrices(length)
            starts.append(sum(len(part) for part in rows))
            paths.append(np.concatenate([states, np.repeat(states[-1:], max(lengths) - length, axis=0)]))
            # Position at every knot, velocity and acceleration until they are zero, and every jerk.
            rows += [states[:, 0], states[:-1, 1], states[:-1, 2], jerks]
            kinds += [np.full(len(part), kind) for kind, part in enumerate(rows[-4:])]
        maps = np.concatenate(rows)  # (R, 3): quantity from the state after the jerk
        gain = maps @ PUSH
        self._gain = np.where(np.abs(gain) < TINY, TINY, gain)[:, None]  # (R, 1)
        self._weights = -(maps @ STEP) / self._gain  # (R, 3)
        self._kinds = np.concatenate(kinds)
        self._starts = np.array(starts)
        self._paths = [path.reshape(-1, 3) for path in paths]  # H of (3 (longest + 1), 3)
        self._knots = [length + 1 for length in lengths]
        self.set_corridor(limits.lower, limits.upper, limits.velocity)

    def set_corridor(self, lower: Array, upper: Array, velocity: Array) -> None:
        """Change the bounds of position and speed; acceleration and jerk stay."""
        self._centre = (lower + upper) / 2
        half = np.stack([(upper - lower) / 2, velocity, self._limits.acceleration, self._limits.jerk])
        self._reach = half[self._kinds] / np.abs(self._gain)  # (R, N)

    def allowed_jerks(self, state: Array) -> tuple[Array, Array]:
        """For each brake the interval of next jerks after which it keeps every limit.

        Args:
            state: (3, N) at the present knot.

        Returns:
            Lowest and highest (H, N) [rad/s³]; lowest > highest where there is none.
        """
        # Positions are measured from the corridor's centre: its bound is then symmetric like the others.
        centred = state.copy()
        centred[0] -= self._centre
        middle = self._weights @ centred  # (R, N)
        lowest = np.maximum.reduceat(middle - self._reach, self._starts, axis=0)
        highest = np.minimum.reduceat(middle + self._reach, self._starts, axis=0)
        return np.maximum(lowest, -self._limits.jerk), np.minimum(highest, self._limits.jerk)

    def brake(self, state: Array, choice: npt.NDArray[np.int64]) -> Array:
        """States (K, 3, N) from `state` (3, N) to rest, joint n by brake number choice[n], until the longest ends."""
        longest = int(choice.max())
        rows = 3 * self._knots[longest]
        states = self._paths[longest][:rows] @ state
        for shorter in range(longest):
            np.copyto(states, self._paths[shorter][:rows] @ state, where=choice == shorter)
        return states.reshape(-1, *state.shape)
