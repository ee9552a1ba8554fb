"""The training loop of every model: a LightningModule and numbered batches in, trained weights and events out.

    draw(0), draw(1), draw(2) ...  ─► training_step ─► <out>.training/checkpoints/last.ckpt, best.pt
                                                   └─► <out>.training/events.*       (tensorboard --logdir)

Batch n is a function of n, and torch is seeded with (seed, n) before each step: a run that was interrupted ends with
the weights of one that was not. Under torchrun, process r of w takes the batches r, r + w, r + 2 w ...
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.training.engine.batches import Draw, batch_loader
from speech_gesture_ros.training.engine.processes import TrainingProcess, current_process, process_group
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

LOG_STEPS = 20  # steps between events


@dataclass(frozen=True)
class FitConfig(RunSettings):
    """Arguments of a fit; the devices are chosen by torchrun (one without it).

    Attributes:
        max_steps: Batches of each process.
        validate_every_steps: Steps between validations, with another one at the end; 0 for no validation.
        early_stop_patience: Validations in a row without a lower loss after which the run stops; 0 never stops early.
        gradient_clip: Largest norm of the gradient; None for no limit, or where the module optimises by itself.
        workers: Processes that draw batches ahead, at most one for each core; 0 draws them between the steps.
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
    """Result of a fit.

    Attributes:
        step: Steps done, those before an interruption included.
        seconds: Time of these steps [s].
        best_validation: Lowest validation loss; infinite without validation.
    """

    step: int
    seconds: float
    best_validation: float


def fit(module: lightning.LightningModule, batches: Draw | DataLoader, validation: Iterable[Any] | None, *, out: Path,
        config: FitConfig, resume: bool = False, label: str = "training") -> FitResult:
    """Train a module to the end; it then holds the last weights, or the best ones if it was validated.

    Args:
        module: Module to train; logs "validation/loss" in its validation_step if there is validation data.
        batches: n to batch n; or a DataLoader of an indexed dataset, whose epochs are then shuffled with the seed.
        validation: Batches for validation, the same each time.
        out: Path of the model; checkpoints and events are in `training_folder(out)`.
        config: Arguments.
        resume: Continue from last.ckpt if there is one.
        label: Text before the progress bar.

    Raises:
        ConfigError: If the checkpoint is of another module, validation is configured without data, or a trained
            weight is not finite.
    """
    every = config.validate_every_steps
    if every and validation is None:
        raise ConfigError("validate_every_steps", every, "0 without validation data", "Add data of the split "
                          "'validation', or set it to 0.")
    folder = training_folder(out)
    last = folder / "checkpoints" / "last.ckpt"
    last.parent.mkdir(parents=True, exist_ok=True)
    resume = resume and last.exists()
    if not resume and current_process().is_main:
        for old in folder.glob("events.*"):
            old.unlink()
    torch.set_num_threads(config.threads)
    progress, best = Progress(config.max_steps, label), BestWeights(last.with_name("best.pt"))
    with process_group() as process, _quiet():
        saved = torch.load(last, map_location="cpu", weights_only=True) if resume else None
        if saved is None or not _is_finished(saved, config):
            first = saved["callbacks"]["Progress"]["step"] if saved else 0
            trainer = _trainer(config, process, _callbacks(config, progress, best, last), folder)
            if validation is not None and not isinstance(validation, DataLoader):
                validation = DataLoader(list(validation), batch_size=None)
            try:
                trainer.fit(module, batch_loader(batches, config.seed, first, config.workers), validation,
                            ckpt_path=str(last) if resume else None, weights_only=True)
            except (RuntimeError, KeyError) as error:
                if resume and not progress.running:
                    raise ConfigError("checkpoint", str(last), "of this configuration",
                                      f"Train again without --resume. {error}") from error
                raise
        else:
            module.on_load_checkpoint(saved)
            module.load_state_dict(saved["state_dict"])
            progress.load_state_dict(saved["callbacks"]["Progress"])
            best.load_state_dict(saved["callbacks"].get("BestWeights", best.state_dict()))
    best.restore(module)
    if not all(bool(torch.isfinite(value).all()) for value in module.parameters()):
        raise ConfigError("a trained weight", math.nan, "finite", "Lower the learning rate, and check the data.")
    return FitResult(progress.step, progress.seconds, best.loss)


def training_folder(out: Path) -> Path:
    """Return the folder with checkpoints and events of the run that makes `out`."""
    return out.with_name(f"{out.name}.training")


def _callbacks(config: FitConfig, progress: Progress, best: BestWeights, last: Path) -> list[Callback]:
    callbacks: list[Callback] = [StepSeeds(config.seed), progress]
    if config.validate_every_steps:
        callbacks.append(best)
        if config.early_stop_patience:
            callbacks.append(EarlyStopping(VALIDATION_LOSS, patience=config.early_stop_patience, mode="min"))
    return [*callbacks, Checkpoints(last, config.checkpoint_s, config.max_steps, config.validate_every_steps)]


def _trainer(config: FitConfig, process: TrainingProcess, callbacks: list[Callback],
             folder: Path) -> lightning.Trainer:
    events = TensorBoardLogger(folder.parent, name="", version=folder.name) if config.tensorboard else False
    return lightning.Trainer(
        accelerator=config.accelerator, devices=process.local if process.world > 1 else 1, num_nodes=process.nodes,
        strategy="ddp_find_unused_parameters_true" if process.world > 1 else "auto", precision=config.precision,
        max_epochs=-1,  # the batches have no end: Progress stops the run
        val_check_interval=config.validate_every_steps or None, check_val_every_n_epoch=None,
        limit_val_batches=1.0 if config.validate_every_steps else 0, num_sanity_val_steps=0,
        gradient_clip_val=config.gradient_clip, use_distributed_sampler=False, callbacks=callbacks,
        logger=events, log_every_n_steps=LOG_STEPS, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )


def _is_finished(saved: dict[str, Any], config: FitConfig) -> bool:
    """Return whether all steps of a run are done, or it stopped early."""
    state = saved["callbacks"]
    return bool(state["Progress"]["step"] >= config.max_steps or state["Checkpoints"]["stopped_early"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the library's advice; errors and the log of this package remain."""
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=PossibleUserWarning)
        warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)`")
        yield
