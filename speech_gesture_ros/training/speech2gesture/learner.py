"""Lightning module of Speech2Gesture: each step trains the discriminator, then the generator.

    discriminator  (D(real) - 1)^2 + D(generated)^2
    generator      |generated - real| + gan_weight * (D(generated) - 1)^2

L1 alone has its minimum at the median of all motion that goes with a sound: where people move in one of two ways, the
median does neither. The discriminator does not get the sound; it distinguishes recorded from generated motion. Least
squares after Mao et al., ICCV 2017; the rest after Ginosar et al., CVPR 2019.
"""

from __future__ import annotations

from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor

from speech_gesture_ros.networks.speech2gesture.network import Discriminator, Generator
from speech_gesture_ros.training.speech2gesture.run_config import Speech2GestureRunConfig


class Speech2GestureLearner(lightning.LightningModule):
    """Generator and discriminator in training.

    Args:
        config: Run configuration.
    """

    def __init__(self, config: Speech2GestureRunConfig) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.config = config
        self.generator = Generator(config.network)
        self.discriminator = Discriminator(config.network) if config.gan_weight > 0 else None

    def training_step(self, batch: tuple[Tensor, ...], index: int) -> None:
        """Step with (B, 418, 64) log-mel and (B, 64, 96) normalised keypoints."""
        del index
        log_mel, real = batch
        optimizers: Any = self.optimizers()
        generated = self.generator(log_mel)
        if self.discriminator is None:
            self._optimise(optimizers, self._l1(generated, real))
            return
        for_generator, for_discriminator = optimizers
        on_real, on_generated = self.discriminator(real), self.discriminator(generated.detach())
        discriminator_loss = (on_real - 1).square().mean() + on_generated.square().mean()
        self._optimise(for_discriminator, discriminator_loss)
        adversarial_loss = (self.discriminator(generated) - 1).square().mean()
        self._optimise(for_generator, self._l1(generated, real) + self.config.gan_weight * adversarial_loss)
        self.log_dict({"train/discriminator": discriminator_loss.detach(),
                       "train/adversary": adversarial_loss.detach()})

    def configure_optimizers(self) -> Any:
        """Return one Adam for each network."""
        parts: list[Any] = [self.generator, self.discriminator] if self.discriminator else [self.generator]
        return [torch.optim.Adam(part.parameters(), lr=self.config.learning_rate) for part in parts]

    def _l1(self, generated: Tensor, real: Tensor) -> Tensor:
        loss = (generated - real).abs().mean()
        self.log("train/l1", loss.detach(), prog_bar=True)
        return loss

    def _optimise(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()
