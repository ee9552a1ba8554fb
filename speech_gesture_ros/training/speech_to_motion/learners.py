"""Lightning modules of the default architecture: MotionE and MotionD first, then SpeechE through MotionD.

    poses ─► MotionE ─► z ─► MotionD ─► poses        PoseLearner: an autoencoder of single poses
    features, codes ─► SpeechE ─► z ─► MotionD       MotionLearner: the whole network

A run is a function of its configuration: batch n is drawn from (seed, n), the learning rate is a function of n, and a
checkpoint holds weights, their running average and the optimiser.
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytorch_lightning as lightning
import torch
from torch import Tensor

from speech_gesture_ros.networks.speech_to_motion.motion_encoder import MotionE
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.engine.averaged_learner import AveragedLearner
from speech_gesture_ros.training.engine.callbacks import VALIDATION_LOSS
from speech_gesture_ros.training.engine.fit import FitConfig, FitResult, fit, training_folder
from speech_gesture_ros.training.speech_to_motion.losses import (
    WARM_UP_FRAMES,
    Spreads,
    event_loss,
    motion_loss,
    spreads_of,
)
from speech_gesture_ros.training.speech_to_motion.run_config import SpeechToMotionRunConfig
from speech_gesture_ros.training.speech_to_motion.sequences import Batch, SequenceSampler
from speech_gesture_ros.training.speech_to_motion.statistics import Statistics

_POSE_NOISE = 0.05  # on bone directions, for the denoising autoencoder
_POSE_BATCH = 2048
_POSE_SEQUENCES, _POSE_FRAMES = 16, 2 * WARM_UP_FRAMES + 128  # sequences from which the poses of a batch are drawn
_POSE_LEARNING_RATE = 2e-3


class PoseLearner(lightning.LightningModule):
    """MotionE and MotionD as a denoising autoencoder of single poses. Batches are (P, J, 3) [m].

    Args:
        network: Network whose MotionD is trained in place.
        sampler: Source of the poses.
    """

    def __init__(self, network: SpeechToMotionNetwork, sampler: SequenceSampler) -> None:
        super().__init__()
        self.sampler = sampler
        self.motion_decoder = network.motion_decoder
        self.motion_encoder = MotionE(network.config, sampler.skeleton)

    def draw(self, index: int) -> Tensor:
        """Return batch number `index`: poses of many sequences."""
        rng = np.random.default_rng([self.sampler.seed, 1, index])
        batch = self.sampler.draw(int(rng.integers(2**31)), _POSE_SEQUENCES, _POSE_FRAMES, 0)
        poses = batch.joint_xyz.flatten(0, 1)
        return poses[torch.from_numpy(rng.integers(len(poses), size=_POSE_BATCH))]

    def training_step(self, poses: Tensor) -> Tensor:
        """Return the loss of one batch, and log it."""
        loss = self.loss(poses)
        self.log("1 - cosine", loss.detach(), prog_bar=True, batch_size=len(poses))
        return loss

    def loss(self, poses: Tensor) -> Tensor:
        """Return the mean of 1 - cosine between the bones of the poses and the reconstructed ones."""
        chain = self.motion_decoder.chain
        bones = chain.directions(poses)
        z = self.motion_encoder(poses, _POSE_NOISE * torch.randn_like(bones))
        reconstructed = chain.directions(self.motion_decoder(z))
        return (1.0 - (reconstructed * bones).sum(dim=-1)).mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam with a constant learning rate."""
        return torch.optim.Adam(self.parameters(), lr=_POSE_LEARNING_RATE)


class MotionLearner(AveragedLearner):
    """The whole network. Batches are `Batch`.

    Args:
        network: Network to train, MotionD included.
        statistics: Statistics of the data.
        config: Run configuration.
    """

    def __init__(self, network: SpeechToMotionNetwork, statistics: Statistics,
                 config: SpeechToMotionRunConfig) -> None:
        super().__init__(network, config, config.steps, config.learning_rate)
        self.config = config
        self.network.speech_encoder.dropout.p = config.dropout
        self.spreads: Spreads = spreads_of(statistics, torch.device("cpu"))

    def training_step(self, batch: Batch) -> Tensor:
        """Return the sum of the weighted parts of the loss, and log them."""
        parts = self.losses(batch)
        self.log_dict({f"loss/{name}": part.detach() for name, part in parts.items()}, batch_size=len(batch.frames))
        loss = torch.stack(list(parts.values())).sum()
        self.log("loss", loss.detach(), prog_bar=True, batch_size=len(batch.frames))
        return loss

    def validation_step(self, batch: Batch) -> None:
        """Log the loss of the averaged weights."""
        parts = self.losses(batch, self.average)
        self.log(VALIDATION_LOSS, torch.stack(list(parts.values())).sum(), batch_size=len(batch.frames), sync_dist=True)

    def losses(self, batch: Batch, network: SpeechToMotionNetwork | None = None) -> dict[str, Tensor]:
        """Return the weighted parts of the loss of a network, that in training if none is given, on one batch."""
        # Validation uses the final weights throughout: otherwise its lowest loss would depend on when they change.
        progress = self.global_step / self.config.steps if network is None else 1.0
        network = network or self.network
        state = network.initial_state(len(batch.frames))
        predicted, encoding, _ = network(batch.frames, batch.codes, state, batch.look_ahead)
        parts = motion_loss(predicted[:, WARM_UP_FRAMES:], batch.joint_xyz[:, WARM_UP_FRAMES:],
                            network.motion_decoder.chain, self.spreads, self.config.loss.at(progress))
        parts["events"] = event_loss(network.speech_encoder.event_logits(encoding), batch,
                                     network.config.accent_lags, self.config.loss.events)
        return parts

    def on_fit_start(self) -> None:
        """Move the spreads to the device of the weights."""
        self.spreads = Spreads(*(getattr(self.spreads, f.name).to(self.device) for f in dataclasses.fields(Spreads)))


def train_network(network: SpeechToMotionNetwork, sampler: SequenceSampler, statistics: Statistics,
                  config: SpeechToMotionRunConfig, out: Path, *, validation: list[Batch] | None = None,
                  resume: bool = False) -> tuple[dict[str, Tensor], FitResult]:
    """Train MotionE and MotionD, then the whole network.

    Args:
        network: Network to train, in place.
        sampler: Source of the sequences.
        statistics: Statistics of the data.
        config: Run configuration.
        out: Path of the bundle.
        validation: Batches for validation; None for no validation.
        resume: Continue from the checkpoints beside `out`.

    Returns:
        The averaged weights, and the result of both fits together.
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


def train_poses(learner: PoseLearner, config: SpeechToMotionRunConfig, out: Path, *, resume: bool = False) -> FitResult:
    """Train MotionE and MotionD alone."""
    pose_config = dataclasses.replace(fit_config(config), max_steps=config.decoder_steps, gradient_clip=None,
                                      validate_every_steps=0, early_stop_patience=0)
    return fit(learner, learner.draw, None, out=training_folder(out) / "poses", config=pose_config, resume=resume,
               label="poses")


def fit_config(config: SpeechToMotionRunConfig) -> FitConfig:
    """Return the arguments of the fit of the whole network."""
    return FitConfig(config.steps, gradient_clip=config.clip, validate_every_steps=config.validate_every_steps,
                     early_stop_patience=config.early_stop_patience, **config.settings())
