r"""Moves with continuous position, speed and acceleration: quintics, each of which starts in the state of the last.

    position   ___                    a stroke interrupts the move before it; position, speed and acceleration are
                  \__.-'''''-._       continuous, so the wrist never jumps, and the speed peak of a long stroke lies
    stroke >       |   | slow drift > in the middle of its time: there the accent is put
                start  end

A quintic from rest to rest is the minimum-jerk bell (Flash & Hogan, J. Neurosci. 5, 1985): peak 1.875 of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PEAK_TO_MEAN = 1.875
_FLATTENED = np.polynomial.Polynomial([0, 0, 0, 1, -5, 9, -7, 2])  # (s (1 - s))^3 (1 - 2 s): slower in the middle
_BUMP = np.polynomial.Polynomial([0, 0, 0, 64, -192, 192, -64])  # 64 (s (1 - s))^3: 1 in the middle
_BEFORE_ALL_S = -1e3  # start of a move that has always been


# Rows: the quantity and its first two derivatives. Powers t^0 to t^5, and the two shapes in powers of s up to 7.
_FACTORS = np.array([[np.prod(np.arange(n, n - order, -1.0)) for n in range(6)] for order in range(3)])
_EXPONENTS = np.maximum(np.arange(6) - np.arange(3)[:, None], 0)
_SHAPES = np.array([[np.pad(shape.deriv(order).coef, (0, order + 7 - shape.degree())) for order in range(3)]
                    for shape in (_BUMP, _FLATTENED)])


@dataclass(frozen=True)
class Move:
    """A quintic course of a state, followed by its end state.

    Attributes:
        start_s: Start [s].
        duration_s: Duration [s].
        coefficients: (6, ...) polynomial in time since the start [s].
        arc: (...) excursion off the straight course in the middle, 0 at both ends to third order.
        flatness: (...) size of a term that speeds up both ends and lowers the peak; 8 times the distance makes the peak
            1.625 of the mean, as measured of people.
    """

    start_s: float
    duration_s: float
    coefficients: Floats
    arc: Floats
    flatness: Floats

    @property
    def stop_s(self) -> float:
        """End [s]."""
        return self.start_s + self.duration_s

    def evaluate(self, times_s: Floats) -> Floats:
        """Return the state (T, ...) at (T,) times, the end state after the end."""
        t = np.clip(times_s - self.start_s, 0.0, self.duration_s)
        powers = t[:, None] ** np.arange(6)
        s = t / self.duration_s
        states = powers @ self.coefficients.reshape(6, -1) + _BUMP(s)[:, None] * self.arc.reshape(1, -1)
        states = states + _FLATTENED(s)[:, None] * self.flatness.reshape(1, -1)
        return states.reshape(len(t), *self.arc.shape)

    def state_at(self, time_s: float) -> tuple[Floats, Floats, Floats]:
        """Return the state and its first two time derivatives at one time."""
        t = min(max(time_s - self.start_s, 0.0), self.duration_s)
        powers = _FACTORS * t**_EXPONENTS
        shapes = _SHAPES @ (t / self.duration_s) ** np.arange(8) / self.duration_s ** np.arange(3)
        states = (powers @ self.coefficients.reshape(6, -1) + np.outer(shapes[0], self.arc)
                  + np.outer(shapes[1], self.flatness)).reshape(3, *self.arc.shape)
        if time_s > self.stop_s:
            states[1:] = 0.0
        return states[0], states[1], states[2]


def rest_at(state: Floats) -> Move:
    """Return a move that has always been in one state."""
    coefficients = np.zeros((6, *state.shape))
    coefficients[0] = state
    return Move(_BEFORE_ALL_S, 1.0, coefficients, np.zeros(state.shape), np.zeros(state.shape))


def continue_move(before: Move, start_s: float, duration_s: float, target: Floats, arc: Floats | None = None,
                  speed: Floats | None = None, flatness: Floats | None = None) -> Move:
    """Return the quintic that leaves `before` at `start_s` and reaches `target` at its end, at rest or at a speed."""
    zero = np.zeros_like(target)
    x, v, a = before.state_at(start_s)
    d = duration_s
    gap = target - x - v * d - 0.5 * a * d * d
    gap_v = (0.0 if speed is None else speed) - v - a * d
    gap_a = -a
    # Three conditions at the end for t^3, t^4, t^5.
    system = np.array([[d**3, d**4, d**5], [3 * d**2, 4 * d**3, 5 * d**4], [6 * d, 12 * d**2, 20 * d**3]])
    high = np.linalg.solve(system, np.stack([gap, gap_v, gap_a]).reshape(3, -1)).reshape(3, *x.shape)
    coefficients = np.concatenate([np.stack([x, v, 0.5 * a]), high])
    return Move(start_s, d, coefficients, zero if arc is None else arc, zero if flatness is None else flatness)


def append(moves: list[Move], start_s: float, duration_s: float, target: Floats, arc: Floats | None = None,
           speed: Floats | None = None, flatness: Floats | None = None) -> None:
    """Append a move that starts at `start_s`; moves that would have started later are removed."""
    while len(moves) > 1 and moves[-1].start_s >= start_s:
        moves.pop()
    moves.append(continue_move(moves[-1], start_s, duration_s, target, arc, speed, flatness))


def move_at(moves: list[Move], time_s: float) -> Move:
    """Return the move that is active at a time."""
    return next((m for m in reversed(moves) if m.start_s <= time_s), moves[0])


def evaluate_moves(moves: list[Move], times_s: Floats) -> Floats:
    """Return the state (T, ...) at (T,) times of moves in order of start; each is active until the next starts."""
    starts = np.array([m.start_s for m in moves])
    active = np.maximum(np.searchsorted(starts, times_s, side="right") - 1, 0)
    out = np.empty((len(times_s), *moves[0].arc.shape))
    borders = np.searchsorted(active, np.arange(len(moves) + 1))
    for i, move in enumerate(moves):
        now = slice(borders[i], borders[i + 1])
        if now.start < now.stop:
            out[now] = move.evaluate(times_s[now])
    return out
