"""Callbacks of `engine.fit`: seeds, progress, best weights, checkpoints.

Their state is part of the checkpoint, so that a resumed run continues with it.
"""

from __future__ import annotations

import logging
import math
import time
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import Callback, LightningModule, Trainer

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.training.engine.progress import progress_bar

_log = logging.getLogger(__name__)
VALIDATION_LOSS = "validation/loss"
POSTFIX_STEPS = 100  # steps between updates of the metrics beside the bar


class StepSeeds(Callback):
    """Seeds torch before each step, so that dropout and noise are functions of (seed, n), like the batches."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_batch_start(self, trainer: Trainer, module: LightningModule, batch: Any, batch_idx: int) -> None:
        """Seed torch for step `batch_idx`."""
        torch.manual_seed((self.seed * 1_000_003 + batch_idx) * trainer.world_size + trainer.global_rank)


class Progress(Callback):
    """Counts steps and their time, shows them, and ends the run.

    Attributes:
        step: Steps done.
        seconds: Time of these steps, validation included [s].
        running: True once the run has begun.
    """

    def __init__(self, total: int, label: str) -> None:
        self.total, self.label = total, label
        self.step, self.seconds, self._before = 0, 0.0, 0.0
        self.running = False
        self._bar: Any = None

    def state_dict(self) -> dict[str, Any]:
        """Return the state for the checkpoint."""
        return {"step": self.step, "seconds": self.seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        self.step, self.seconds = state_dict["step"], state_dict["seconds"]

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Open the bar."""
        self._before, self.running = time.monotonic(), True
        self._bar = progress_bar(total=self.total, initial=self.step, desc=self.label, unit="step", mininterval=2.0,
                                 disable=trainer.global_rank > 0)

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, outputs: Any, batch: Any,
                           batch_idx: int) -> None:
        """Count the step."""
        now = time.monotonic()
        self.seconds, self._before = self.seconds + now - self._before, now
        self.step = batch_idx + 1
        trainer.should_stop = trainer.should_stop or self.step >= self.total
        self._bar.update()
        if self.step % POSTFIX_STEPS == 0 or self.step == self.total:
            metrics = {name: f"{float(value):.4g}" for name, value in trainer.progress_bar_metrics.items()}
            self._bar.set_postfix(metrics, refresh=False)

    def teardown(self, trainer: Trainer, module: LightningModule, stage: str) -> None:
        """Close the bar, also after an error."""
        if self._bar is not None:
            self._bar.close()


class BestWeights(Callback):
    """Stores the weights with the lowest validation loss, and restores them at the end.

    Attributes:
        loss: Lowest loss so far; infinite before the first validation.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.loss = path, math.inf

    def state_dict(self) -> dict[str, Any]:
        """Return the state for the checkpoint."""
        return {"loss": self.loss}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state of a checkpoint."""
        self.loss = state_dict["loss"]

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Store the weights if the loss is lower than before."""
        loss = float(trainer.callback_metrics[VALIDATION_LOSS])
        if trainer.is_global_zero:
            _log.info("step %d: validation loss %.5f", trainer.fit_loop.epoch_loop.total_batch_idx + 1, loss)
        if loss < self.loss:
            self.loss = loss
            if trainer.is_global_zero:
                with atomic_write(self.path) as file:
                    torch.save(module.state_dict(), file)

    def restore(self, module: LightningModule) -> None:
        """Load the best weights into the module, if there was a validation."""
        if math.isfinite(self.loss) and self.path.exists():
            module.load_state_dict(torch.load(self.path, map_location="cpu", weights_only=True))


class Checkpoints(Callback):
    """Writes last.ckpt at a time interval and at the end, completely or not at all.

    After a step with validation it waits for the result, which is part of the state of the run. Must be the last
    callback.
    """

    def __init__(self, path: Path, every_s: float, total: int, validate_every_steps: int) -> None:
        self.path, self.every_s, self.total, self.validate_every_steps = path, every_s, total, validate_every_steps
        self._saved_at = time.monotonic()
        self._stopped_early = False

    def state_dict(self) -> dict[str, Any]:
        """Return the state for the checkpoint."""
        return {"stopped_early": self._stopped_early}

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, outputs: Any, batch: Any,
                           batch_idx: int) -> None:
        """Save if a checkpoint is due and no validation follows."""
        every, done = self.validate_every_steps, batch_idx + 1
        if not every or (done % every and done < self.total):
            self._save_if_due(trainer, done)

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Save if a checkpoint is due."""
        done = trainer.fit_loop.epoch_loop.total_batch_idx + 1
        self._stopped_early = trainer.should_stop and done < self.total
        self._save_if_due(trainer, done)

    def on_exception(self, trainer: Trainer, module: LightningModule, exception: BaseException) -> None:
        """Log how to continue when the user stops the run."""
        if isinstance(exception, KeyboardInterrupt) and self.path.exists():
            _log.warning("stopped; --resume continues from %s", self.path)

    def _save_if_due(self, trainer: Trainer, done: int) -> None:
        due = time.monotonic() - self._saved_at >= self.every_s or done == self.total or self._stopped_early
        if trainer.world_size > 1:  # saving needs all processes: it is due if the clock of one of them is
            due = trainer.strategy.reduce_boolean_decision(due, all=False)
        if not due:
            return
        temporary = self.path.with_suffix(".part")
        trainer.save_checkpoint(temporary)
        if trainer.is_global_zero:
            temporary.replace(self.path)
        self._saved_at = time.monotonic()
