"""Lightning modules of the 2019 model: the autoencoder of motion, then the speech encoder."""

from __future__ import annotations

import numpy.typing as npt
import pytorch_lightning as lightning
import torch
from torch import Tensor
from torch.nn import functional

from speech_gesture_ros.training.engine.callbacks import VALIDATION_LOSS
from speech_gesture_ros.training.kucherenko.networks import Autoencoder, KucherenkoSpeechE
from speech_gesture_ros.training.kucherenko.run_config import RepresentationConfig, SpeechConfig


class AutoencoderLearner(lightning.LightningModule):
    """MotionE gets a frame with noise, MotionD must give the clean one.

    The loss is the mean squared error in cm, over positions and velocities alike, plus the decay of the weights.

    Args:
        config: Settings of the representation.
        spread: (D,) standard deviations of the normalised vectors.
        scale: (D,) factor from normalised vectors to cm [cm].
    """

    def __init__(self, config: RepresentationConfig, spread: npt.ArrayLike, scale: npt.ArrayLike) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("spread", torch.as_tensor(spread, dtype=torch.float32))
        self.register_buffer("scale", torch.as_tensor(scale, dtype=torch.float32))
        self.network = Autoencoder(len(self.scale), config.size, config.dropout)

    def training_step(self, batch: tuple[Tensor, ...], index: int) -> Tensor:  # noqa: ARG002
        """Return the loss of a batch ((B, D) normalised vectors,)."""
        clean = batch[0]
        noisy = clean + self.config.noise * self.spread * torch.randn_like(clean)
        error = self._error(self.network(noisy), clean)
        weights = (self.network.encoder.weight, self.network.decoder.weight)
        self.log("train/loss", error.detach())
        return error + self.config.weight_decay * sum(0.5 * w.square().sum() for w in weights)

    def validation_step(self, batch: tuple[Tensor, ...], index: int) -> None:  # noqa: ARG002
        """Log the reconstruction error of clean frames [cm^2]."""
        self.log(VALIDATION_LOSS, self._error(self.network(batch[0]), batch[0]), batch_size=len(batch[0]))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam."""
        return torch.optim.Adam(self.parameters(), lr=self.config.learning_rate)

    def _error(self, predicted: Tensor, target: Tensor) -> Tensor:
        return ((predicted - target) * self.scale).square().mean()


class SpeechLearner(lightning.LightningModule):
    """SpeechE predicts what MotionE gives for the pose in the middle of its window; the baseline predicts the pose.

    Args:
        config: Settings of the speech encoder.
        num_features: Columns of the features.
        num_outputs: Size of z or of a pose.
    """

    def __init__(self, config: SpeechConfig, num_features: int, num_outputs: int) -> None:
        super().__init__()
        self.config = config
        self.network = KucherenkoSpeechE(config, num_features, num_outputs)

    def training_step(self, batch: tuple[Tensor, ...], index: int) -> Tensor:  # noqa: ARG002
        """Return the loss of a batch ((B, W, F) windows, (B, D) targets)."""
        windows, targets = batch
        loss = functional.mse_loss(self.network(windows), targets)
        self.log("train/loss", loss.detach())
        return loss

    def validation_step(self, batch: tuple[Tensor, ...], index: int) -> None:  # noqa: ARG002
        """Log the loss without dropout."""
        windows, targets = batch
        self.log(VALIDATION_LOSS, functional.mse_loss(self.network(windows), targets), batch_size=len(targets))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam."""
        return torch.optim.Adam(self.parameters(), lr=self.config.learning_rate)
