"""Sequences drawn from tracks, a batch at a time; batch n is a function of (seed, n): a resumed run sees the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_LOOK_AHEAD
from speech_gesture_ros.networks.speech_to_motion.speech_encoder import CodeTensors
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack

Variation = npt.NDArray[np.float32]
CALM_SHARE = 0.06  # of the sequences
FROM_THE_START = 0.12  # of the sequences begin where the stream begins
SHIFT = 2  # feature frames by which sound and motion may be misaligned: 20 ms
CLEAN_SHARE = 0.4
BAND_SHIFT = 2  # mel bands: a longer or shorter vocal tract
TILT = 0.25  # of a feature's unit of 16 dB
LOST_BANDS = 10  # at most one fewer
MELS = tuple(name for name in FEATURE_NAMES if name.startswith("mel_"))
PITCHES = tuple(FEATURE_NAMES.index(name) for name in ("f0", "f0_delta"))


@dataclass(frozen=True)
class Batch:
    """B sequences of T input frames, for a look-ahead of L: targets are of the first K = T - L of them.

    Attributes:
        frames: (B, T, 4 F).
        codes: (B, K) each.
        joint_xyz: (B, K, J, 3) [m].
        accent: (B, T) size of the stroke.
        speech: (B, T) 0 or 1.
        look_ahead: L [pose frames].
    """

    frames: Tensor
    codes: CodeTensors
    joint_xyz: Tensor
    accent: Tensor
    speech: Tensor
    look_ahead: int


def draw_look_ahead(usual: int, rng: np.random.Generator) -> int:
    """A look-ahead: often the usual one, else any."""
    return usual if rng.random() < 0.35 else int(rng.integers(MAX_LOOK_AHEAD + 1))


class SequenceSampler:
    """Draws batches from the tracks of the speakers to learn from.

    Args:
        tracks: Not the held-out ones.
        skeleton: For mirror images.
        mirrored: Whether code 2 n + 1 is the mirror image of code 2 n: each sequence is then mirrored half the time.
        seed: Draws everything.
        mirror_variation: (T, V) variations to those of the mirror image; None if they have no side.
    """

    def __init__(self, tracks: list[TrainingTrack], skeleton: Skeleton, mirrored: bool, seed: int,
                 mirror_variation: Callable[[Variation], Variation] | None = None) -> None:
        self.tracks, self.skeleton, self.mirrored, self.seed = tracks, skeleton, mirrored, seed
        self.mirror_variation = mirror_variation or np.copy
        self._weights = track_weights(tracks)

    def draw(self, index: int, batch: int, frames: int, usual_look_ahead: int) -> Batch:
        """Batch number `index`."""
        rng = np.random.default_rng([self.seed, index])
        look_ahead = draw_look_ahead(usual_look_ahead, rng)
        chosen = rng.choice(len(self.tracks), size=batch, p=self._weights)
        cuts = [self._cut(self.tracks[i], frames, look_ahead, rng) for i in chosen]
        heard, xyz, accent, speech, *codes = (torch.from_numpy(np.stack(column)) for column in zip(*cuts))
        return Batch(heard, CodeTensors(*codes), xyz, accent, speech, look_ahead)

    def _cut(self, track: TrainingTrack, frames: int, look_ahead: int,
             rng: np.random.Generator) -> tuple[npt.NDArray[np.generic], ...]:
        room = len(track) - frames
        start = 0 if rng.random() < FROM_THE_START else int(rng.integers(room + 1))
        version = 0 if rng.random() < CLEAN_SHARE else int(rng.integers(len(track.features)))
        take = int(rng.integers(len(track.joint_xyz)))
        poses = slice(start, start + frames - look_ahead)
        xyz = track.joint_xyz[take, poses].astype(np.float32) * XYZ_STEP_M
        code, next_code = (a[take, poses].astype(np.int64) for a in (track.code, track.next_code))
        variation = track.variation[take, poses].astype(np.float32)
        if self.mirrored and rng.random() < 0.5:
            xyz = self.skeleton.mirror(xyz).astype(np.float32)
            code, next_code, variation = code ^ 1, next_code ^ 1, self.mirror_variation(variation)
        shift = int(rng.integers(-SHIFT, SHIFT + 1))
        first = min(max(0, start * FEATURES_PER_POSE + shift), (len(track) - frames) * FEATURES_PER_POSE)
        heard = track.features[version, first:first + frames * FEATURES_PER_POSE]
        whole = slice(start, start + frames)
        varied = vary_voice(heard.astype(np.float32), rng)
        return (varied.reshape(frames, -1), xyz, track.accent[whole].astype(np.float32),
                track.speech[whole].astype(np.float32), code, next_code, track.phase[take, poses],
                track.remaining[take, poses], variation, track.activity[take, poses].astype(np.float32))


def vary_voice(features: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Another voice or microphone that says the same: without it the few long speakers are learned by heart.

    Args:
        features: (T, F) frames of one sequence.
        rng: Draws a shift of the bands, a spectral tilt, a band that is lost, and how far the pitch moves.
    """
    out: npt.NDArray[np.float32] = features.copy()
    bands = len(MELS)
    shift = int(rng.integers(-BAND_SHIFT, BAND_SHIFT + 1))
    out[:, :bands] = features[:, np.clip(np.arange(bands) + shift, 0, bands - 1)]
    knots = rng.normal(0.0, TILT, 5)
    out[:, :bands] += np.interp(np.linspace(0, 4, bands), np.arange(5), knots).astype(np.float32)
    lost, width = int(rng.integers(bands)), int(rng.integers(LOST_BANDS))
    out[:, lost:min(lost + width, bands)] = -1.0
    for column in PITCHES:
        out[:, column] *= np.float32(rng.uniform(0.75, 1.3))
    return out


