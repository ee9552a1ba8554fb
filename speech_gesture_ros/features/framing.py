"""Streaming framing: samples to overlapping windows; no other feature code stores samples.

Frame n belongs to time n / 100 s and is computed when its *last* sample, 160 n + 400, has arrived. Longer windows end
there, too, and begin earlier, so that a long window adds history, not latency::

    samples   ........|160 n ................ 160 n + 400|
    log-mel           [----------- 400 ------------------]
    pitch     [------------------- 648 ------------------]

Silence precedes the stream.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_FEATURE

WIN_LENGTH = SAMPLE_RATE // 40  # [samples] 25 ms: 400; look-ahead of a frame
HOP_LENGTH = SAMPLES_PER_FEATURE


class FrameBuffer:
    """Stream of samples to overlapping windows; non-finite samples count as 0.

    Attributes:
        length: Samples in a window; `WIN_LENGTH` or more.
    """

    def __init__(self, length: int = WIN_LENGTH) -> None:
        if length < WIN_LENGTH:
            raise ValueError(f"window length is {length}, must be at least {WIN_LENGTH}")
        self.length = length
        self.reset()

    def reset(self) -> None:
        """Return to the state of a new buffer."""
        self._samples = np.zeros(self.length - WIN_LENGTH)  # the silence before the stream
        self._received = 0
        self._emitted = 0

    @property
    def frame_count(self) -> int:
        """Frames returned so far."""
        return self._emitted

    def push(self, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Feed consecutive samples (N,); return the windows that they complete, (T, length)."""
        self._received += len(samples)
        return self._take(samples)

    def flush(self) -> npt.NDArray[np.float64]:
        """Return the windows of the remaining complete hops, as if silence followed, (T, length)."""
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
        windows: npt.NDArray[np.float64] = np.ndarray(  # overlapping views, not copies
            (count, self.length), self._samples.dtype, self._samples, strides=(HOP_LENGTH * step, step))
        self._samples = self._samples[count * HOP_LENGTH:].copy()
        self._emitted += count
        return windows
