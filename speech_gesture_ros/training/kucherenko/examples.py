"""Clips to examples: windows of speech and the pose in their middle, speakers apart.

    silence | features of a clip, 20 Hz | silence        one window a pose, padded with 30 frames of silence
            [----- 61 frames -----]
                       ▲ pose vector

The paper validates on a random tenth of all frames, whose neighbours it has learned by heart. Here the validation
speakers are never learned from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.training.kucherenko.features import compute_features
from speech_gesture_ros.training.kucherenko.motion import to_vectors

Floats = npt.NDArray[np.float32]

NOISE_AMPLITUDE = 0.01  # of the white noise under noisy copies: uniform, as sox makes it


@dataclass(frozen=True)
class Examples:
    """Examples of several clips, in one piece.

    Attributes:
        features: (N, F) of all clips, each between its silences.
        vectors: (M, D) positions and velocities [cm], one for each window.
        starts: (M,) where the window of a vector begins in `features`.
    """

    features: Floats
    vectors: Floats
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)


def make_examples(clips: Iterable[Clip], combination: str, *, past: int, future: int, silence_frames: int,
                  noisy_copies: bool, seed: int, cache: Path | None = None) -> Examples:
    """Examples of clips that have motion.

    Args:
        clips: Clips with `joint_xyz`.
        combination: What is heard, see `features.FEATURE_COMBINATIONS`.
        past: Frames of a window before its pose.
        future: Frames after it.
        silence_frames: Of silence on either side; windows that reach further see more of the same.
        noisy_copies: Each clip once more, with white noise.
        seed: Of that noise.
        cache: Where features are kept.

    Raises:
        ConfigError: If no clip has motion.
    """
    silence = silent_frame(combination)
    rng = np.random.default_rng(seed)
    rows: list[Floats] = []
    vectors: list[Floats] = []
    starts: list[npt.NDArray[np.int64]] = []
    total = 0
    for clip in clips:
        if clip.joint_xyz is None:
            continue
        target = to_vectors(clip.joint_xyz).astype(np.float32)
        versions = [clip.samples]
        if noisy_copies:
            noise = rng.uniform(-NOISE_AMPLITUDE, NOISE_AMPLITUDE, len(clip.samples)).astype(np.float32)
            versions.append(clip.samples + noise)
        for samples in versions:
            heard = pad(compute_features(samples, combination, cache), silence, max(past, silence_frames),
                        max(future, silence_frames))
            count = min(len(target), len(heard) - max(past, silence_frames) - max(future, silence_frames))
            rows.append(heard)
            vectors.append(target[:count])
            starts.append(total + max(past, silence_frames) - past + np.arange(count))
            total += len(heard)
    if not rows:
        raise ConfigError("clips with motion", 0, "at least 1", "Check the splits of the prepared corpus.")
    return Examples(np.concatenate(rows), np.concatenate(vectors), np.concatenate(starts))


def pad(features: Floats, silence: Floats, before: int, after: int) -> Floats:
    """(T, F) features between frames of silence: (before + T + after, F)."""
    return np.concatenate([np.tile(silence, (before, 1)), features, np.tile(silence, (after, 1))])


def silent_frame(combination: str) -> Floats:
    """(F,) what digital silence sounds like: a quiet room, see `features.kucherenko_16k`; its prosody is 0."""
    frames = compute_features(np.zeros(2 * SAMPLE_RATE, np.float32), combination)
    return np.asarray(frames[-5])


@dataclass(frozen=True)
class Batches:
    """Batch n of a training, drawn from (seed, n): a run that goes on sees what it would have seen.

    Attributes:
        examples: Where the windows come from.
        targets: (M, D) what is to be said of each.
        window: Frames in a window; 0 gives the targets alone.
        size: Windows in a batch.
        seed: Of the drawing.
    """

    examples: Examples
    targets: Floats
    window: int
    size: int
    seed: int

    def __call__(self, n: int) -> tuple[Tensor, ...]:
        """((B, W, F) windows, (B, D) targets) of batch n."""
        return self.take(np.random.default_rng([self.seed, n]).integers(len(self.targets), size=self.size))

    def in_order(self, most: int) -> list[tuple[Tensor, ...]]:
        """At most so many examples, spread over all: the batches of a validation."""
        picked = np.arange(0, len(self.targets), max(1, -(-len(self.targets) // most)))
        return [self.take(picked[i:i + self.size]) for i in range(0, len(picked), self.size)]

    def take(self, picked: npt.NDArray[np.int64]) -> tuple[Tensor, ...]:
        """The examples with these numbers."""
        targets = torch.from_numpy(self.targets[picked])
        if not self.window:
            return (targets,)
        rows = self.examples.starts[picked][:, None] + np.arange(self.window)
        return torch.from_numpy(self.examples.features[rows]), targets
