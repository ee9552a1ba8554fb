"""Frames of 50 ms from feature frames of 10 ms, the same for training and for streams.

    feature frames   0 1 2 3 4 5 6 7 8          100 Hz
    frame 0         |0 1 2 3 4|
    frame 1           |1 2 3 4 5|               one for every 10 ms: five grids of 20 Hz, a phase apart

The published weights take the MFCC of the first 12 ms of a frame and the mean of all other features.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURE_RATE
from speech_gesture_ros.networks.kucherenko.network_config import WINDOW_FRAME_RATE

NUM_PHASES = FEATURE_RATE // WINDOW_FRAME_RATE  # feature frames in a frame of 50 ms


def make_frames(rows: npt.NDArray[np.floating], columns: tuple[str, ...], frames: str) -> npt.NDArray[np.float32]:
    """Compute frames of 50 ms, one for each feature frame that is followed by four more.

    Args:
        rows: (T, F) feature frames at 100 Hz. Training uses every fifth result: the 20 Hz grid.
        columns: Names of the F columns.
        frames: "mean" or "published", see `KucherenkoConfig.frames`.

    Returns:
        (max(0, T - 4), F), row n for time n / 100 s.
    """
    count = max(0, len(rows) - NUM_PHASES + 1)
    values = np.asarray(rows, dtype=np.float64)
    mean = sum((values[i:i + count] for i in range(NUM_PHASES)), np.zeros((count, values.shape[1]))) / NUM_PHASES
    if frames == "published":
        sampled = [name.startswith("mfcc") for name in columns]
        mean = np.where(sampled, values[:count], mean)
    return mean.astype(np.float32)
