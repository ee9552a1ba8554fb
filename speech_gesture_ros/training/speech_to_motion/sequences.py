"""Batches of sequences drawn from tracks; batch n is a function of (seed, n), so a resumed run gets the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

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
NON_SPEECH_SHARE = 0.06  # of the sequences
STREAM_START_SHARE = 0.12  # of the sequences, which begin where the stream begins
USUAL_LOOK_AHEAD_SHARE = 0.35  # of the batches
CLEAN_SHARE = 0.4  # of the sequences
MAX_SHIFT = 2  # feature frames of misalignment between sound and motion: 20 ms
MAX_BAND_SHIFT = 2  # mel bands: a longer or shorter vocal tract
TILT_STD = 0.25  # of the spectral tilt, in units of a feature: 16 dB
TILT_KNOTS = 5
MAX_LOST_BANDS = 9
LOST_BAND = -1.0  # value of a band that is lost
PITCH_FACTOR = (0.75, 1.3)
NUM_BANDS = sum(name.startswith("mel_") for name in FEATURE_NAMES)  # the first columns of the features
PITCH_FEATURES = tuple(FEATURE_NAMES.index(name) for name in ("f0", "f0_delta"))


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


class SequenceSampler:
    """Draws batches from tracks.

    Args:
        tracks: Tracks to train on.
        skeleton: Skeleton of the motions.
        mirrored: True if code 2 n + 1 is the mirror image of code 2 n: half of the sequences are then mirrored.
        seed: Seed of all draws.
        mirror_variation: (T, V) variations to those of the mirror image; None if they have no side.
    """

    def __init__(self, tracks: list[TrainingTrack], skeleton: Skeleton, mirrored: bool, seed: int,
                 mirror_variation: Callable[[Variation], Variation] | None = None) -> None:
        self.tracks, self.skeleton, self.mirrored, self.seed = tracks, skeleton, mirrored, seed
        self.mirror_variation = mirror_variation or np.copy
        self._weights = track_weights(tracks)

    def draw(self, index: int, batch: int, frames: int, usual_look_ahead: int) -> Batch:
        """Return batch number `index`: so many sequences of so many pose frames."""
        rng = np.random.default_rng([self.seed, index])
        usual = rng.random() < USUAL_LOOK_AHEAD_SHARE
        look_ahead = usual_look_ahead if usual else int(rng.integers(MAX_LOOK_AHEAD + 1))
        chosen = rng.choice(len(self.tracks), size=batch, p=self._weights)
        cuts = [self._cut(self.tracks[i], frames, look_ahead, rng) for i in chosen]
        features, xyz, accent, speech, *codes = (torch.from_numpy(np.stack(column)) for column in zip(*cuts))
        return Batch(features, CodeTensors(*codes), xyz, accent, speech, look_ahead)

    def _cut(self, track: TrainingTrack, frames: int, look_ahead: int,
             rng: np.random.Generator) -> tuple[npt.NDArray[np.generic], ...]:
        room = len(track) - frames
        start = 0 if rng.random() < STREAM_START_SHARE else int(rng.integers(room + 1))
        version = 0 if rng.random() < CLEAN_SHARE else int(rng.integers(len(track.features)))
        motion = int(rng.integers(len(track.joint_xyz)))
        poses = slice(start, start + frames - look_ahead)
        xyz = track.joint_xyz[motion, poses].astype(np.float32) * XYZ_STEP_M
        code, next_code = (a[motion, poses].astype(np.int64) for a in (track.code, track.next_code))
        variation = track.variation[motion, poses].astype(np.float32)
        if self.mirrored and rng.random() < 0.5:
            xyz = self.skeleton.mirror(xyz).astype(np.float32)
            code, next_code, variation = code ^ 1, next_code ^ 1, self.mirror_variation(variation)
        shift = int(rng.integers(-MAX_SHIFT, MAX_SHIFT + 1))
        first = min(max(0, start * FEATURES_PER_POSE + shift), (len(track) - frames) * FEATURES_PER_POSE)
        features = track.features[version, first:first + frames * FEATURES_PER_POSE]
        whole = slice(start, start + frames)
        varied = vary_voice(features.astype(np.float32), rng)
        return (varied.reshape(frames, -1), xyz, track.accent[whole].astype(np.float32),
                track.speech[whole].astype(np.float32), code, next_code, track.phase[motion, poses],
                track.remaining[motion, poses], variation, track.activity[motion, poses].astype(np.float32))


def vary_voice(features: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Change the voice or the microphone, not the words; without it the network overfits the few long speakers.

    Args:
        features: (T, F) frames of one sequence.
        rng: Draws a shift of the bands, a spectral tilt, lost bands, and a factor of the pitch.
    """
    out: npt.NDArray[np.float32] = features.copy()
    shift = int(rng.integers(-MAX_BAND_SHIFT, MAX_BAND_SHIFT + 1))
    out[:, :NUM_BANDS] = features[:, np.clip(np.arange(NUM_BANDS) + shift, 0, NUM_BANDS - 1)]
    knots = rng.normal(0.0, TILT_STD, TILT_KNOTS)
    tilt = np.interp(np.linspace(0, TILT_KNOTS - 1, NUM_BANDS), np.arange(TILT_KNOTS), knots)
    out[:, :NUM_BANDS] += tilt.astype(np.float32)
    lost, width = int(rng.integers(NUM_BANDS)), int(rng.integers(MAX_LOST_BANDS + 1))
    out[:, lost:min(lost + width, NUM_BANDS)] = LOST_BAND
    for column in PITCH_FEATURES:
        out[:, column] *= np.float32(rng.uniform(*PITCH_FACTOR))
    return out


class SpokenTrack(Protocol):
    """A track of a speaker; of "" without speech."""

    @property
    def speaker(self) -> str:
        """Name of the speaker."""

    def __len__(self) -> int:
        """Return the number of pose frames."""


def track_weights(tracks: Sequence[SpokenTrack]) -> npt.NDArray[np.float64]:
    """Return the probability of each track.

    A speaker's weight is the square root of his or her time; tracks without speech have `NON_SPEECH_SHARE` in all.
    """
    frames: dict[str, float] = {}
    for track in tracks:
        frames[track.speaker] = frames.get(track.speaker, 0.0) + len(track)
    weights = np.array([len(t) / np.sqrt(frames[t.speaker]) for t in tracks])
    silent = np.array([t.speaker == "" for t in tracks])
    for group, share in ((silent, NON_SPEECH_SHARE), (~silent, 1.0 - NON_SPEECH_SHARE)):
        if group.any():
            weights[group] *= share / weights[group].sum()
    return np.asarray(weights / weights.sum())
