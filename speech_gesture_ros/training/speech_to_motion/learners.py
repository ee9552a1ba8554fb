"""What is learned in a step, for `lightning_fit`: MotionE and MotionD first, then SpeechE through MotionD.

    poses ─► MotionE ─► z ─► MotionD ─► poses        PoseLearner: what motion looks like
    features, codes ─► SpeechE ─► z ─► MotionD       MotionLearner: which motion now

A run is a function of its configuration: batch n is drawn from (seed, n), the learning rate is a function of n, and a
checkpoint holds weights, their running average and the optimiser.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as lightning
import torch
from torch import Tensor

from speech_gesture_ros.networks.speech_to_motion.motion_encoder import MotionE
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.engine.callbacks import VALIDATION_LOSS
from speech_gesture_ros.training.engine.fit import FitConfig, FitResult, fit, training_folder
from speech_gesture_ros.training.speech_to_motion.losses import WARM_UP, Spreads, event_loss, motion_loss, spreads_of
from speech_gesture_ros.training.speech_to_motion.run_config import TrainingConfig
from speech_gesture_ros.training.speech_to_motion.sequences import Batch, SequenceSampler, Statistics

_POSE_NOISE = 0.05  # on bone directions, for the denoising autoencoder
_DECODER_POSES = 2048
_LOWEST_RATE = 0.02  # of the largest


class PoseLearner(lightning.LightningModule):
    """MotionE and MotionD as a denoising autoencoder of single poses. Batches are (P, J, 3) [m].

    Args:
        network: Its MotionD is trained in place.
        sampler: Where poses come from.
    """

    def __init__(self, network: SpeechToMotionNetwork, sampler: SequenceSampler) -> None:
        super().__init__()
        self.sampler = sampler
        self.motion_decoder = network.motion_decoder
        self.motion_encoder = MotionE(network.config, sampler.skeleton)

    def draw(self, index: int) -> Tensor:
        """Batch number `index`: poses of many sequences."""
        rng = np.random.default_rng([self.sampler.seed, 1, index])
        batch = self.sampler.draw(int(rng.integers(2**31)), 16, 2 * WARM_UP + 128, 0)
        poses = batch.joint_xyz.flatten(0, 1)
        return poses[torch.from_numpy(rng.integers(len(poses), size=_DECODER_POSES))]

    def training_step(self, poses: Tensor) -> Tensor:
        """One step."""
        loss = self.loss(poses)
        self.log("1 - cosine", loss.detach(), prog_bar=True, batch_size=len(poses))
        return loss

    def loss(self, poses: Tensor) -> Tensor:
        """Mean of 1 - cosine between the bones of the poses and the rebuilt ones."""
        chain = self.motion_decoder.chain
        bones = chain.directions(poses)
        z = self.motion_encoder(poses, _POSE_NOISE * torch.randn_like(bones))
        rebuilt = chain.directions(self.motion_decoder(z))
        return (1.0 - (rebuilt * bones).sum(dim=-1)).mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam, at one rate."""
        return torch.optim.Adam(self.parameters(), lr=2e-3)


