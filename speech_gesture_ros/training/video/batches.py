"""Batches of places in the films of a person: three frames in a row, with the picture before the first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speech_gesture_ros.rendering.keypoint_pictures import draw_keypoints
from speech_gesture_ros.training.video.person_films import PersonFilm
from speech_gesture_ros.training.video.run_config import VideoRunConfig

FRAMES = 3  # of a place: the picture before, and two that are drawn


class VideoBatch(NamedTuple):
    """Frames t - 1, t, t + 1 of places in films, or of pieces of them; values of pictures are in [-1, 1].

    Attributes:
        keypoints: (B, 3, 3, C, C) pictures of the keypoints.
        pictures: (B, 3, 3, C, C) pictures of the film.
        background: (B, 3, C, C) the background there.
        is_start: (B,) 1 where frame t is drawn as the first of a film.
    """

    keypoints: Tensor
    pictures: Tensor
    background: Tensor
    is_start: Tensor


class VideoBatches:
    """Numbered batches: batch n is a function of n.

    Args:
        films: Films; their train parts are used.
        background: (S, S, 3) picture without the person.
        config: Run configuration.
    """

    def __init__(self, films: list[PersonFilm], background: npt.NDArray[np.uint8], config: VideoRunConfig) -> None:
        self._films, self._background, self._config = films, background, config
        self._lengths = np.array([film.train_stop - FRAMES + 1 for film in films], dtype=np.float64)

    def __call__(self, index: int) -> VideoBatch:
        """Return a batch."""
        config = self._config
        rng = np.random.default_rng([config.seed, index])
        whole = size = config.network.size
        if config.piece and index < (1.0 - config.whole_share) * config.steps:
            size = config.piece
        keypoints, pictures, backgrounds = [], [], []
        for film_index in rng.choice(len(self._films), config.batch, p=self._lengths / self._lengths.sum()):
            film = self._films[film_index]
            frames = int(rng.integers(int(self._lengths[film_index]))) + np.arange(FRAMES)
            left, top = _corner(film.keypoints[frames[1]], whole, size, rng)
            moved = film.keypoints[frames] - np.array([left, top, 0.0], dtype=np.float32)
            keypoints.append(np.stack([draw_keypoints(person, size, whole) for person in moved]))
            if rng.random() < config.stale_share:
                frames[0] = rng.integers(film.train_stop)
            window = slice(top, top + size), slice(left, left + size)
            pictures.append(np.stack([film.pictures[k][window] for k in frames]))
            backgrounds.append(self._background[window])
        is_start = torch.from_numpy((rng.random(config.batch) < config.start_share).astype(np.float32))
        return VideoBatch(as_tensor(np.stack(keypoints)), as_tensor(np.stack(pictures)),
                          as_tensor(np.stack(backgrounds)), is_start)


def _corner(person: npt.NDArray[np.float32], whole: int, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return left and top of a piece around one of the keypoints, most of which are of the hands and the face."""
    known = np.flatnonzero(person[:, 2] > 0)
    middle = person[rng.choice(known), :2] if len(known) else np.full(2, whole / 2)
    shift = rng.uniform(-size / 4, size / 4, 2)
    left, top = np.clip(np.round(middle + shift - size / 2), 0, whole - size).astype(int)
    return int(left), int(top)


def as_tensor(pictures: npt.NDArray[np.uint8]) -> Tensor:
    """Return (..., H, W, 3) uint8 pictures as (..., 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pictures, -1, -3))).float() / 127.5 - 1.0
