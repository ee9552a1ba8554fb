"""Statistics of the training data: mean and spread of the features, spread of the motion of each joint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack

MIN_FEATURE_STD = 0.05
MIN_SPREADS_M = (4e-3, 4e-4, 1e-4)  # of positions, first and second differences


@dataclass(frozen=True)
class Statistics:
    """Statistics of F features and J joints.

    Attributes:
        feature_mean: (F,).
        feature_std: (F,), at least 0.05.
        position_std: (J,) spread of each joint, all axes together, at least 4 mm [m].
        velocity_std: (J,) of its first differences, at least 0.4 mm [m].
        acceleration_std: (J,) of its second differences, at least 0.1 mm [m].
    """

    feature_mean: npt.NDArray[np.float32]
    feature_std: npt.NDArray[np.float32]
    position_std: npt.NDArray[np.float32]
    velocity_std: npt.NDArray[np.float32]
    acceleration_std: npt.NDArray[np.float32]


def measure_statistics(tracks: list[TrainingTrack]) -> Statistics:
    """Return the statistics of the tracks with speech: features of every version, positions of the first motion."""
    spoken = [t for t in tracks if t.speaker] or tracks
    count = sum(t.features.shape[0] * t.features.shape[1] for t in spoken)
    mean = sum(t.features.sum(axis=(0, 1), dtype=np.float64) for t in spoken) / count
    square = sum(np.square(t.features, dtype=np.float32).sum(axis=(0, 1), dtype=np.float64) for t in spoken) / count
    std = np.sqrt(np.maximum(square - mean**2, 0.0))
    spreads: list[npt.NDArray[np.float64]] = []
    for order, least in enumerate(MIN_SPREADS_M):
        values = np.concatenate([np.diff(t.joint_xyz[0].astype(np.float32) * XYZ_STEP_M, n=order, axis=0)
                                 for t in spoken])
        spreads.append(np.maximum(np.sqrt(values.var(axis=0).sum(axis=-1)), least))
    vectors = (mean, np.maximum(std, MIN_FEATURE_STD), *spreads)
    return Statistics(*(np.asarray(v, dtype=np.float32) for v in vectors))
