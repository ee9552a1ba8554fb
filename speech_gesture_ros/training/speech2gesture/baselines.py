"""The paper's baselines, each the same kind of thing as a network: windows of log-mel in, windows of keypoints out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.networks.speech2gesture.bundle import KeypointStatistics
from speech_gesture_ros.networks.speech2gesture.network import Generator
from speech_gesture_ros.networks.speech2gesture.network_config import (
    NUM_BANDS,
    NUM_MOVING,
    WINDOW_FEATURES,
    WINDOW_KEYPOINTS,
)
from speech_gesture_ros.training.speech2gesture.windows import SpeakerData, spaced

Array = npt.NDArray[np.float32]
Predictor = Callable[[Array], Array]  # (B, 418, 64) log-mel to (B, 64, 48, 2) [m]

NEIGHBOUR_STEP = 8  # keypoint frames between the windows that are looked through
POOLED = 11  # feature frames whose mean is compared: 38 means a window
_BLOCK = 16  # windows at once


def median_pose(data: SpeakerData) -> Predictor:
    """Stand still in the speaker's median pose."""
    pose = np.median(np.concatenate([take.keypoints for take in data.train]), axis=0)
    return lambda log_mel: np.broadcast_to(pose, (len(log_mel), WINDOW_KEYPOINTS, NUM_MOVING, 2)).astype(np.float32)


def random_clip(data: SpeakerData, seed: int = 0) -> Predictor:
    """Move as the speaker did at some other time."""
    rng = np.random.default_rng(seed)

    def predict(log_mel: Array) -> Array:
        takes = [data.train[i] for i in rng.integers(len(data.train), size=len(log_mel))]
        return np.stack([take.window(int(rng.choice(take.starts)))[1] for take in takes])

    return predict


def nearest_neighbour(data: SpeakerData) -> Predictor:
    """Move as the speaker did when it sounded most alike: least squared distance of log-mel in short means."""
    places = [(take, start) for take in data.train for start in spaced(take.starts, NEIGHBOUR_STEP)]
    known = np.stack([_pooled(take.window(start)[0][None])[0] for take, start in places])
    squares = (known**2).sum(axis=1)

    def predict(log_mel: Array) -> Array:
        heard = _pooled(log_mel)
        nearest = np.argmin(squares - 2 * heard @ known.T, axis=1)
        return np.stack([places[i][0].window(places[i][1])[1] for i in nearest])

    return predict


def network(generator: Generator, statistics: KeypointStatistics) -> Predictor:
    """What a trained network says."""
    generator = generator.cpu().eval()

    def predict(log_mel: Array) -> Array:
        with torch.inference_mode():
            said = [generator(torch.from_numpy(log_mel[i:i + _BLOCK])).numpy() for i in range(0, len(log_mel), _BLOCK)]
        return statistics.restore(np.concatenate(said).reshape(-1, WINDOW_KEYPOINTS, NUM_MOVING, 2))

    return predict


def _pooled(log_mel: Array) -> Array:
    """(B, 418, 64) to (B, 38 * 64)."""
    pooled = log_mel.reshape(len(log_mel), WINDOW_FEATURES // POOLED, POOLED, NUM_BANDS).mean(axis=2)
    return np.asarray(pooled.reshape(len(log_mel), -1))
