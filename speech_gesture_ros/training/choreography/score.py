"""The score: which gesture code is active when, drawn from a seed and blind to the audio.

code       |  7   |     20     |   3   |   12 ...     lengths 1.2-3.0 s, jittered, so that no clock shows
next_code  | 20   |      3     |  12   |
phase      0 ... 1 0 ........ 1 0 .... 1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.training.choreography.gestures import NUM_CODES

SEGMENT_S = (1.2, 3.0)


@dataclass(frozen=True)
class Score:
    """A code sequence on the pose grid.

    Attributes:
        code: (T,) active code.
        next_code: (T,) the one after it.
        phase: (T,) [0, 1) through the active segment.
    """

    code: npt.NDArray[np.int64]
    next_code: npt.NDArray[np.int64]
    phase: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.code)


def draw_score(num_frames: int, rng: np.random.Generator) -> Score:
    """Draw codes for T frames: uniform, but never the same one twice in a row nor its mirror image."""
    low, high = (round(s * POSE_RATE) for s in SEGMENT_S)
    most = num_frames // low + 2
    # The stream starts somewhere inside a segment, like any cut from a longer one.
    lengths = rng.integers(low, high + 1, size=most)
    skipped = int(rng.integers(0, lengths[0]))
    step = rng.integers(2, NUM_CODES, size=most)  # other than the code itself and its mirror
    codes = np.empty(most + 1, dtype=np.int64)
    codes[0] = rng.integers(NUM_CODES)
    for i, jump in enumerate(step):
        others = codes[i] & ~1
        codes[i + 1] = (others + jump) % NUM_CODES
    segment = np.repeat(np.arange(most), lengths)[skipped: skipped + num_frames]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    phase = (np.arange(skipped, skipped + num_frames) - starts[segment]) / lengths[segment]
    return Score(codes[segment], codes[segment + 1], phase.astype(np.float32))
