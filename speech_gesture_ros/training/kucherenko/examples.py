"""Training examples: windows of speech with the pose in their middle; training and validation have other speakers.

    silence | features of a clip, 20 Hz | silence        one window for each pose, padded with 30 frames of silence
            [----- 61 frames -----]
                       ▲ pose vector

The paper validates on a random tenth of all frames, whose neighbours are in the training data. Here the validation
speakers are not.
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

NOISE_AMPLITUDE = 0.01  # of the white noise in noisy copies: uniform, as of sox
SETTLING_S = 2.0  # of silence, after which its features are constant


@dataclass(frozen=True)
class Examples:
    """Examples of several clips, concatenated.

    Attributes:
        features: (N, F) of all clips, each between frames of silence.
        vectors: (M, D) positions and velocities [cm], one for each window.
        starts: (M,) first row of the window of each vector in `features`.
    """

    features: Floats
    vectors: Floats
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)


def make_examples(clips: Iterable[Clip], combination: str, *, past: int, future: int, silence_frames: int,
                  noisy_copies: bool, seed: int, cache: Path | None = None) -> Examples:
    """Return the examples of clips that have motion.

    Args:
        clips: Clips with `joint_xyz`.
        combination: Features of the input, see `features.FEATURE_COMBINATIONS`.
        past: Frames of a window before its pose.
        future: Frames after it.
        silence_frames: Frames of silence on either side; more are added for longer windows.
        noisy_copies: Use each clip once more, with white noise.
        seed: Seed of that noise.
        cache: Folder of cached features.

    Raises:
        ConfigError: If no clip has motion.
    """
    silence = silent_frame(combination)
    rng = np.random.default_rng(seed)
    before, after = max(past, silence_frames), max(future, silence_frames)
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
            features = pad(compute_features(samples, combination, cache), silence, before, after)
            count = min(len(target), len(features) - before - after)
            rows.append(features)
            vectors.append(target[:count])
            starts.append(total + before - past + np.arange(count))
            total += len(features)
    if not rows:
        raise ConfigError("clips with motion", 0, "at least 1", "Check the splits of the prepared corpus.")
    return Examples(np.concatenate(rows), np.concatenate(vectors), np.concatenate(starts))


def pad(features: Floats, silence: Floats, before: int, after: int) -> Floats:
    """Return (before + T + after, F): (T, F) features between frames of silence."""
    return np.concatenate([np.tile(silence, (before, 1)), features, np.tile(silence, (after, 1))])


def silent_frame(combination: str) -> Floats:
    """Return (F,) the features of digital silence: of a quiet room, see `features.kucherenko_16k`; its prosody is 0."""
    frames = compute_features(np.zeros(round(SETTLING_S * SAMPLE_RATE), np.float32), combination)
    return np.asarray(frames[-5])


@dataclass(frozen=True)
class Batches:
    """Numbered batches: batch n is drawn from (seed, n).

    Attributes:
        examples: Source of the windows.
        targets: (M, D) target of each window.
        window: Frames in a window; 0 gives the targets alone.
        size: Windows in a batch.
        seed: Seed of the draws.
    """

    examples: Examples
    targets: Floats
    window: int
    size: int
    seed: int

    def __call__(self, n: int) -> tuple[Tensor, ...]:
        """Return ((B, W, F) windows, (B, D) targets) of batch n."""
        return self.take(np.random.default_rng([self.seed, n]).integers(len(self.targets), size=self.size))

    def in_order(self, most: int) -> list[tuple[Tensor, ...]]:
        """Return batches of at most so many examples, spread evenly over all: for validation."""
        picked = np.arange(0, len(self.targets), max(1, -(-len(self.targets) // most)))
        return [self.take(picked[i:i + self.size]) for i in range(0, len(picked), self.size)]

    def take(self, picked: npt.NDArray[np.int64]) -> tuple[Tensor, ...]:
        """Return the examples with these indices."""
        targets = torch.from_numpy(self.targets[picked])
        if not self.window:
            return (targets,)
        rows = self.examples.starts[picked][:, None] + np.arange(self.window)
        return torch.from_numpy(self.examples.features[rows]), targets
