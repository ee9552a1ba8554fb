"""One way to train every model: a LightningModule and numbered batches in, trained weights and TensorBoard events out.

    draw(0), draw(1), draw(2) ...  ─► training_step ─► <out>.training/checkpoints/last.ckpt, best.pt
                                                   └─► <out>.training/events.*       (tensorboard --logdir)

Batch n is a function of n, and torch is seeded with (seed, n) before each step: a run that was interrupted ends with
the weights of one that was not. Under torchrun, process r of w takes the batches r, r + w, r + 2 w ...
"""

from __future__ import annotations

import logging
import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, default_collate, get_worker_info

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.training.engine.processes import joined, processes
from speech_gesture_ros.training.engine.run_settings import RunSettings, require_at_least

try:
    import pytorch_lightning as lightning
    from pytorch_lightning.callbacks import Callback, EarlyStopping
    from pytorch_lightning.loggers import TensorBoardLogger
    from pytorch_lightning.utilities.warnings import PossibleUserWarning
except ImportError as error:
    raise MissingDependencyError("pytorch-lightning", "training", "pip install '.[train]'") from error

from speech_gesture_ros.training.engine.callbacks import (
    VALIDATION_LOSS,
    BestWeights,
    Checkpoints,
    Progress,
    StepSeeds,
)

Draw = Callable[[int], Any]


@dataclass(frozen=True)
class FitConfig(RunSettings):
    """How to train; which devices is torchrun's business (one without it).

    Attributes:
        max_steps: Batches of each process.
        validate_every_steps: Steps between validations, another one at the end; 0 validates never.
        early_stop_patience: Validations in a row without a lower loss after which to stop; 0 never stops early.
        gradient_clip: Largest norm of the gradient; None for none, or where the module optimises by itself.
        workers: Processes that draw batches ahead, at most as many as there are cores; 0 draws them in between.
    """

    max_steps: int
    validate_every_steps: int = 0
    early_stop_patience: int = 0
    gradient_clip: float | None = None
    workers: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_least(self, max_steps=1, validate_every_steps=0, early_stop_patience=0, workers=0)


@dataclass(frozen=True)
class FitResult:
    """What came of it.

    Attributes:
        step: Steps done, those before an interruption included.
        seconds: Time they took [s].
        best_validation: Lowest validation loss; infinite without validation.
    """

    step: int
    seconds: float
    best_validation: float


