"""Command stream: windows in, one command at a time out, for robots that take no trajectories.

    weight  ___╱‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾╲___     with `ramp_s`: the robot is held while the weight changes
    motion     ────╱╲╱‾╲_╱─────────────────       windows end at rest: without a new one the robot stops
             engage   windows         release

Between knots a window is the cubic through both, so commands sampled from a window inside the limits are inside them.
Consecutive windows agree where the robot is; if they do not, the command changes no faster than `speed`. If ROS time
jumps, the present window is finished as if it had not.
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

LINGER_NS = NS // 2  # time for which commands go on after rest: a message may get lost
MAX_PERIODS_PER_STEP = 2.0  # time that one step covers at most: a delayed thread does not catch up at once


@dataclass(frozen=True)
class SampledCommand:
    """Command for one instant.

    Attributes:
        positions: (N,) [rad].
        velocities: (N,) [rad/s].
        weight: Share of these commands in what the motors execute, 0 to 1.
    """

    positions: Array
    velocities: Array
    weight: float = 1.0


def sample(window: Window, now_ns: int) -> tuple[Array, Array]:
    """Return position (N,) [rad] and velocity (N,) [rad/s] of a window at a ROS time; at rest before and after it."""
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
    """Commands sampled from windows. Not thread-safe: callers hold one lock.

    Args:
        speed: (N,) largest rate of change of a command [rad/s].
        period_s: Time between two calls of `step` [s].
        ramp_s: Time in which the weight rises and falls [s]; 0: no weight, and no commands at rest.

    Attributes:
        refused_windows: Number of windows not followed: not finite, of another size, or while not engaged.
    """

    def __init__(self, speed: Array, period_s: float, ramp_s: float = 0.0) -> None:
        self._speed = np.array(speed, dtype=np.float64)
        self._max_step_s = MAX_PERIODS_PER_STEP * period_s
        self._ramp_s = ramp_s
        self._window: Window | None = None
        self._last: Array | None = None  # last commanded position; None: no command is in force
        self._last_ns: int | None = None
        self._sampled: Window | None = None  # source of the last command
        self._weight = 0.0
        self._is_engaged = False
        self._holds_at_rest = False  # True if commands go on at rest
        self.refused_windows = 0

    @property
    def is_ready(self) -> bool:
        """True if windows are followed: engaged, with full weight."""
        return self._is_engaged and (self._ramp_s == 0 or self._weight == 1.0)

    def engage(self, q: Array | None = None) -> None:
        """Begin to command the robot.

        Args:
            q: (N,) measured configuration [rad], commanded until the first window; None: no commands until then.

        Raises:
            ValueError: If it is not N finite values, or is None although there is a weight.
        """
        if q is None and self._ramp_s > 0:
            raise ValueError("engaging a stream with a weight needs the measured configuration")
        if q is not None and (np.shape(q) != self._speed.shape or not np.isfinite(q).all()):
            raise ValueError(f"{q} is not {len(self._speed)} finite positions")
        self._is_engaged, self._holds_at_rest = True, q is not None
        if q is not None and (self._last is None or self._weight == 0.0):
            self._window, self._last = None, np.array(q, dtype=np.float64)

    def release(self) -> None:
        """Accept no more windows; come to rest, lower the weight, then stop commanding."""
        self._is_engaged = False

    def follow(self, window: Window) -> bool:
        """Follow a window from now on; return False, and count it, if it is refused."""
        is_valid = (window.positions.shape[1:] == self._speed.shape and len(window) > 0
                    and bool(np.isfinite(window.positions).all() and np.isfinite(window.velocities).all()))
        if not is_valid or not self.is_ready:
            self.refused_windows += 1
            return False
        self._window = window
        return True

    def step(self, now_ns: int) -> SampledCommand | None:
        """Return the command for ROS time `now_ns` [ns]; None if there is nothing to command."""
        dt = self._elapsed_s(now_ns)
        self._update_weight(dt, now_ns)
        if self._is_over(now_ns):
            self._window = self._last = None
        if self._window is None:
            return None if self._last is None else self._command(self._last, np.zeros(len(self._last)))
        position, velocity = sample(self._window, now_ns)
        if self._last is not None:
            max_change = self._speed * dt
            limited = np.clip(position, self._last - max_change, self._last + max_change)
            velocity = np.where(limited == position, velocity, (limited - self._last) / max(dt, 1e-9))
            position = limited
        self._last, self._sampled = position, self._window
        return self._command(position, velocity)

    def _elapsed_s(self, now_ns: int) -> float:
        """Return the time since the last call, limited to `_max_step_s`; the rest of it shifts the present window."""
        last_ns, self._last_ns = self._last_ns, now_ns
        if last_ns is None:
            return 0.0
        passed_s = (now_ns - last_ns) / NS
        dt = min(max(0.0, passed_s), self._max_step_s)
        if dt != passed_s and self._window is not None and self._window is self._sampled:
            stamp_ns = self._window.stamp_ns + round((passed_s - dt) * NS)
            self._window = self._sampled = replace(self._window, stamp_ns=stamp_ns)
        return dt

    def _update_weight(self, dt: float, now_ns: int) -> None:
        """Move the weight towards 1, or towards 0 once released and at rest."""
        if self._ramp_s > 0:
            goal = 1.0 if self._is_engaged or not self._is_at_rest(now_ns) else 0.0
            self._weight += float(np.clip(goal - self._weight, -dt / self._ramp_s, dt / self._ramp_s))

    def _is_at_rest(self, now_ns: int, for_ns: int = 0) -> bool:
        return self._window is None or now_ns > end_ns(self._window) + for_ns

    def _is_over(self, now_ns: int) -> bool:
        """Return whether commanding has ended."""
        if self._ramp_s > 0:
            return self._weight == 0.0 and not self._is_engaged
        return self._is_at_rest(now_ns, LINGER_NS) and not (self._holds_at_rest and self._is_engaged)

    def _command(self, positions: Array, velocities: Array) -> SampledCommand:
        return SampledCommand(positions.copy(), velocities, self._weight if self._ramp_s > 0 else 1.0)
