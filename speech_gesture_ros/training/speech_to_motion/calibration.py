"""Gives back the size that least squares take away: the motion representation is stretched about rest, at the end.

    z' = z_rest + g (z - z_rest)      g such that wrists are as fast as `SPEED`, for speakers that were learned from

A network that minimises distances answers doubt with smaller gestures. Their timing and form stay as learned; rest,
which is known for certain, stays where it is. Not to the choreographer's full speed: what is stretched too far are the
doubts, and strokes come where no accent is. The factor is found on speakers of the training, never on those held out.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import USUAL, measure_network, perform_track
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack

SPEED = 0.93  # of the choreographer's
NEAR = 0.003
PROBE = 1.01
BOUNDS = (0.98, 1.05)  # beyond it would be another motion
TRIES = 4
TRACKS = 40  # spoken ones are enough to know one number
SETTLED = 0.5  # share of a calm track after which hands rest


def calibrate(network: SpeechToMotionNetwork, tracks: list[TrainingTrack], skeleton: Skeleton) -> float:
    """Stretch a network in place; returns the factor.

    Args:
        network: Trained.
        tracks: Learned from. Without one of a speaker and a calm one the network stays as it is.
        skeleton: Of the network.
    """
    spoken = [t for t in tracks if t.speaker]
    calm = [t for t in tracks if not t.speaker]
    if not spoken or not calm:
        return 1.0
    spoken, rest = spoken[:: -(-len(spoken) // TRACKS)], rest_z(network, calm[0])
    tried = {1.0: _speed(network, spoken, skeleton)}
    factor = 1.0
    for _ in range(TRIES):
        wanted = _next_factor(tried)
        if abs(tried[factor] - SPEED) <= NEAR or wanted in tried:
            break
        stretch(network, wanted / factor, rest)
        factor = wanted
        tried[factor] = _speed(network, spoken, skeleton)
    return factor


def _next_factor(tried: dict[float, float]) -> float:
    """By the line through the last two that were tried; at first a small step the right way."""
    if len(tried) == 1:
        return PROBE if tried[1.0] < SPEED else 2.0 - PROBE
    (a, speed_a), (b, speed_b) = list(tried.items())[-2:]
    slope = (speed_b - speed_a) / (b - a)
    return float(np.clip(b + (SPEED - speed_b) / slope, *BOUNDS)) if slope > 0 else 1.0


def _speed(network: SpeechToMotionNetwork, spoken: list[TrainingTrack], skeleton: Skeleton) -> float:
    return measure_network(network, spoken, skeleton, (USUAL,))[0].speed


def rest_z(network: SpeechToMotionNetwork, calm: TrainingTrack) -> Tensor:
    """(D,) the motion representation of hands at rest."""
    heard: list[Tensor] = []

    def remember(_module: torch.nn.Module, _given: tuple[Tensor, ...], z: Tensor) -> None:
        heard.append(z.detach().reshape(-1, z.shape[-1]))

    hook = network.speech_encoder.output.register_forward_hook(remember)
    try:
        perform_track(network, calm, USUAL)
    finally:
        hook.remove()
    z = torch.cat(heard)
    return z[round(SETTLED * len(z)):].mean(dim=0)


def stretch(network: SpeechToMotionNetwork, factor: float, about: Tensor) -> None:
    """Scale the representation (.., D) about one of its values (D,), by the weights of the layer that makes it."""
    last = network.speech_encoder.output[-1]
    assert isinstance(last, torch.nn.Linear)
    with torch.no_grad():
        last.weight.mul_(factor)
        last.bias.mul_(factor).add_((1.0 - factor) * about)
