"""Brakes with least jerk: the states along each, and the next jerks after which each keeps the limits.

The brake of N knots from state x = (p, v, a) is the jerk sequence of least norm that ends with v = a = 0. Both end
conditions are linear, so the jerks are linear in (v, a), and so are the states: state i is B_i x, with a 3 x 3 matrix
B_i that depends on N alone. One knot with jerk j before the brake, x = F x_0 + G j, keeps everything linear.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

DT = 1.0 / KNOT_RATE  # [s]
STATE_TRANSITION = np.array([[1.0, DT, DT**2 / 2], [0.0, 1.0, DT], [0.0, 0.0, 1.0]])  # F: one knot without jerk
JERK_RESPONSE = np.array([DT**3 / 6, DT**2 / 2, DT])  # G: change of (p, v, a) by a jerk of 1 over one knot

MIN_BRAKE_KNOTS, MAX_BRAKE_KNOTS = 5, 40  # brake lengths: 0.1 s to 0.8 s
MIN_GAIN = 1e-14  # replaces a gain of zero: such a row allows every jerk or none


def advance(state: Array, jerk: Array) -> Array:
    """Return the state (3, N) one knot of constant jerk (N,) [rad/s³] after a state (3, N)."""
    return np.asarray(STATE_TRANSITION @ state + JERK_RESPONSE[:, None] * jerk)


def brake_lengths(limits: JointLimits) -> tuple[int, ...]:
    """Return three brake lengths [knots] that suit the limits, the shortest first.

    Braking from speed v in time T takes a peak deceleration of 1.5 v / T and a peak jerk of 6 v / T² (velocity is then
    a cubic in time). The longest brake is what the slowest joint needs from full speed; with short ones a joint can
    move close to its limits.
    """
    need_s = np.maximum(1.5 * limits.velocity / limits.acceleration, np.sqrt(6 * limits.velocity / limits.jerk))
    longest = min(MAX_BRAKE_KNOTS, max(MIN_BRAKE_KNOTS + 2, math.ceil(1.2 * float(need_s.max()) * KNOT_RATE)))
    shortest = max(MIN_BRAKE_KNOTS, min(longest // 2, math.ceil(0.5 * float(need_s.min()) * KNOT_RATE)))
    return tuple(sorted({shortest, round(math.sqrt(shortest * longest)), longest}))


def brake_matrices(length: int) -> tuple[Array, Array]:
    """Return the states (N + 1, 3, 3) along the brake of `length` N knots and its jerks (N, 3), as maps of the start.

    The rows for velocity and acceleration at the end are exactly zero.
    """
    i = np.arange(length)
    end_response = np.stack([DT**2 * (length - i - 0.5), np.full(length, DT)])  # of the last v and a to each jerk
    free_end = np.array([[0.0, 1.0, length * DT], [0.0, 0.0, 1.0]])  # the last v and a without jerk
    jerks = -np.linalg.pinv(end_response) @ free_end  # (N, 3)
    states = np.empty((length + 1, 3, 3))
    states[0] = np.eye(3)
    for k in range(length):
        states[k + 1] = STATE_TRANSITION @ states[k] + np.outer(JERK_RESPONSE, jerks[k])
    states[length, 1:] = 0.0
    return states, jerks


def from_rest_to_rest(start: Array, stop: Array, limits: JointLimits) -> Array:
    """Return states (K, 3, N) from (N,) to (N,), both at rest, within half the limits and without overshoot."""
    length, jerks = 0, np.zeros((0,))
    distance = stop - start
    while distance.any():
        length = max(MIN_BRAKE_KNOTS, math.ceil(1.25 * length))
        left = length - np.arange(length)
        end_response = np.stack([DT**3 * (left**2 / 2 - left / 2 + 1 / 6), DT**2 * (left - 0.5), np.full(length, DT)])
        jerks = np.linalg.pinv(end_response)[:, 0]  # (K - 1,) of least norm, for a distance of 1
        acceleration = np.cumsum(jerks) * DT
        peaks = np.abs(jerks).max(), np.abs(acceleration).max(), np.cumsum(acceleration).max() * DT
        if all((2 * peak * np.abs(distance) <= limit).all() for peak, limit in
               zip(peaks, (limits.jerk, limits.acceleration, limits.velocity))):
            break
    states = np.zeros((length + 1, 3, len(start)))
    states[0, 0] = start
    for k in range(length):
        states[k + 1] = advance(states[k], jerks[k] * distance)
    states[length] = np.stack([stop, np.zeros_like(stop), np.zeros_like(stop)])
    return states


class BrakeTable:
    """All brakes of N joints with their limits.

    Args:
        lengths: H brake lengths [knots], the shortest first.
        limits: Limits to keep at knots.
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
        gain = maps @ JERK_RESPONSE
        self._gain = np.where(np.abs(gain) < MIN_GAIN, MIN_GAIN, gain)[:, None]  # (R, 1)
        self._weights = -(maps @ STATE_TRANSITION) / self._gain  # (R, 3)
        self._kinds = np.concatenate(kinds)
        self._starts = np.array(starts)
        self._paths = [path.reshape(-1, 3) for path in paths]  # H of (3 (longest + 1), 3)
        self._knots = [length + 1 for length in lengths]
        self.set_corridor(limits.lower, limits.upper, limits.velocity)

    def set_corridor(self, lower: Array, upper: Array, velocity: Array) -> None:
        """Set the bounds of position (N,) [rad] and speed (N,) [rad/s]; acceleration and jerk keep theirs."""
        self._centre = (lower + upper) / 2
        half = np.stack([(upper - lower) / 2, velocity, self._limits.acceleration, self._limits.jerk])
        self._half_width = half[self._kinds] / np.abs(self._gain)  # (R, N) of the allowed jerks

    def allowed_jerks(self, state: Array) -> tuple[Array, Array]:
        """Return for each brake the interval of next jerks after which it keeps every limit.

        Args:
            state: (3, N) at the present knot.

        Returns:
            Lowest and highest (H, N) [rad/s³]; lowest > highest where no jerk is allowed.
        """
        # Positions are measured from the corridor's centre: its bound is then symmetric like the others.
        centred = state.copy()
        centred[0] -= self._centre
        middle = self._weights @ centred  # (R, N)
        lowest = np.maximum.reduceat(middle - self._half_width, self._starts, axis=0)
        highest = np.minimum.reduceat(middle + self._half_width, self._starts, axis=0)
        return np.maximum(lowest, -self._limits.jerk), np.minimum(highest, self._limits.jerk)

    def brake(self, state: Array, choice: npt.NDArray[np.int64]) -> Array:
        """Return states (K, 3, N) from `state` (3, N) to rest, joint n by brake choice[n], as long as the longest."""
        longest = int(choice.max())
        rows = 3 * self._knots[longest]
        states = self._paths[longest][:rows] @ state
        for shorter in range(longest):
            np.copyto(states, self._paths[shorter][:rows] @ state, where=choice == shorter)
        return states.reshape(-1, *state.shape)
