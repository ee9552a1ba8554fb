"""One step: the discriminator learns to tell motion from made motion, then the generator to be near and to deceive it.

    discriminator  (D(real) - 1)^2 + D(made)^2
    generator      |made - real| + gan_weight * (D(made) - 1)^2

L1 alone has its minimum at the median of all motion that goes with a sound: where people do this or that, the median
does neither. The discriminator does not know the sound; it asks for motion as people move. Least squares after Mao et
al., ICCV 2017; the rest after Ginosar et al., CVPR 2019.
"""

from __future__ import annotations

from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor

from speech_gesture_ros.networks.speech2gesture.network import Discriminator, Generator
from speech_gesture_ros.training.speech2gesture.run_config import Speech2GestureRunConfig


class Speech2GestureTraining(lightning.LightningModule):
    """Generator and discriminator in training.

    Args:
        config: Of the run.
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
        made = self.generator(log_mel)
        if self.discriminator is None:
            self._optimise(optimizers, self._l1(made, real))
            return
        for_generator, for_discriminator = optimizers
        true, false = self.discriminator(real), self.discriminator(made.detach())
        judged = (true - 1).square().mean() + false.square().mean()
        self._optimise(for_discriminator, judged)
        deceived = (self.discriminator(made) - 1).square().mean()
        self._optimise(for_generator, self._l1(made, real) + self.config.gan_weight * deceived)
        self.log_dict({"train/discriminator": judged.detach(), "train/adversary": deceived.detach()})

    def configure_optimizers(self) -> Any:
        """Adam for each."""
        parts: list[Any] = [self.generator, self.discriminator] if self.discriminator else [self.generator]
        return [torch.optim.Adam(part.parameters(), lr=self.config.learning_rate) for part in parts]

    def _l1(self, made: Tensor, real: Tensor) -> Tensor:
        loss = (made - real).abs().mean()
        self.log("train/l1", loss.detach(), prog_bar=True)
        return loss

    def _optimise(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()