def track_weights(tracks: list[TrainingTrack]) -> npt.NDArray[np.float64]:
    """Probability of each track: speakers count by the square root of their time, calm tracks `CALM_SHARE` in all."""
    seconds: dict[str, float] = {}
    for track in tracks:
        seconds[track.speaker] = seconds.get(track.speaker, 0.0) + len(track)
    weights = np.array([len(t) / np.sqrt(seconds[t.speaker]) for t in tracks])
    calm = np.array([t.speaker == "" for t in tracks])
    for group, share in ((calm, CALM_SHARE), (~calm, 1.0 - CALM_SHARE)):
        if group.any():
            weights[group] *= share / weights[group].sum()
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Statistics:
    """What the data are like.

    Attributes:
        feature_mean: (F,).
        feature_std: (F,), at least 0.05.
        position_std: (J,) spread of each joint, all axes together, at least 4 mm [m].
        velocity_std: (J,) of its first differences, at least 0.4 mm [m].
        acceleration_std: (J,) of its second differences, at least 0.1 mm [m].
    """

    feature_mean: npt.NDArray[np.float32]
    feature_std: npt.NDArray[np.float32]
    position_std: npt.NDArray[np.float32]
    velocity_std: npt.NDArray[np.float32]
    acceleration_std: npt.NDArray[np.float32]


def measure(tracks: list[TrainingTrack]) -> Statistics:
    """Statistics of the tracks with speech: every version's features, the first performance's motion."""
    spoken = [t for t in tracks if t.speaker] or tracks
    count = sum(t.features.shape[0] * t.features.shape[1] for t in spoken)
    mean = sum(t.features.sum(axis=(0, 1), dtype=np.float64) for t in spoken) / count
    square = sum(np.square(t.features, dtype=np.float32).sum(axis=(0, 1), dtype=np.float64) for t in spoken) / count
    std = np.sqrt(np.maximum(square - mean**2, 0.0))
    spreads: list[npt.NDArray[np.float64]] = []
    for order, least in ((0, 4e-3), (1, 4e-4), (2, 1e-4)):
        values = np.concatenate([np.diff(t.joint_xyz[0].astype(np.float32) * XYZ_STEP_M, n=order, axis=0)
                                 for t in spoken])
        spreads.append(np.maximum(np.sqrt(values.var(axis=0).sum(axis=-1)), least))
    vectors = (mean, np.maximum(std, 0.05), *spreads)
    return Statistics(*(np.asarray(v, dtype=np.float32) for v in vectors))
