"""The training loop: MotionE and MotionD first, then SpeechE through MotionD; stops and goes on anywhere.

    poses ─► MotionE ─► z ─► MotionD ─► poses        decoder_steps: what motion looks like
    features, codes ─► SpeechE ─► z ─► MotionD       steps: which motion now

A run is a function of its configuration: batch n is drawn from (seed, n), the learning rate is a function of n, and a
checkpoint holds weights, their running average, the optimiser and n.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.networks.gesture_network import GestureNetwork
from speech_gesture_ros.networks.motion_encoder import MotionE
from speech_gesture_ros.training.config import TrainingConfig
from speech_gesture_ros.training.datasets import Batch, SequenceSampler, Statistics
from speech_gesture_ros.training.losses import WARM_UP, Spreads, event_loss, motion_loss, spreads_of

_log = logging.getLogger(__name__)
_POSE_NOISE = 0.05  # on bone directions, for the denoising autoencoder
_DECODER_POSES = 2048
_LOWEST_RATE = 0.02  # of the largest


@dataclass
class Progress:
    """Where a run stands: goes into checkpoints.

    Attributes:
        step: Steps done.
        seconds: Time spent on them [s].
        losses: Smoothed parts of the loss.
    """

    step: int
    seconds: float
    losses: dict[str, float]


class Trainer:
    """Trains one network on one corpus.

    Args:
        network: What to train; its MotionD too.
        sampler: Where sequences come from.
        statistics: Of the data.
        config: How.
        checkpoint: File to save to and resume from; None keeps nothing.
    """

    def __init__(self, network: GestureNetwork, sampler: SequenceSampler, statistics: Statistics,
                 config: TrainingConfig, checkpoint: Path | None = None) -> None:
        self.network, self.sampler, self.config, self.checkpoint = network, sampler, config, checkpoint
        self.device = next(network.parameters()).device
        self.spreads: Spreads = spreads_of(statistics, self.device)
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, betas=(0.9, 0.99),
                                           weight_decay=config.weight_decay)
        network.speech_encoder.dropout.p = config.dropout
        self.average: dict[str, Tensor] = {}
        self.progress = Progress(0, 0.0, {})

    def resume(self) -> bool:
        """Go on from the checkpoint, if there is one."""
        if self.checkpoint is None or not self.checkpoint.exists():
            return False
        saved: dict[str, Any] = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.average = saved["average"]
        self.progress = Progress(**saved["progress"])
        _log.info("going on from step %d", self.progress.step)
        return True

    def run(self) -> dict[str, Tensor]:
        """Train to the end.

        Returns:
            The averaged weights.
        """
        self.network.train()
        if self.progress.step == 0 and self.config.decoder_steps:
            self.learn_poses()
        saved_at = time.monotonic()
        for step in _bar(self.progress.step, self.config.steps):
            began = time.monotonic()
            torch.manual_seed(self.config.seed * 1_000_003 + step)  # of dropout: a resumed run drops the same
            self._step(step)
            self.progress.step = step + 1
            self.progress.seconds += time.monotonic() - began
            if time.monotonic() - saved_at > self.config.checkpoint_s or step + 1 == self.config.steps:
                self._save()
                saved_at = time.monotonic()
            if step % 200 == 0 or step + 1 == self.config.steps:
                parts = "  ".join(f"{k} {v:.4f}" for k, v in self.progress.losses.items())
                _log.info("step %d: %s  (%.0f s)", step, parts, self.progress.seconds)
        return self.average

    def learn_poses(self) -> float:
        """Pretrain MotionD as the second half of a denoising autoencoder of single poses.

        Returns:
            The last loss: mean of 1 - cosine between bones.
        """
        decoder = self.network.motion_decoder
        encoder = MotionE(self.network.config, self.sampler.skeleton).to(self.device)
        optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
        generator = torch.Generator().manual_seed(self.config.seed)
        last = 0.0
        for index in range(self.config.decoder_steps):
            poses = self._draw_poses(index)
            bones = decoder.chain.directions(poses)
            noise = _POSE_NOISE * torch.randn(bones.shape, generator=generator).to(self.device)
            rebuilt = decoder.chain.directions(decoder(encoder(poses, noise)))
            loss = (1.0 - (rebuilt * bones).sum(dim=-1)).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            last = float(loss.detach())
        _log.info("MotionD: 1 - cosine %.5f after %d steps", last, self.config.decoder_steps)
        return last

    def _draw_poses(self, index: int) -> Tensor:
        rng = np.random.default_rng([self.config.seed, 1, index])
        batch = self.sampler.draw(int(rng.integers(2**31)), 16, 2 * WARM_UP + 128, 0)
        poses = batch.joint_xyz.flatten(0, 1)
        return poses[torch.from_numpy(rng.integers(len(poses), size=_DECODER_POSES))].to(self.device)

    def _step(self, step: int) -> None:
        config = self.config
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        batch = _to_device(self.sampler.draw(step, config.batch, config.frames, config.usual_look_ahead), self.device)
        parts = self.losses(batch)
        loss = torch.stack(list(parts.values())).sum()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), config.clip)
        self.optimizer.step()
        self._average(step)
        for name, value in parts.items():
            now = float(value.detach())
            self.progress.losses[name] = 0.98 * self.progress.losses.get(name, now) + 0.02 * now

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Weighted parts of the loss on one batch."""
        state = self.network.initial_state(len(batch.frames))
        predicted, heard, _ = self.network(batch.frames, batch.codes, state, batch.look_ahead)
        # The network's state starts empty in the middle of a recording, so its first poses are not judged.
        parts = motion_loss(predicted[:, WARM_UP:], batch.joint_xyz[:, WARM_UP:], self.network.motion_decoder.chain,
                            self.spreads, self.config.loss)
        parts["events"] = event_loss(self.network.speech_encoder.hear_events(heard), batch,
                                     self.network.config.accent_lags, self.config.loss.events)
        return parts

    def _average(self, step: int) -> None:
        decay = min(self.config.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if name in self.average:
                    self.average[name].lerp_(value, 1.0 - decay)
                else:
                    self.average[name] = value.clone()

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        unfinished = self.checkpoint.with_suffix(".part")
        torch.save({"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(),
                    "average": self.average, "progress": vars(self.progress)}, unfinished)
        unfinished.replace(self.checkpoint)


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Linear rise, then a cosine down to a fiftieth."""
    rise = min(1.0, (step + 1) / max(1, config.warm_up_steps))
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / config.steps)))
    return config.learning_rate * rise * (_LOWEST_RATE + (1 - _LOWEST_RATE) * fall)


def _to_device(batch: Batch, device: torch.device) -> Batch:
    if device.type == "cpu":
        return batch
    codes = type(batch.codes)(*(getattr(batch.codes, f).to(device) for f in batch.codes.__dataclass_fields__))
    return Batch(batch.frames.to(device), codes, batch.joint_xyz.to(device), batch.accent.to(device),
                 batch.speech.to(device), batch.look_ahead)


def _bar(start: int, stop: int) -> Iterator[int]:
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError("tqdm", "training", "pip install '.[train]'") from error
    yield from tqdm(range(start, stop), initial=start, total=stop, desc="training", unit="step", mininterval=2.0)
