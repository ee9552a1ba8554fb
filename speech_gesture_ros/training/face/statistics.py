"""Mean and deviation of the features of tracks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.training.face.tracks import FaceTrack

MIN_FEATURE_STD = 0.05


def feature_statistics(tracks: list[FaceTrack]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return mean and standard deviation (F,) of the features of the tracks with speech, all versions."""
    total, squares, count = np.zeros(len(FEATURE_NAMES)), np.zeros(len(FEATURE_NAMES)), 0
    for track in tracks:
        if track.speaker:
            rows = track.features.reshape(-1, len(FEATURE_NAMES)).astype(np.float64)
            total, squares, count = total + rows.sum(axis=0), squares + np.square(rows).sum(axis=0), count + len(rows)
    mean = total / max(count, 1)
    std = np.sqrt(np.maximum(squares / max(count, 1) - mean**2, MIN_FEATURE_STD**2))
    return mean.astype(np.float32), std.astype(np.float32)
