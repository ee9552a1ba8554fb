"""Windows in, one command at a time out, for robots that take no trajectories.

    weight  ___╱‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾╲___     with `ramp_s`: held while it changes, never a jump
    motion     ────╱╲╱‾╲_╱─────────────────       windows end at rest, so silence is a stop
               begin   windows          end

Between knots a window is the cubic through both ends: what is sampled from a window that keeps the limits keeps them.
Windows that follow one another agree where the robot is; should they not, the command goes over at `speed`, no faster.
When time jumps, the window under way is finished as if it had not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

Array = npt.NDArray[np.float64]

LINGER_NS = NS // 2  # how long a robot that has come to rest is still told so: a message may get lost
LONGEST_STEP = 2.0  # periods: a thread that was held up for longer does not make up for it at once


@dataclass(frozen=True)
class SampledCommand:
    """Where the robot is to be now.

    Attributes:
        positions: (N,) [rad].
        velocities: (N,) [rad/s].
        weight: Our share of the motors, 0 to 1.
    """

    positions: Array
    velocities: Array
    weight: float = 1.0


def sample(window: Window, now_ns: int) -> tuple[Array, Array]:
    """(N,) position [rad] and velocity [rad/s] of a window; at rest before it begins and after it has ended."""
    passed = (now_ns - window.stamp_ns) * KNOT_RATE / NS  # in rows
    if not 0 <= passed < len(window) - 1:
        edge = window.positions[0 if passed < 0 else -1]
        return edge.copy(), np.zeros(len(edge))
    row, dt = int(passed), 1.0 / KNOT_RATE
    t = passed - row
    (p0, p1), (v0, v1) = window.positions[row:row + 2], window.velocities[row:row + 2] * dt
    a, b = 3 * (p1 - p0) - 2 * v0 - v1, 2 * (p0 - p1) + v0 + v1
    return p0 + t * (v0 + t * (a + t * b)), (v0 + t * (2 * a + 3 * t * b)) / dt


class CommandStream:
    """The command at any instant. One object, used under one lock.

    Args:
        speed: (N,) a command never changes faster [rad/s].
        period_s: Time between two calls of `step` [s].
        ramp_s: Time in which the weight is gained and lost [s]; 0: there is no weight, and nothing is told at rest.

    Attributes:
        refused_windows: Windows that were not taken: not finite, of another robot, or while the robot was not ours.
    """

    def __init__(self, speed: Array, period_s: float, ramp_s: float = 0.0) -> None:
        self._speed = np.array(speed, dtype=np.float64)
        self._longest_s = LONGEST_STEP * period_s
        self._ramp_s = ramp_s
        self._window: Window | None = None
        self._last: Array | None = None  # commanded last; None: the robot may be anywhere
        self._last_ns: int | None = None
        self._followed: Window | None = None  # what the last command was sampled from
        self._weight = 0.0
        self._is_ours = False
        self._keeps = False  # whether the robot is told where to be even when nothing moves
        self.refused_windows = 0

    @property
    def is_ready(self) -> bool:
        """Whether windows are followed: the robot is ours, with all weight."""
        return self._is_ours and (self._ramp_s == 0 or self._weight == 1.0)

    def engage(self, q: Array | None = None) -> None:
        """The robot is ours from now on.

        Args:
            q: (N,) where it stands [rad], to be held there until a window comes; None: nothing is told until then.

        Raises:
            ValueError: If it is not finite, or missing although there is a weight to gain.
        """
        if q is None and self._ramp_s > 0:
            raise ValueError("a stream with a weight begins where the robot stands")
        if q is not None and (np.shape(q) != self._speed.shape or not np.isfinite(q).all()):
            raise ValueError(f"{q} is not {len(self._speed)} finite positions")
        self._is_ours, self._keeps = True, q is not None
        if q is not None and (self._last is None or self._weight == 0.0):
            self._window, self._last = None, np.array(q, dtype=np.float64)

    def release(self) -> None:
        """Take no more windows: come to rest, then give the robot back."""
        self._is_ours = False

    def follow(self, window: Window) -> bool:
        """Follow a window from now on; False, and counted, if it cannot be."""
        is_fit = (window.positions.shape[1:] == self._speed.shape and len(window) > 0
                  and bool(np.isfinite(window.positions).all() and np.isfinite(window.velocities).all()))
        if not is_fit or not self.is_ready:
            self.refused_windows += 1
            return False
        self._window = window
        return True

    def step(self, now_ns: int) -> SampledCommand | None:
        """The command now; None: nothing is to be told.

        Args:
            now_ns: The present [ns].
        """
        dt = self._pass_time(now_ns)
        self._weigh(dt, now_ns)
        if self._is_over(now_ns):
            self._window = self._last = None
        if self._window is None:
            return None if self._last is None else self._command(self._last, np.zeros(len(self._last)))
        position, velocity = sample(self._window, now_ns)
        if self._last is not None:
            reach = self._speed * dt
            near = np.clip(position, self._last - reach, self._last + reach)
            velocity = np.where(near == position, velocity, (near - self._last) / max(dt, 1e-9))
            position = near
        self._last, self._followed = position, self._window
        return self._command(position, velocity)

    def _pass_time(self, now_ns: int) -> float:
        """Time since the last call that counts [s]; after a jump, or a late call, motion goes on from there."""
        last_ns, self._last_ns = self._last_ns, now_ns
        if last_ns is None:
            return 0.0
        passed_s = (now_ns - last_ns) / NS
        dt = min(max(0.0, passed_s), self._longest_s)
        if dt != passed_s and self._window is not None and self._window is self._followed:
            stamp_ns = self._window.stamp_ns + round((passed_s - dt) * NS)
            self._window = self._followed = replace(self._window, stamp_ns=stamp_ns)
        return dt

    def _weigh(self, dt: float, now_ns: int) -> None:
        """Move the weight towards 1, or to 0 once the robot is at rest and not ours any more."""
        if self._ramp_s > 0:
            wanted = 1.0 if self._is_ours or not self._is_at_rest(now_ns) else 0.0
            self._weight += float(np.clip(wanted - self._weight, -dt / self._ramp_s, dt / self._ramp_s))

    def _is_at_rest(self, now_ns: int, for_ns: int = 0) -> bool:
        return self._window is None or now_ns > end_ns(self._window) + for_ns

    def _is_over(self, now_ns: int) -> bool:
        """Whether nothing more is to be told."""
        if self._ramp_s > 0:
            return self._weight == 0.0 and not self._is_ours
        return self._is_at_rest(now_ns, LINGER_NS) and not (self._keeps and self._is_ours)

    def _command(self, positions: Array, velocities: Array) -> SampledCommand:
        return SampledCommand(positions.copy(), velocities, self._weight if self._ramp_s > 0 else 1.0)

