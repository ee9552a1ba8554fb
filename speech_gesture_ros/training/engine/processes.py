"""Several processes that train one model together, started by torchrun; without torchrun there is one.

`torchrun --nproc-per-node 4 -m speech_gesture_ros train my_config --out runs/my_model` uses four graphics processors.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch

_TIMEOUT = timedelta(hours=6)  # the others wait while the main process prepares the data


@dataclass(frozen=True)
class TrainingProcess:
    """The place of this process among those that train.

    Attributes:
        rank: Number of this process; 0 is the main process.
        world: Number of processes.
        local: Number of processes on this machine.
    """

    rank: int = 0
    world: int = 1
    local: int = 1

    @property
    def is_main(self) -> bool:
        """True in the process that writes files."""
        return self.rank == 0

    @property
    def nodes(self) -> int:
        """Number of machines."""
        return self.world // self.local


def current_process() -> TrainingProcess:
    """Return this process by the variables RANK, WORLD_SIZE and LOCAL_WORLD_SIZE, which torchrun sets."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return TrainingProcess()
    return TrainingProcess(*(int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE")))


@contextmanager
def process_group() -> Iterator[TrainingProcess]:
    """Connect the processes within this context; a single process, or a group that exists, is left as it is."""
    process = current_process()
    if process.world == 1 or torch.distributed.is_initialized():
        yield process
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_TIMEOUT)
    try:
        yield process
    finally:
        torch.distributed.destroy_process_group()


@contextmanager
def main_process_first() -> Iterator[None]:
    """Run a block in the main process before the others, which then find its files; only within `process_group`."""
    process = current_process()
    if not process.is_main:
        torch.distributed.barrier()
    yield
    if process.is_main and process.world > 1:
        torch.distributed.barrier()