class MotionLearner(lightning.LightningModule):
    """The whole network. Batches are `Batch`.

    Args:
        network: What to train; its MotionD too.
        statistics: Of the data.
        config: How.

    Attributes:
        average: The network with the running average of the weights: validated, and what goes into the bundle.
    """

    def __init__(self, network: SpeechToMotionNetwork, statistics: Statistics, config: TrainingConfig) -> None:
        super().__init__()
        self.network, self.config = network, config
        self.average: SpeechToMotionNetwork = copy.deepcopy(network).requires_grad_(False).eval()
        self.network.speech_encoder.dropout.p = config.dropout
        self.spreads: Spreads = spreads_of(statistics, torch.device("cpu"))

    def training_step(self, batch: Batch) -> Tensor:
        """The sum of the weighted parts of the loss."""
        parts = self.losses(batch)
        self.log_dict({f"loss/{name}": part.detach() for name, part in parts.items()}, batch_size=len(batch.frames))
        loss = torch.stack(list(parts.values())).sum()
        self.log("loss", loss.detach(), prog_bar=True, batch_size=len(batch.frames))
        return loss

    def validation_step(self, batch: Batch) -> None:
        """The same of the averaged weights."""
        parts = self.losses(batch, self.average)
        self.log(VALIDATION_LOSS, torch.stack(list(parts.values())).sum(), batch_size=len(batch.frames), sync_dist=True)

    def losses(self, batch: Batch, network: SpeechToMotionNetwork | None = None) -> dict[str, Tensor]:
        """Weighted parts of the loss of a network, usually the one in training, on one batch."""
        # Validation weighs alike throughout, or else its lowest loss would only say when the weights changed.
        progress = self.global_step / self.config.steps if network is None else 1.0
        network = network or self.network
        state = network.initial_state(len(batch.frames))
        predicted, heard, _ = network(batch.frames, batch.codes, state, batch.look_ahead)
        # The network's state starts empty in the middle of a recording, so its first poses are not judged.
        parts = motion_loss(predicted[:, WARM_UP:], batch.joint_xyz[:, WARM_UP:], network.motion_decoder.chain,
                            self.spreads, self.config.loss.at(progress))
        parts["events"] = event_loss(network.speech_encoder.event_logits(heard), batch,
                                     network.config.accent_lags, self.config.loss.events)
        return parts

    def configure_optimizers(self) -> dict[str, Any]:
        """AdamW, its rate rising, then falling as a cosine."""
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=self.config.learning_rate, betas=(0.9, 0.99),
                                      weight_decay=self.config.weight_decay)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: learning_rate(step, self.config) / self.config.learning_rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def optimizer_step(self, epoch: int, batch_idx: int, *rest: Any) -> None:
        """Step, then average, before anything is saved."""
        super().optimizer_step(epoch, batch_idx, *rest)
        decay = min(self.config.average, (1 + batch_idx) / (10 + batch_idx)) if batch_idx else 0.0
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.network.parameters()):
                mean.lerp_(value, 1.0 - decay)

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Lightning moves tuples and dictionaries by itself, frozen dataclasses it does not."""
        if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
            moved = {f.name: self.transfer_batch_to_device(getattr(batch, f.name), device, dataloader_idx)
                     for f in dataclasses.fields(batch)}
            return dataclasses.replace(batch, **moved)
        return batch.to(device) if isinstance(batch, Tensor) else batch

    def on_fit_start(self) -> None:
        """Spreads follow the weights to their device."""
        self.spreads = Spreads(*(getattr(self.spreads, f.name).to(self.device) for f in dataclasses.fields(Spreads)))


def train_network(network: SpeechToMotionNetwork, sampler: SequenceSampler, statistics: Statistics,
                  config: TrainingConfig, out: Path, *, validation: list[Batch] | None = None,
                  resume: bool = False) -> tuple[dict[str, Tensor], FitResult]:
    """Poses first, then motion.

    Args:
        network: What to train, in place.
        sampler: Where sequences come from.
        statistics: Of the data.
        config: How.
        out: Where the bundle will be.
        validation: Batches for validation; None for none.
        resume: Go on from the checkpoints beside `out`.

    Returns:
        The averaged weights, and what came of both fits together.
    """
    learner = MotionLearner(network, statistics, config)
    poses = FitResult(0, 0.0, math.inf)
    begun = resume and (training_folder(out) / "checkpoints" / "last.ckpt").exists()
    if config.decoder_steps and not begun:
        poses = train_poses(PoseLearner(network, sampler), config, out, resume=resume)
        learner.average.load_state_dict(network.state_dict())

    def draw(index: int) -> Batch:
        return sampler.draw(index, config.batch, config.frames, config.usual_look_ahead)

    result = fit(learner, draw, validation, out=out, config=fit_config(config), resume=resume)
    return learner.average.state_dict(), dataclasses.replace(result, seconds=result.seconds + poses.seconds)


def train_poses(learner: PoseLearner, config: TrainingConfig, out: Path, *, resume: bool = False) -> FitResult:
    """The first part alone."""
    how = dataclasses.replace(fit_config(config), max_steps=config.decoder_steps, gradient_clip=None,
                              validate_every_steps=0, early_stop_patience=0)
    return fit(learner, learner.draw, None, out=training_folder(out) / "poses", config=how, resume=resume,
               label="poses")


def fit_config(config: TrainingConfig) -> FitConfig:
    """What `lightning_fit` needs to know of a configuration."""
    return FitConfig(config.steps, gradient_clip=config.clip, validate_every_steps=config.validate_every_steps,
                     early_stop_patience=config.early_stop_patience, **config.settings())


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Linear rise, then a cosine down to a fiftieth."""
    rise = min(1.0, (step + 1) / max(1, config.warm_up_steps))
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / config.steps)))
    return config.learning_rate * rise * (_LOWEST_RATE + (1 - _LOWEST_RATE) * fall)
