"""Calibration after training: the motion representation is scaled about rest until the wrists have the right speed.

    z' = z_rest + g (z - z_rest)      g such that wrists have `TARGET_SPEED`, for speakers that were trained on

A network trained with a squared error makes uncertain gestures smaller. Scaling restores their size and leaves timing,
form and rest as they were trained. The target is below the speed of the composed motion: a larger factor would also
enlarge uncertain strokes, at times without an accent. The factor is found on training speakers, not on held-out ones.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import (
    USUAL_LOOK_AHEAD,
    generate_track_motion,
    measure_network,
)
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack

TARGET_SPEED = 0.93  # of the composed motion's
SPEED_TOLERANCE = 0.003
FIRST_STEP = 1.01  # factor of the first trial
FACTOR_BOUNDS = (0.98, 1.05)
MAX_TRIALS = 4
MAX_TRACKS = 40  # with speech
SETTLED_SHARE = 0.5  # of a track without speech, after which hands rest


def calibrate(network: SpeechToMotionNetwork, tracks: list[TrainingTrack], skeleton: Skeleton) -> float:
    """Scale the representation of a network in place and return the factor.

    Args:
        network: Trained network.
        tracks: Tracks that it was trained on; without one with and one without speech the network stays as it is.
        skeleton: Skeleton of the network.
    """
    spoken = [t for t in tracks if t.speaker]
    silent = [t for t in tracks if not t.speaker]
    if not spoken or not silent:
        return 1.0
    spoken, rest = spoken[:: -(-len(spoken) // MAX_TRACKS)], rest_z(network, silent[0])
    speeds = {1.0: _speed(network, spoken, skeleton)}
    factor = 1.0
    for _ in range(MAX_TRIALS):
        following = _next_factor(speeds)
        if abs(speeds[factor] - TARGET_SPEED) <= SPEED_TOLERANCE or following in speeds:
            break
        scale_about(network, following / factor, rest)
        factor = following
        speeds[factor] = _speed(network, spoken, skeleton)
    return factor


def _next_factor(speeds: dict[float, float]) -> float:
    """Return the next factor to try, by the secant through the last two; at first a small step."""
    if len(speeds) == 1:
        return FIRST_STEP if speeds[1.0] < TARGET_SPEED else 2.0 - FIRST_STEP
    (a, speed_a), (b, speed_b) = list(speeds.items())[-2:]
    slope = (speed_b - speed_a) / (b - a)
    return float(np.clip(b + (TARGET_SPEED - speed_b) / slope, *FACTOR_BOUNDS)) if slope > 0 else 1.0


def _speed(network: SpeechToMotionNetwork, spoken: list[TrainingTrack], skeleton: Skeleton) -> float:
    return measure_network(network, spoken, skeleton, (USUAL_LOOK_AHEAD,))[0].speed


def rest_z(network: SpeechToMotionNetwork, silent: TrainingTrack) -> Tensor:
    """Return (D,) the motion representation of hands at rest, from a track without speech."""
    outputs: list[Tensor] = []

    def record(_module: torch.nn.Module, _inputs: tuple[Tensor, ...], z: Tensor) -> None:
        outputs.append(z.detach().reshape(-1, z.shape[-1]))

    hook = network.speech_encoder.output.register_forward_hook(record)
    try:
        generate_track_motion(network, silent, USUAL_LOOK_AHEAD)
    finally:
        hook.remove()
    z = torch.cat(outputs)
    return z[round(SETTLED_SHARE * len(z)):].mean(dim=0)


def scale_about(network: SpeechToMotionNetwork, factor: float, centre: Tensor) -> None:
    """Scale the representation about one of its values (D,), by the weights of the layer that makes it."""
    last = network.speech_encoder.output[-1]
    assert isinstance(last, torch.nn.Linear)
    with torch.no_grad():
        last.weight.mul_(factor)
        last.bias.mul_(factor).add_((1.0 - factor) * centre)
