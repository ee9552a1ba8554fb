"""Lightning module of the network that draws a person: each step draws two pictures in a row.

    picture t      from the real picture t - 1, or from the background
    picture t + 1  from the drawn picture t, as in use
    critic         (D(real) - 1)^2 + D(drawn)^2 on both pictures together
    generator      l1 |drawn - real| + structure (1 - similarity) + change |change of drawn - change of real|
                   + gan (D(drawn) - 1)^2 + feature |layers of D(drawn) - layers of D(real)|

Least squares after Mao et al. (ICCV 2017), the difference of layers after Wang et al. (CVPR 2018), the structural
similarity as a loss after Zhao et al. (IEEE TCI 2017), here with a square window of 7 pixels.
"""

from __future__ import annotations

from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor
from torch.nn import functional

from speech_gesture_ros.networks.video.network import PersonGenerator, PictureCritic
from speech_gesture_ros.training.video.batches import VideoBatch
from speech_gesture_ros.training.video.run_config import VideoRunConfig

WINDOW = 7  # of the similarity [pixels]
C1, C2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2  # for values in [-1, 1]
PERSON_DIFFERENCE = 0.08  # to the background above which a pixel is of the person, of 2
LOWEST_RATE = 0.1  # of the learning rate, at the end
BETAS = (0.5, 0.99)


class VideoLearner(lightning.LightningModule):
    """Generator and critic in training.

    Args:
        config: Run configuration.
    """

    def __init__(self, config: VideoRunConfig) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.config = config
        self.generator = PersonGenerator(config.network)
        self.critic = PictureCritic(config.network) if config.gan_weight > 0 else None

    def training_step(self, batch: Any, index: int) -> None:
        """Step with one batch."""
        batch = VideoBatch(*batch)
        optimizers: Any = self.optimizers()
        optimizers = optimizers if isinstance(optimizers, list) else [optimizers]
        rate = self.config.learning_rate * self._rate(index)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        drawn, keypoints = self._draw(batch)
        real = batch.pictures[:, 1:]
        loss = self._distance(drawn, real, batch.background)
        self.log("train/loss", loss.detach(), prog_bar=True)
        if self.critic is not None:
            pair = keypoints.flatten(1, 2)
            on_real, real_layers = self.critic(pair, real.flatten(1, 2))
            on_drawn, _ = self.critic(pair, drawn.detach().flatten(1, 2))
            self._optimise(optimizers[1], (on_real - 1).square().mean() + on_drawn.square().mean())
            score, layers = self.critic(pair, drawn.flatten(1, 2))
            loss = loss + self.config.gan_weight * (score - 1).square().mean()
            for made, true in zip(layers, real_layers):
                loss = loss + self.config.feature_weight / len(layers) * (made - true.detach()).abs().mean()
        self._optimise(optimizers[0], loss)

    def configure_optimizers(self) -> Any:
        """Return one Adam for each network."""
        parts: list[Any] = [self.generator, self.critic] if self.critic is not None else [self.generator]
        return [torch.optim.Adam(part.parameters(), lr=self.config.learning_rate, betas=BETAS) for part in parts]

    def _draw(self, batch: VideoBatch) -> tuple[Tensor, Tensor]:
        """Return the drawn pictures (B, 2, 3, S, S) and their keypoints, likewise."""
        is_start = batch.is_start[:, None, None, None]
        keypoints = batch.keypoints
        before = is_start * batch.background + (1 - is_start) * batch.pictures[:, 0]
        first_before = is_start * keypoints[:, 1] + (1 - is_start) * keypoints[:, 0]
        first = self.generator(keypoints[:, 1], first_before, before, batch.background)
        second = self.generator(keypoints[:, 2], keypoints[:, 1], first.detach(), batch.background)
        return torch.stack([first, second], dim=1), keypoints[:, 1:]

    def _distance(self, drawn: Tensor, real: Tensor, background: Tensor) -> Tensor:
        """Return the loss."""
        is_person = ((real - background[:, None]).abs().amax(dim=2, keepdim=True) > PERSON_DIFFERENCE).float()
        weights = 1.0 + (self.config.person_weight - 1.0) * is_person
        weights = weights / weights.mean()
        l1 = (weights * (drawn - real).abs()).mean()
        change = (weights[:, 1:] * (drawn.diff(dim=1) - real.diff(dim=1)).abs()).mean()
        grey = (picture.flatten(0, 1).mean(dim=1, keepdim=True) for picture in (drawn, real))
        structure = 1.0 - similarity(*grey).mean()
        config = self.config
        return config.l1_weight * l1 + config.change_weight * change + config.structure_weight * structure

    def _rate(self, index: int) -> float:
        """Return the factor of the learning rate of a step."""
        half = self.config.steps / 2
        return max(LOWEST_RATE, min(1.0, (self.config.steps - index) / half))

    def _optimise(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()


def similarity(first: Tensor, second: Tensor) -> Tensor:
    """Return the structural similarity (B, C, H - 6, W - 6) of pictures (B, C, H, W) in [-1, 1]."""
    first, second = first + 1, second + 1  # the measure is for values that are not negative
    a, b, aa, bb, ab = (functional.avg_pool2d(x, WINDOW, stride=1)
                        for x in (first, second, first * first, second * second, first * second))
    return ((2 * a * b + C1) * (2 * (ab - a * b) + C2)) / ((a * a + b * b + C1) * (aa - a * a + bb - b * b + C2))
