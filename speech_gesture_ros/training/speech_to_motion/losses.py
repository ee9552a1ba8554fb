"""How wrong a predicted motion is: where, how fast, how abruptly, and whether the accents were heard.

Positions alone make a network late and small, for it hedges; velocities make it move when it should, and the size term
keeps it from making half a stroke where it is half sure. Each joint is measured against its own spread, or else the
hands, which move most, would be all that is learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from speech_gesture_ros.networks.speech_to_motion.motion_decoder import BodyChain
from speech_gesture_ros.training.speech_to_motion.run_config import LossConfig
from speech_gesture_ros.training.speech_to_motion.sequences import Batch, Statistics

WARM_UP = 12  # first pose frames of a sequence cut out of a recording: what went before is unknown
_QUADRATIC_BELOW = 0.5  # standard deviations
_STILL = 0.1  # standard deviations: moving less than this is all the same


@dataclass(frozen=True)
class Spreads:
    """Per joint (J, 1) spread of positions and of their first and second differences [m]."""

    position: Tensor
    velocity: Tensor
    acceleration: Tensor


def spreads_of(statistics: Statistics, device: torch.device) -> Spreads:
    """The spreads as tensors."""
    arrays = (statistics.position_std, statistics.velocity_std, statistics.acceleration_std)
    return Spreads(*(torch.from_numpy(a).to(device)[:, None].clamp_min(1e-6) for a in arrays))


def motion_loss(predicted: Tensor, target: Tensor, chain: BodyChain, spreads: Spreads,
                weights: LossConfig) -> dict[str, Tensor]:
    """Weighted parts of the loss of (B, K, J, 3) motion [m]."""
    parts = {"position": weights.position * _distance(predicted, target, spreads.position)}
    for order, name, spread in ((1, "velocity", spreads.velocity), (2, "acceleration", spreads.acceleration)):
        made, wanted = (torch.diff(x, n=order, dim=1) for x in (predicted, target))
        parts[name] = getattr(weights, name) * _distance(made, wanted, spread)
        if order == 1:
            parts["size"] = weights.size * _size_difference(made, wanted, spread)
        elif weights.acceleration_size:
            parts["size"] = parts["size"] + weights.acceleration_size * _size_difference(made, wanted, spread)
    agreement = (chain.directions(predicted) * chain.directions(target)).sum(dim=-1)
    parts["direction"] = weights.direction * 10.0 * (1.0 - agreement).mean()
    return parts


def event_loss(event_logits: Tensor, batch: Batch, lags: tuple[int, ...], weight: float) -> Tensor:
    """Binary cross-entropy of the accent and speech heads, each lag against the frame it speaks about."""
    total = event_logits.new_zeros(())
    count = batch.accent.shape[1]
    for i, lag in enumerate(lags):
        for row, (truth, positive) in enumerate(((batch.accent, 4.0), (batch.speech, 1.0))):
            logits = event_logits[:, lag:, row, i]
            total = total + functional.binary_cross_entropy_with_logits(
                logits, truth[:, :count - lag], pos_weight=logits.new_tensor(positive))
    return weight * total / len(lags)


def _size_difference(made: Tensor, wanted: Tensor, spread: Tensor) -> Tensor:
    """Squared log ratio of how much each joint moves in each sequence; (B, K, J, 3) first differences [m]."""
    sizes = [((x / spread).square().mean(dim=(1, 3)) + _STILL**2).log() for x in (made, wanted)]
    return (sizes[0] - sizes[1]).square().mean()


def _distance(predicted: Tensor, target: Tensor, spread: Tensor) -> Tensor:
    return functional.smooth_l1_loss(predicted / spread, target / spread, beta=_QUADRATIC_BELOW)
