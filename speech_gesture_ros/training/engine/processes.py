"""Several processes that train one model together, as torchrun starts them; without torchrun there is one.

`torchrun --nproc-per-node 4 -m speech_gesture_ros train my_config --out runs/my_model` uses four graphics processors.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch

_PATIENCE = timedelta(hours=6)  # the others wait while the first prepares the data


@dataclass(frozen=True)
class Processes:
    """Who trains.

    Attributes:
        rank: Of this process.
        world: Number of processes.
        local: Number of processes on this machine.
    """

    rank: int = 0
    world: int = 1
    local: int = 1

    @property
    def nodes(self) -> int:
        """Number of machines."""
        return self.world // self.local


def processes() -> Processes:
    """As the environment says: RANK, WORLD_SIZE and LOCAL_WORLD_SIZE are torchrun's."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return Processes()
    return Processes(*(int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE")))


@contextmanager
def joined() -> Iterator[Processes]:
    """Processes that can wait for one another within this context; nothing happens if there is one."""
    who = processes()
    if who.world == 1 or torch.distributed.is_initialized():
        yield who
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_PATIENCE)
    try:
        yield who
    finally:
        torch.distributed.destroy_process_group()


@contextmanager
def first_process_first() -> Iterator[None]:
    """What the first process writes here, the others find: they enter when it has left. Call it within `joined`."""
    who = processes()
    if who.rank > 0:
        torch.distributed.barrier()
    yield
    if who.rank == 0 and who.world > 1:
        torch.distributed.barrier()
