"""Batches of places in the films of a person: three frames in a row, with the picture before the first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speech_gesture_ros.rendering.keypoint_pictures import draw_keypoints
from speech_gesture_ros.training.video.person_films import PersonFilm

FRAMES = 3  # of a place: the picture before, and two that are drawn


class VideoBatch(NamedTuple):
    """Frames t - 1, t, t + 1 of places in films; values of pictures are in [-1, 1].

    Attributes:
        keypoints: (B, 3, 3, S, S) pictures of the keypoints.
        pictures: (B, 3, 3, S, S) pictures of the film.
        is_start: (B,) 1 where frame t is drawn as the first of a film.
    """

    keypoints: Tensor
    pictures: Tensor
    is_start: Tensor


class VideoBatches:
    """Numbered batches: batch n is a function of n.

    Args:
        films: Films; their train parts are used.
        size: Width and height of the pictures [pixels].
        batch: Places in a batch.
        start_share: Share of the places that begin a film.
        seed: Seed.
        stale_share: Share of the places where the picture before is any other one.
    """

    def __init__(self, films: list[PersonFilm], size: int, batch: int, start_share: float, seed: int,
                 stale_share: float = 0.0) -> None:
        self._films, self._size, self._batch, self._start_share, self._seed = films, size, batch, start_share, seed
        self._stale_share = stale_share
        self._lengths = np.array([film.train_stop - FRAMES + 1 for film in films], dtype=np.float64)

    def __call__(self, index: int) -> VideoBatch:
        """Return a batch."""
        rng = np.random.default_rng([self._seed, index])
        keypoints, pictures = [], []
        for film_index in rng.choice(len(self._films), self._batch, p=self._lengths / self._lengths.sum()):
            film = self._films[film_index]
            frames = int(rng.integers(int(self._lengths[film_index]))) + np.arange(FRAMES)
            keypoints.append(np.stack([draw_keypoints(film.keypoints[k], self._size) for k in frames]))
            if rng.random() < self._stale_share:
                frames[0] = rng.integers(film.train_stop)
            pictures.append(np.stack([film.pictures[k] for k in frames]))
        is_start = torch.from_numpy((rng.random(self._batch) < self._start_share).astype(np.float32))
        return VideoBatch(as_tensor(np.stack(keypoints)), as_tensor(np.stack(pictures)), is_start)


def as_tensor(pictures: npt.NDArray[np.uint8]) -> Tensor:
    """Return (..., H, W, 3) uint8 pictures as (..., 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pictures, -1, -3))).float() / 127.5 - 1.0
