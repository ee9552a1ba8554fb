"""Base of the feature stages: windows of the stream to rows of features, block by block.

    push ─► FrameBuffer ─► windows (T, length) ─► `_rows`, at most 256 at a time ─► (T, width)

A feature stage gives the length of its windows, the width of its rows and `_rows`; its own state is cleared in `reset`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.framing import WIN_LENGTH, FrameBuffer

Array = npt.NDArray[np.float64]

_BLOCK_FRAMES = 256  # computed at a time: their windows fit a processor's cache
_PART_SAMPLES = 30 * SAMPLE_RATE  # of a whole recording pushed at a time: bounds memory for hours of audio


class WindowedStage(ABC):
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, width) float32 at 100 Hz.

    Args:
        length: Samples in a window; all of them end 25 ms after the frame's time.
        width: Features in a row.
    """

    def __init__(self, length: int, width: int) -> None:
        self._length, self._width = length, width
        self.reset()

    @property
    def latency_s(self) -> float:
        """A frame is complete 25 ms after its time [s]."""
        return WIN_LENGTH / SAMPLE_RATE

    def reset(self) -> None:
        """Return to the state of a new stage."""
        self._frames = FrameBuffer(self._length)

    def push(self, chunk: AudioChunk) -> FeatureChunk:
        """Feed consecutive samples; return the frames that they complete. Non-finite samples count as 0."""
        return self._chunk(self._frames.frame_count, self._frames.push(chunk.values))

    def flush(self) -> FeatureChunk:
        """Return the remaining frames, as if silence followed: N // 160 in all."""
        return self._chunk(self._frames.frame_count, self._frames.flush())

    @abstractmethod
    def _rows(self, windows: Array) -> npt.NDArray[np.floating]:
        """Compute the features (T, width) of consecutive windows (T, length), T from 1 to 256."""

    def _chunk(self, start: int, windows: Array) -> FeatureChunk:
        blocks = [self._rows(windows[i:i + _BLOCK_FRAMES]) for i in range(0, len(windows), _BLOCK_FRAMES)]
        rows = np.concatenate(blocks) if blocks else np.empty((0, self._width))
        return FeatureChunk(start, rows.astype(np.float32, copy=False))


def whole_recording(stage: WindowedStage, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Compute the features of a whole recording (N,) with a new stage: (N // 160, width).

    Raises:
        ValueError: If `samples` is not one-dimensional.
    """
    if np.ndim(samples) != 1:
        raise ValueError(f"samples have shape {np.shape(samples)}, must be (N,): mix channels down first")
    parts = [stage.push(AudioChunk(i, samples[i:i + _PART_SAMPLES])).values
             for i in range(0, len(samples), _PART_SAMPLES)]
    return np.concatenate([*parts, stage.flush().values])
