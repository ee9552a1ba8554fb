"""Lightning modules of the stroke model: SpeechE learns to detect, MotionD to pose the body.

    features ─► CueEncoder ─► voice, accent, level       against those found in the whole recording
    state, velocity ─► StrokeDecoder ─► pose                 against the exact pose

A run is a function of its configuration: batch n is drawn from (seed, n), the learning rate is a function of n, and a
checkpoint holds weights, their running average and the optimiser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from speech_gesture_ros.networks.strokes.cues import ACCENT_LAG, VOICE_LAG
from speech_gesture_ros.networks.strokes.torch_network import CueEncoder, StrokeDecoder
from speech_gesture_ros.training.engine.averaged_learner import AveragedLearner
from speech_gesture_ros.training.engine.fit import FitConfig, FitResult, fit
from speech_gesture_ros.training.strokes.batches import CueBatch, CueSampler, PoseBatch, StateSampler
from speech_gesture_ros.training.strokes.run_config import StepsConfig, StrokeRunConfig

ACCENT_WEIGHT = 4.0  # of frames with an accent over those without
LEVEL_WEIGHT = 1.0
POSITION_WEIGHT = 400.0  # of the squared error [m2] beside 1 - cosine of the bones


class StepLearner(AveragedLearner):
    """Learner with one loss.

    Args:
        network: Network to train.
        steps: Steps and learning rate.
        config: Run configuration.
    """

    def __init__(self, network: nn.Module, steps: StepsConfig, config: StrokeRunConfig) -> None:
        super().__init__(network, config, steps.steps, steps.learning_rate)
        self._batch_size = steps.batch

    def loss(self, batch: Any) -> Tensor:
        """Return the loss of one batch."""
        raise NotImplementedError

    def training_step(self, batch: Any) -> Tensor:
        """Return the loss of one batch, and log it."""
        loss = self.loss(batch)
        self.log("loss", loss.detach(), prog_bar=True, batch_size=self._batch_size)
        return loss


class CueLearner(StepLearner):
    """The speech encoder. Batches are `CueBatch`."""

    def __init__(self, network: CueEncoder, config: StrokeRunConfig) -> None:
        super().__init__(network, config.encoder, config)
        network.dropout.p = config.dropout

    def loss(self, batch: CueBatch) -> Tensor:
        """Return the cross-entropy of voice and accent, and the squared error of the level, each at its lag."""
        detected = self.network(batch.frames)
        voice = functional.binary_cross_entropy_with_logits(detected[:, VOICE_LAG:, 0], batch.voice[:, :-VOICE_LAG])
        accent = functional.binary_cross_entropy_with_logits(
            detected[:, ACCENT_LAG:, 1], batch.accent[:, :-ACCENT_LAG], pos_weight=detected.new_tensor(ACCENT_WEIGHT))
        level = functional.mse_loss(detected[:, VOICE_LAG:, 2], batch.level[:, :-VOICE_LAG])
        return voice + accent + LEVEL_WEIGHT * level


class DecoderLearner(StepLearner):
    """The motion decoder. Batches are `PoseBatch`."""

    def __init__(self, network: StrokeDecoder, config: StrokeRunConfig) -> None:
        super().__init__(network, config.decoder, config)

    def loss(self, batch: PoseBatch) -> Tensor:
        """Return 1 - cosine of the bones, and the squared error of the joints."""
        network = self.network
        assert isinstance(network, StrokeDecoder)
        directions = network.directions(batch.z)
        bones = network.chain.directions(batch.joint_xyz)
        cosine = functional.cosine_similarity(directions, bones, dim=-1)
        squares = (network.chain(directions) - batch.joint_xyz).square().sum(dim=-1)
        return (1.0 - cosine).mean() + POSITION_WEIGHT * squares.mean()


def train_encoder(network: CueEncoder, sampler: CueSampler, config: StrokeRunConfig, out: Path, *,
                  resume: bool = False) -> tuple[dict[str, Tensor], FitResult]:
    """Train the speech encoder; return the averaged weights, and the result of the fit."""
    learner = CueLearner(network, config)

    def draw(index: int) -> CueBatch:
        return sampler.draw(index, config.encoder.batch, config.frames)

    result = fit(learner, draw, None, out=out, config=stroke_fit_config(config, config.encoder), resume=resume,
                 label="encoder")
    return learner.average.state_dict(), result


def train_decoder(network: StrokeDecoder, sampler: StateSampler, config: StrokeRunConfig, out: Path, *,
                  resume: bool = False) -> tuple[dict[str, Tensor], FitResult]:
    """Train the motion decoder; return the averaged weights, and the result of the fit."""
    learner = DecoderLearner(network, config)

    def draw(index: int) -> PoseBatch:
        return sampler.draw(index, config.decoder.batch)

    result = fit(learner, draw, None, out=out, config=stroke_fit_config(config, config.decoder), resume=resume,
                 label="decoder")
    return learner.average.state_dict(), result


def stroke_fit_config(config: StrokeRunConfig, steps: StepsConfig) -> FitConfig:
    """Return the arguments of the fit of one network."""
    return FitConfig(steps.steps, gradient_clip=config.clip, **config.settings())
