"""Smoother: a short symmetric filter that removes jitter from joint positions without shifting peaks in time.

A causal low-pass delays every stroke. A symmetric one does not, at the cost of a latency of half its width. The
binomial filter is the shortest smooth choice: no overshoot, gain 0 at 12.5 Hz,

    half_width 1:  [1 2 1] / 4          latency 1 frame  (40 ms), gain 1/2 at 6.3 Hz
    half_width 2:  [1 4 6 4 1] / 16     latency 2 frames (80 ms), gain 1/2 at 4.5 Hz

and human hand velocity is below 3 to 5 Hz. The mean of positions on an arc lies inside the arc, so averaged limbs are
shorter. Therefore bone vectors are averaged, and each is then scaled to the averaged *length*:

        b1 .                          lengths 1, 1, 1   ─► mean 1
            '. mean, too short ──►    scaled to 1: rigid bones keep their lengths
        b2 -─'                        (varying lengths are smoothed, too)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import comb

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton

MAX_HALF_WIDTH = 4  # [frames] 160 ms before and after
MIN_LENGTH_M = 1e-9  # below it a bone has no direction


@dataclass
class SmootherState:
    """State of the smoother.

    Attributes:
        next_index: Index of the next output frame; None before the first input.
        tail: (up to 2 * half_width, J, 3) input frames that later output needs [m].
    """

    next_index: int | None = None
    tail: npt.NDArray[np.float64] | None = field(default=None, repr=False)


class Smoother:
    """Smoothing of a pose stream; the first and last frames are repeated at the ends.

    Args:
        skeleton: Skeleton of the poses.
        half_width: Frames used before and after each frame, 1 to `MAX_HALF_WIDTH`.

    Raises:
        ConfigError: If `half_width` is out of range.
    """

    def __init__(self, skeleton: Skeleton, half_width: int = 1) -> None:
        if not 1 <= half_width <= MAX_HALF_WIDTH:
            raise ConfigError("half_width of the smoother", half_width, f"1 to {MAX_HALF_WIDTH} frames",
                              "Leave the smoother out for no smoothing.")
        self._skeleton = skeleton
        self._half_width = half_width
        width = 2 * half_width
        self._kernel = np.array([comb(width, i) for i in range(width + 1)]) / 2.0**width
        self.reset()

    @property
    def latency_s(self) -> float:
        """Half the filter's width [s]."""
        return self._half_width / POSE_RATE

    def reset(self) -> None:
        """Return to the state of a new stage."""
        self._state = SmootherState()

    def push(self, chunk: PoseChunk) -> PoseChunk:
        """Feed consecutive poses (T, J, 3) [m]; return the smoothed poses that are complete."""
        if self._state.next_index is None:
            self._state.next_index = chunk.start_index
        return self._advance(np.asarray(chunk.values, dtype=np.float64))

    def flush(self) -> PoseChunk:
        """Return the last `half_width` poses, as if the last input were repeated."""
        tail = self._state.tail
        still = np.empty((0, len(self._skeleton), 3)) if tail is None else np.repeat(tail[-1:], self._half_width, 0)
        return self._advance(still)

    def _advance(self, frames: npt.NDArray[np.float64]) -> PoseChunk:
        state, width = self._state, 2 * self._half_width
        start = state.next_index or 0
        if len(frames) and state.tail is None:
            state.tail = np.repeat(frames[:1], self._half_width, axis=0)
        if state.tail is None:
            return PoseChunk(start, np.empty((0, len(self._skeleton), 3), dtype=np.float32))
        window = np.concatenate([state.tail, frames])
        state.tail = window[-width:]
        count = max(0, len(window) - width)
        if count == 0:
            return PoseChunk(start, np.empty((0, len(self._skeleton), 3), dtype=np.float32))
        state.next_index = start + count
        return PoseChunk(start, self._filter(window, count).astype(np.float32))

    def _filter(self, window: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
        bones = self._skeleton.bones_from_xyz(window)
        mean_bone, mean_length = self._mean(bones), self._mean(_length(bones))
        length = _length(mean_bone)
        scaled = mean_bone * (mean_length / np.maximum(length, MIN_LENGTH_M))
        # Opposite directions within the window average to 0: the bone of the middle frame is kept.
        centre = bones[self._half_width:self._half_width + count]
        scaled = np.where(length > MIN_LENGTH_M, scaled, centre)
        scaled[:, 0] = mean_bone[:, 0]  # the root is a position, not a bone
        return self._skeleton.xyz_from_bones(scaled)

    def _mean(self, window: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Filtered frames; each is one product, so that chunking changes no bit."""
        width = len(self._kernel)
        rows, count = window.reshape(len(window), -1), len(window) - width + 1
        means = [self._kernel @ rows[i:i + width] for i in range(count)]
        return np.array(means).reshape(count, *window.shape[1:])


def _length(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Lengths of vectors, (T, J, 3) to (T, J, 1)."""
    return np.asarray(np.sqrt(np.einsum("tjc,tjc->tj", vectors, vectors))[..., None])
