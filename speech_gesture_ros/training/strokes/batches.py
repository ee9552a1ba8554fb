"""Batches of both networks; batch n is a function of (seed, n), so that a resumed run gets the same ones.

CueSampler    sequences of features of a varied voice, with voice, accent and level of each frame
StateSampler      states of the strokes in composed motion, a little displaced, with the exact pose of each
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.strokes.channels import NUM_CHANNELS
from speech_gesture_ros.training.speech_to_motion.sequences import (
    CLEAN_SHARE,
    MAX_SHIFT,
    STREAM_START_SHARE,
    track_weights,
    vary_voice,
)
from speech_gesture_ros.training.strokes.body_pose import pose_body
from speech_gesture_ros.training.strokes.tracks import CueTrack

STATE_NOISE = 0.15  # displacement of the states over their spread, so that the decoder knows their surroundings


@dataclass(frozen=True)
class CueBatch:
    """B sequences of T input frames.

    Attributes:
        frames: (B, T, 4 F).
        voice: (B, T) 0 or 1.
        accent: (B, T) size of the accent.
        level: (B, T).
    """

    frames: Tensor
    voice: Tensor
    accent: Tensor
    level: Tensor


@dataclass(frozen=True)
class PoseBatch:
    """P poses.

    Attributes:
        z: (P, STATE_SIZE) state and velocity of the strokes.
        joint_xyz: (P, J, 3) [m].
    """

    z: Tensor
    joint_xyz: Tensor


class CueSampler:
    """Draws batches of sequences.

    Args:
        tracks: Tracks to train on.
        seed: Seed of all draws.
    """

    def __init__(self, tracks: list[CueTrack], seed: int) -> None:
        self.tracks, self.seed = tracks, seed
        self._weights = track_weights(tracks)

    def draw(self, index: int, batch: int, frames: int) -> CueBatch:
        """Return batch number `index`: so many sequences of so many pose frames."""
        rng = np.random.default_rng([self.seed, index])
        chosen = rng.choice(len(self.tracks), size=batch, p=self._weights)
        cuts = [_cut(self.tracks[i], frames, rng) for i in chosen]
        return CueBatch(*(torch.from_numpy(np.stack(column)) for column in zip(*cuts)))


class StateSampler:
    """Draws batches of poses.

    Args:
        states: (N, STATE_SIZE) states and velocities of composed motion.
        skeleton: Skeleton of the poses.
        seed: Seed of all draws.
    """

    def __init__(self, states: npt.NDArray[np.float32], skeleton: Skeleton, seed: int) -> None:
        self.states, self.skeleton, self.seed = states, skeleton, seed
        self.spread = states.std(axis=0)

    def draw(self, index: int, batch: int) -> PoseBatch:
        """Return batch number `index`: so many poses."""
        rng = np.random.default_rng([self.seed, 1, index])
        z = self.states[rng.integers(len(self.states), size=batch)]
        z = z + (STATE_NOISE * self.spread * rng.standard_normal(z.shape)).astype(np.float32)
        poses = pose_body(self.skeleton, z[:, :NUM_CHANNELS], z[:, NUM_CHANNELS:])
        return PoseBatch(torch.from_numpy(z), torch.from_numpy(poses))


def _cut(track: CueTrack, frames: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.float32], ...]:
    start = 0 if rng.random() < STREAM_START_SHARE else int(rng.integers(len(track) - frames + 1))
    version = 0 if rng.random() < CLEAN_SHARE else int(rng.integers(len(track.features)))
    shift = int(rng.integers(-MAX_SHIFT, MAX_SHIFT + 1))
    first = min(max(0, start * FEATURES_PER_POSE + shift), (len(track) - frames) * FEATURES_PER_POSE)
    features = track.features[version, first:first + frames * FEATURES_PER_POSE]
    varied = vary_voice(features.astype(np.float32), rng)
    whole = slice(start, start + frames)
    return (varied.reshape(frames, -1), *(getattr(track, name)[whole].astype(np.float32)
                                          for name in ("voice", "accent", "level")))
