"""Base of the learners whose bundle holds a running average of the weights, not the last ones."""

from __future__ import annotations

import copy
import dataclasses
import math
from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor, nn

from speech_gesture_ros.training.engine.run_settings import AveragedRunSettings

_LOWEST_RATE = 0.02  # of the largest learning rate
_ADAM_BETAS = (0.9, 0.99)


class AveragedLearner(lightning.LightningModule):
    """A network with a running average of its weights, trained by AdamW.

    Args:
        network: Network to train.
        config: Settings of the average and of AdamW.
        steps: Number of steps.
        learning_rate: Largest learning rate.

    Attributes:
        network: The network in training.
        average: The network with the running average of the weights, which is written to the bundle.
    """

    def __init__(self, network: nn.Module, config: AveragedRunSettings, steps: int, learning_rate: float) -> None:
        super().__init__()
        self.network: Any = network
        self.average: Any = copy.deepcopy(network).requires_grad_(False).eval()
        self._averaging, self._steps, self._learning_rate = config, steps, learning_rate

    def configure_optimizers(self) -> dict[str, Any]:
        """Return AdamW with the learning rate of `rate`."""
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=self._learning_rate, betas=_ADAM_BETAS,
                                      weight_decay=self._averaging.weight_decay)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: rate(step, self._steps, self._averaging.warm_up_steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def optimizer_step(self, epoch: int, batch_idx: int, *rest: Any) -> None:
        """Step, then update the average, before a checkpoint is saved."""
        super().optimizer_step(epoch, batch_idx, *rest)
        decay = min(self._averaging.average, (1 + batch_idx) / (10 + batch_idx)) if batch_idx else 0.0
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.network.parameters()):
                mean.lerp_(value, 1.0 - decay)

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Move a batch to a device; Lightning moves tuples and dictionaries by itself, but no frozen dataclasses."""
        if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
            moved = {f.name: self.transfer_batch_to_device(getattr(batch, f.name), device, dataloader_idx)
                     for f in dataclasses.fields(batch)}
            return dataclasses.replace(batch, **moved)
        return batch.to(device) if isinstance(batch, Tensor) else batch


def rate(step: int, steps: int, warm_up_steps: int) -> float:
    """Return the learning rate of a step over the largest: a linear rise, then a cosine down to a fiftieth."""
    rise = min(1.0, (step + 1) / max(1, warm_up_steps))
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return rise * (_LOWEST_RATE + (1 - _LOWEST_RATE) * fall)
