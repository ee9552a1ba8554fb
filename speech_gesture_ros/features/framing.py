"""Samples in, overlapping windows out: the only place where feature code remembers samples.

Frame n belongs to time n / 100 s and is computed when its *last* sample, 160 n + 400, has arrived. Extractors that
need a longer window all end there and reach further back, so that a long window costs history, not latency::

    samples   ........|160 n ................ 160 n + 400|
    log-mel           [----------- 400 ------------------]
    pitch     [------------------- 648 ------------------]

Before the stream there is silence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLES_PER_FEATURE

WIN_LENGTH = 400  # [samples] 25 ms: samples a frame looks ahead of its own time
HOP_LENGTH = SAMPLES_PER_FEATURE


class FrameBuffer:
    """Cuts a stream into overlapping windows; non-finite samples count as 0.

    Attributes:
        length: Samples in a window; `WIN_LENGTH` or more.
    """

    def __init__(self, length: int = WIN_LENGTH) -> None:
        if length < WIN_LENGTH:
            raise ValueError(f"window length is {length}, must be at least {WIN_LENGTH}")
        self.length = length
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._samples = np.zeros(self.length - WIN_LENGTH)  # the silence before the stream
        self._received = 0
        self._emitted = 0

    @property
    def frame_count(self) -> int:
        """Frames given out so far."""
        return self._emitted

    def push(self, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Take consecutive samples (N,); return the windows they complete, (T, length)."""
        self._received += len(samples)
        return self._take(samples)

    def flush(self) -> npt.NDArray[np.float64]:
        """As if silence followed: the windows of all hops that were received completely, (T, length)."""
        missing = self._received // HOP_LENGTH - self._emitted
        needed = (missing - 1) * HOP_LENGTH + self.length - len(self._samples)
        return self._take(np.zeros(needed)) if missing else np.empty((0, self.length))

    def _take(self, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        if not np.isfinite(samples).all():
            samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        self._samples = np.concatenate([self._samples, samples])
        count = max(0, (len(self._samples) - self.length) // HOP_LENGTH + 1)
        if not count:
            return np.empty((0, self.length))
        step = self._samples.itemsize
        windows: npt.NDArray[np.float64] = np.ndarray(  # they overlap: seen, not copied
            (count, self.length), self._samples.dtype, self._samples, strides=(HOP_LENGTH * step, step))
        self._samples = self._samples[count * HOP_LENGTH:].copy()
        self._emitted += count
        return windows
