"""Loss of a predicted motion: positions, velocities, accelerations, extent, bone directions, accents and speech.

With positions alone a network is late and its motion small, because it predicts the mean of what may come; velocities
make it move at the right time, and the size term keeps uncertain strokes from becoming small ones. Each joint is
measured against its own spread, because otherwise the hands, which move most, would make up nearly all of the loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from speech_gesture_ros.networks.speech_to_motion.motion_decoder import BodyChain
from speech_gesture_ros.training.speech_to_motion.run_config import LossConfig
from speech_gesture_ros.training.speech_to_motion.sequences import Batch
from speech_gesture_ros.training.speech_to_motion.statistics import Statistics

WARM_UP_FRAMES = 12  # first pose frames of a sequence, not in the loss: the network's state is empty there
DIRECTION_SCALE = 10.0  # brings 1 - cosine to about 1 for an untrained network
ACCENT_WEIGHT = 4.0  # of frames with an accent over those without
_QUADRATIC_BELOW = 0.5  # standard deviations
_STILL = 0.1  # standard deviations: smaller extents count as equal
_MIN_SPREAD_M = 1e-6


@dataclass(frozen=True)
class Spreads:
    """Per joint (J, 1) spread of positions and of their first and second differences [m]."""

    position: Tensor
    velocity: Tensor
    acceleration: Tensor


def spreads_of(statistics: Statistics, device: torch.device) -> Spreads:
    """Return the spreads as tensors."""
    arrays = (statistics.position_std, statistics.velocity_std, statistics.acceleration_std)
    return Spreads(*(torch.from_numpy(a).to(device)[:, None].clamp_min(_MIN_SPREAD_M) for a in arrays))


def motion_loss(predicted: Tensor, target: Tensor, chain: BodyChain, spreads: Spreads,
                weights: LossConfig) -> dict[str, Tensor]:
    """Return the weighted parts of the loss of (B, K, J, 3) motion [m]."""
    parts = {"position": weights.position * _distance(predicted, target, spreads.position)}
    for order, name, spread in ((1, "velocity", spreads.velocity), (2, "acceleration", spreads.acceleration)):
        change, target_change = (torch.diff(x, n=order, dim=1) for x in (predicted, target))
        parts[name] = getattr(weights, name) * _distance(change, target_change, spread)
        if order == 1:
            parts["size"] = weights.size * _size_difference(change, target_change, spread)
        elif weights.acceleration_size:
            parts["size"] = parts["size"] + weights.acceleration_size * _size_difference(
                change, target_change, spread)
    agreement = (chain.directions(predicted) * chain.directions(target)).sum(dim=-1)
    parts["direction"] = weights.direction * DIRECTION_SCALE * (1.0 - agreement).mean()
    return parts


def event_loss(event_logits: Tensor, batch: Batch, lags: tuple[int, ...], weight: float) -> Tensor:
    """Return the binary cross-entropy of the accent and speech heads, each lag against the frame it is about."""
    total = event_logits.new_zeros(())
    count = batch.accent.shape[1]
    for i, lag in enumerate(lags):
        for row, (target, positive) in enumerate(((batch.accent, ACCENT_WEIGHT), (batch.speech, 1.0))):
            logits = event_logits[:, lag:, row, i]
            total = total + functional.binary_cross_entropy_with_logits(
                logits, target[:, :count - lag], pos_weight=logits.new_tensor(positive))
    return weight * total / len(lags)


def _size_difference(change: Tensor, target_change: Tensor, spread: Tensor) -> Tensor:
    """Return the squared log ratio of the extent of each joint in each sequence; (B, K, J, 3) differences [m]."""
    sizes = [((x / spread).square().mean(dim=(1, 3)) + _STILL**2).log() for x in (change, target_change)]
    return (sizes[0] - sizes[1]).square().mean()


def _distance(predicted: Tensor, target: Tensor, spread: Tensor) -> Tensor:
    return functional.smooth_l1_loss(predicted / spread, target / spread, beta=_QUADRATIC_BELOW)
