"""Baselines of the paper, with the interface of a network: windows of log-mel to windows of keypoints."""

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

NEIGHBOUR_STEP = 8  # keypoint frames between the training windows that are compared
POOLED_FRAMES = 11  # feature frames whose mean is compared: 38 means in a window
_WINDOWS_AT_ONCE = 16


def median_pose(data: SpeakerData) -> Predictor:
    """Return the predictor of the speaker's median pose."""
    pose = np.median(np.concatenate([clip.keypoints for clip in data.train]), axis=0)
    return lambda log_mel: np.broadcast_to(pose, (len(log_mel), WINDOW_KEYPOINTS, NUM_MOVING, 2)).astype(np.float32)


def random_clip(data: SpeakerData, seed: int = 0) -> Predictor:
    """Return the predictor of training windows drawn at random."""
    rng = np.random.default_rng(seed)

    def predict(log_mel: Array) -> Array:
        clips = [data.train[i] for i in rng.integers(len(data.train), size=len(log_mel))]
        return np.stack([clip.window(int(rng.choice(clip.starts)))[1] for clip in clips])

    return predict


def nearest_neighbour(data: SpeakerData) -> Predictor:
    """Return the predictor of the training window with the most similar sound: squared distance of pooled log-mel."""
    places = [(clip, start) for clip in data.train for start in spaced(clip.starts, NEIGHBOUR_STEP)]
    known = np.stack([_pooled(clip.window(start)[0][None])[0] for clip, start in places])
    squares = (known**2).sum(axis=1)

    def predict(log_mel: Array) -> Array:
        pooled = _pooled(log_mel)
        nearest = np.argmin(squares - 2 * pooled @ known.T, axis=1)
        return np.stack([places[i][0].window(places[i][1])[1] for i in nearest])

    return predict


def network(generator: Generator, statistics: KeypointStatistics) -> Predictor:
    """Return the predictor of a trained network."""
    generator = generator.cpu().eval()

    def predict(log_mel: Array) -> Array:
        with torch.inference_mode():
            parts = [generator(torch.from_numpy(log_mel[i:i + _WINDOWS_AT_ONCE])).numpy()
                     for i in range(0, len(log_mel), _WINDOWS_AT_ONCE)]
        return statistics.restore(np.concatenate(parts).reshape(-1, WINDOW_KEYPOINTS, NUM_MOVING, 2))

    return predict


def _pooled(log_mel: Array) -> Array:
    """Return (B, 38 * 64) of (B, 418, 64)."""
    pooled = log_mel.reshape(len(log_mel), WINDOW_FEATURES // POOLED_FRAMES, POOLED_FRAMES, NUM_BANDS).mean(axis=2)
    return np.asarray(pooled.reshape(len(log_mel), -1))