def fit(module: lightning.LightningModule, batches: Draw | DataLoader, validation: Iterable[Any] | None, *, out: Path,
        config: FitConfig, resume: bool = False, label: str = "training") -> FitResult:
    """Train a module to the end; it then holds the last weights, or the best ones if it was validated.

    Args:
        module: What to train; logs "validation/loss" in its validation_step if there is validation data.
        batches: n to batch n; or a DataLoader of a dataset that can be indexed, whose epochs are then shuffled with
            the seed.
        validation: Batches for validation, the same each time.
        out: Where the model will be written: what the run leaves lies in `training_folder(out)`.
        config: How.
        resume: Go on from last.ckpt if there is one.
        label: What the progress bar says.

    Raises:
        ConfigError: If the checkpoint is not of this module, validation is asked for without data, or the training
            came to nothing: weights that are not finite.
    """
    every = config.validate_every_steps
    if every and validation is None:
        raise ConfigError("validate_every_steps", every, "0 without validation data", "Add data of the split "
                          "'validation', or set it to 0.")
    who, folder = processes(), training_folder(out)
    last = folder / "checkpoints" / "last.ckpt"
    last.parent.mkdir(parents=True, exist_ok=True)
    resume = resume and last.exists()
    if not resume and who.rank == 0:
        for old in folder.glob("events.*"):
            old.unlink()
    torch.set_num_threads(config.threads)
    progress, best = Progress(config.max_steps, label), BestWeights(last.with_name("best.pt"))
    callbacks: list[Callback] = [StepSeeds(config.seed), progress]
    if every:
        callbacks.append(best)
    if config.early_stop_patience and every:
        callbacks.append(EarlyStopping(VALIDATION_LOSS, patience=config.early_stop_patience, mode="min"))
    callbacks.append(Checkpoints(last, config.checkpoint_s, config.max_steps, every))
    with joined(), _quiet():
        saved = torch.load(last, map_location="cpu", weights_only=True) if resume else None
        if saved is None or not _is_over(saved, config):
            first = saved["callbacks"]["Progress"]["step"] if saved else 0
            trainer = lightning.Trainer(
                accelerator=config.accelerator, devices=who.local if who.world > 1 else 1, num_nodes=who.nodes,
                strategy="ddp_find_unused_parameters_true" if who.world > 1 else "auto", precision=config.precision,
                max_epochs=-1,  # the stream of batches has no end: Progress stops the run
                val_check_interval=every or None, check_val_every_n_epoch=None,
                limit_val_batches=1.0 if every else 0, num_sanity_val_steps=0,
                gradient_clip_val=config.gradient_clip, use_distributed_sampler=False, callbacks=callbacks,
                logger=_events(folder) if config.tensorboard else False, log_every_n_steps=20,
                enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
            )
            loader = _loader(_draw_of(batches, config.seed), first, config.workers)
            if validation is not None and not isinstance(validation, DataLoader):
                validation = DataLoader(list(validation), batch_size=None)
            try:
                trainer.fit(module, loader, validation, ckpt_path=str(last) if resume else None, weights_only=True)
            except (RuntimeError, KeyError) as error:
                if resume and not progress.running:
                    raise ConfigError("checkpoint", str(last), "of this configuration",
                                      f"Train anew without --resume. {error}") from error
                raise
        else:
            module.on_load_checkpoint(saved)
            module.load_state_dict(saved["state_dict"])
            progress.load_state_dict(saved["callbacks"]["Progress"])
            best.load_state_dict(saved["callbacks"].get("BestWeights", best.state_dict()))
    best.restore(module)
    if not all(bool(torch.isfinite(value).all()) for value in module.parameters()):
        raise ConfigError("a trained weight", math.nan, "finite", "Lower the learning rate, and look at the data.")
    return FitResult(progress.step, progress.seconds, best.loss)


def training_folder(out: Path) -> Path:
    """Where the run that makes `out` keeps its checkpoints and events."""
    return out.with_name(f"{out.name}.training")


def shuffled(dataset: Any, batch_size: int, seed: int, collate: Callable[[list[Any]], Any] = default_collate) -> Draw:
    """Batch n of a dataset that can be indexed: each epoch in another order, the incomplete last batch left out.

    Raises:
        ConfigError: If the dataset has not even one batch.
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


class _Numbered(IterableDataset):
    """The batches of one process from some step on, drawn by any number of workers in turn."""

    def __init__(self, draw: Draw, first: int) -> None:
        self.draw, self.first = draw, first

    def __iter__(self) -> Iterator[Any]:
        who, worker = processes(), get_worker_info()
        step = self.first + (worker.id if worker else 0)
        while True:
            yield self.draw(step * who.world + who.rank)
            step += worker.num_workers if worker else 1


def _loader(draw: Draw, first: int, workers: int) -> DataLoader:
    workers = min(workers, _cores())
    return DataLoader(_Numbered(draw, first), batch_size=None, num_workers=workers,
                      pin_memory=torch.cuda.is_available(), persistent_workers=workers > 0)


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _draw_of(batches: Draw | DataLoader, seed: int) -> Draw:
    if not isinstance(batches, DataLoader):
        return batches
    dataset, size = batches.dataset, batches.batch_size
    if isinstance(batches.sampler, RandomSampler):
        return shuffled(dataset, size, seed, batches.collate_fn)
    groups = list(batches.batch_sampler)
    return lambda index: batches.collate_fn([dataset[i] for i in groups[index % len(groups)]])


def _events(folder: Path) -> TensorBoardLogger:
    return TensorBoardLogger(folder.parent, name="", version=folder.name)


def _is_over(saved: dict[str, Any], config: FitConfig) -> bool:
    """Whether a run has nothing left to do: all steps are done, or it stopped early."""
    state = saved["callbacks"]
    return bool(state["Progress"]["step"] >= config.max_steps or state["Checkpoints"]["stopped_early"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's advice and advertisements; errors and this package's own words remain."""
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=PossibleUserWarning)
        warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)`")
        yield
