"""Interpolation: 25 Hz configurations to targets at 50 Hz knots, by a uniform cubic B-spline of smoothed frames.

Each control point is the mean of three frames, with weights 1/4, 1/2, 1/4. Between control points the spline is one
cubic, so its jerk is constant there, its acceleration continuous, and the curve is within the range of neighbouring
frames: frames inside the position limits give targets inside the position limits.

    frames  i-2   i-1    i    i+1   i+2   i+3      25 Hz
    knots                2i  2i+1  2i+2            50 Hz
                         └─ frames i-2 to i+2
                              └─ frames i-2 to i+3: the newest is 2.5 frames later, hence a latency of 100 ms

It smooths instead of passing through the frames, because inverse kinematics turns smooth human motion into joint
motion with corners, which a real joint cannot follow without overshoot. A 1.2 Hz motion keeps 96 % of its size, a 5 Hz
tremor 50 %. Where latency matters more, each control point is one frame: the spline alone reaches one frame less to
each side, has 60 ms of latency, and keeps 98 % and 77 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import Chunk, JointChunk
from speech_gesture_ros.core.rates import KNOTS_PER_POSE, POSE_RATE

Array = npt.NDArray[np.float64]

# Derivatives 0, 1, 2 of the uniform cubic B-spline, per control point; at a frame and half way to the next.
_PER_SECOND = np.array([[1.0], [POSE_RATE], [POSE_RATE**2]])
_SPLINE_AT_FRAME = np.array([[1 / 6, 4 / 6, 1 / 6], [-1 / 2, 0, 1 / 2], [1, -2, 1]])
_SPLINE_AT_HALF = np.array([[1, 23, 23, 1], [-6, -30, 30, 6], [24, -24, -24, 24]]) / 48
_SMOOTH, _ALONE = np.array([1 / 4, 1 / 2, 1 / 4]), np.array([1.0])  # a control point, of the frames around it


class TargetChunk(Chunk):
    """(T, 3, N) float64 target position, velocity and acceleration at `KNOT_RATE`; NaN where unknown."""


@dataclass
class _State:
    start_index: int = 0  # frame index of frames[reach]
    frames: Array | None = None  # (at most 2 reach + 1, N) frames still needed; None before the first


class KnotTargetStage:
    """Stage (`core.stage`) from joint frames to target knots.

    Before the first frame and after the last (`flush`) the configuration is constant. A value that is not finite makes
    the knots that depend on it NaN, for its joint only.

    Args:
        is_smoothed: Whether a control point is the mean of three frames.
    """

    def __init__(self, is_smoothed: bool = True) -> None:
        control_point = _SMOOTH if is_smoothed else _ALONE
        self._reach = 1 + len(control_point) // 2
        self._at_frame, self._at_half = (_PER_SECOND * np.array([np.convolve(row, control_point) for row in rows])
                                         for rows in (_SPLINE_AT_FRAME, _SPLINE_AT_HALF))
        self._state = _State()

    @property
    def reach(self) -> int:
        """Frames to each side that a knot at a frame depends on; a knot half way to the next depends on one more."""
        return self._reach

    @property
    def latency_s(self) -> float:
        """The future that a knot half way between two frames needs [s]."""
        return (self._reach + 0.5) / POSE_RATE

    def reset(self) -> None:
        """Forget the stream; the next chunk may start at any index."""
        self._state = _State()

    def push(self, chunk: JointChunk) -> TargetChunk:
        """Take consecutive frames and return the knots that they complete.

        Args:
            chunk: (T, N) configurations [rad].

        Returns:
            (T', 3, N) position [rad], velocity [rad/s] and acceleration [rad/s²] of each knot; T' about twice T.

        Raises:
            ValueError: If the chunk does not continue the stream.
        """
        state = self._state
        new = np.where(np.isfinite(chunk.values), chunk.values, np.nan).astype(np.float64)
        if len(new) == 0:
            return TargetChunk(self._next_knot(), np.zeros((0, 3, *new.shape[1:])))
        if state.frames is None:
            # The stream begins: its first frame also serves as those before it.
            state.start_index, state.frames = chunk.start_index, np.repeat(new[:1], self._reach, axis=0)
        elif chunk.start_index != (stop := state.start_index + len(state.frames) - self._reach):
            raise ValueError(f"joint chunk starts at frame {chunk.start_index}, the stream stopped at {stop}")
        return self._advance(np.concatenate([state.frames, new]))

    def flush(self) -> TargetChunk:
        """Return the remaining knots, as if the last frame were repeated."""
        frames = self._state.frames
        if frames is None:
            return TargetChunk(0, np.zeros((0, 3, 0)))
        chunk = self._advance(np.concatenate([frames, np.repeat(frames[-1:], self._reach, axis=0)]))
        self._state = _State()
        return chunk

    def _next_knot(self) -> int:
        """Return the index of the next knot: with frames i-2 to i+2, 2i is output and 2i+1 waits for frame i+3."""
        state = self._state
        waits_for_half = state.frames is not None and len(state.frames) == 2 * self._reach + 1
        return KNOTS_PER_POSE * state.start_index + int(waits_for_half)

    def _advance(self, frames: Array) -> TargetChunk:
        """Return the knots that `frames` (K, N) complete and store the frames that later knots need."""
        state, start = self._state, self._next_knot()
        already_out = start % KNOTS_PER_POSE  # 1 if the knot at frames[self._reach] was output before
        count = max(0, len(frames) - 2 * self._reach)
        knots = np.empty((max(0, 2 * count - 1), 3, frames.shape[1]))
        knots[0::2] = _blend(self._at_frame, frames, count)
        knots[1::2] = _blend(self._at_half, frames, max(0, count - 1))
        state.start_index += max(0, count - 1)
        state.frames = frames[-2 * self._reach - 1:]
        return TargetChunk(start, knots[already_out:])


def _blend(weights: Array, frames: Array, count: int) -> Array:
    """Return weighted sums of neighbouring rows, (count, 3, N); summed term by term: bit-equal for every chunking."""
    total = np.zeros((count, 3, frames.shape[1]))
    for k in range(weights.shape[1]):
        total += weights[:, k, None] * frames[k:k + count, None, :]
    return total
