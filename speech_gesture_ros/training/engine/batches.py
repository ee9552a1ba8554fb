"""Numbered batches: batch n is a function of n, so that a resumed run gets the batches of an uninterrupted one.

process r of w:   draw(r), draw(r + w), draw(r + 2 w) ...      its worker i of k draws every k-th of these
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, default_collate, get_worker_info

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.training.engine.processes import current_process

Draw = Callable[[int], Any]


def batch_loader(batches: Draw | DataLoader, seed: int, first: int, workers: int) -> DataLoader:
    """Return a loader of the batches of this process, from one number on and without end.

    Args:
        batches: n to batch n; or a DataLoader of an indexed dataset, whose epochs are shuffled with the seed if its
            sampler is random.
        seed: Shuffles epochs.
        first: Number of batches of this process that are skipped.
        workers: Processes that draw ahead, at most one for each core; 0 draws in this process.
    """
    draw = batches if not isinstance(batches, DataLoader) else _numbered(batches, seed)
    workers = min(workers, _available_cores())
    return DataLoader(_BatchesOfProcess(draw, first), batch_size=None, num_workers=workers,
                      pin_memory=torch.cuda.is_available(), persistent_workers=workers > 0)


def shuffled(dataset: Any, batch_size: int, seed: int, collate: Callable[[list[Any]], Any] = default_collate) -> Draw:
    """Return numbered batches of an indexed dataset: each epoch in another order, without an incomplete last batch.

    Raises:
        ConfigError: If the dataset is smaller than one batch.
    """
    per_epoch = len(dataset) // batch_size
    if per_epoch == 0:
        raise ConfigError("size of the training data", len(dataset), f"at least {batch_size}, one batch",
                          "Add data, or make the batch smaller.")

    def draw(index: int) -> Any:
        order = np.random.default_rng([seed, index // per_epoch]).permutation(len(dataset))
        start = index % per_epoch * batch_size
        return collate([dataset[int(i)] for i in order[start:start + batch_size]])

    return draw


class _BatchesOfProcess(IterableDataset):
    """The batches of one process from one number on, drawn by its workers in turn."""

    def __init__(self, draw: Draw, first: int) -> None:
        self.draw, self.first = draw, first

    def __iter__(self) -> Iterator[Any]:
        process, worker = current_process(), get_worker_info()
        step = self.first + (worker.id if worker else 0)
        while True:
            yield self.draw(step * process.world + process.rank)
            step += worker.num_workers if worker else 1


def _numbered(loader: DataLoader, seed: int) -> Draw:
    if isinstance(loader.sampler, RandomSampler):
        return shuffled(loader.dataset, loader.batch_size, seed, loader.collate_fn)
    groups = list(loader.batch_sampler)
    return lambda index: loader.collate_fn([loader.dataset[i] for i in groups[index % len(groups)]])


def _available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
