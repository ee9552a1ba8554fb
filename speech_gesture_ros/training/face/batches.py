"""Batches of sequences drawn from face tracks; batch n is a function of (seed, n), so a resumed run gets the same ones.

Every sequence gets another vocal tract (the frequency axis is warped, after Jaitly and Hinton, "Vocal tract length
perturbation improves speech recognition", 2013), microphone (tilt, lost bands) and pitch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speech_gesture_ros.core.rates import FEATURES_PER_FACE
from speech_gesture_ros.features.mel import N_MELS, mel_filterbank
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS
from speech_gesture_ros.training.face.run_config import SPEAKER_SHARES
from speech_gesture_ros.training.face.tracks import FaceTrack

CLEAN_SHARE = 0.45
WARP, BEND = 0.15, 0.06  # natural logarithm of the largest factor of all frequencies, and of the lowest and highest
TILT_STD, TILT_KNOTS, MAX_LOST_BANDS, LOST_BAND = 0.3, 5, 7, -1.0
LEVEL_STD, NOISE_STD, PITCH_FACTOR = 0.3, 0.04, (0.7, 1.3)
STREAM_START_SHARE = 0.1
_PITCHES = [FEATURE_NAMES.index(name) for name in ("f0", "f0_delta")]
_LEVEL = FEATURE_NAMES.index("level")


@dataclass(frozen=True)
class FaceBatch:
    """B sequences of T face frames.

    Attributes:
        frames: (B, T, 2 F) features.
        targets: (B, T, 25).
        weights: (B, 25) of the targets.
        phones: (B, T) index of the phone, -1 unknown.
        look_ahead: (B,) index in `LOOK_AHEADS`.
    """

    frames: Tensor
    targets: Tensor
    weights: Tensor
    phones: Tensor
    look_ahead: Tensor


class FaceSampler:
    """Draws batches.

    Args:
        tracks: Tracks to train on.
        seed: Of all draws.
        shares: Of some speakers in the sequences, see `speaker_weights`.
    """

    def __init__(self, tracks: list[FaceTrack], seed: int, shares: Mapping[str, float] = SPEAKER_SHARES) -> None:
        self.tracks, self.seed = tracks, seed
        self._weights = speaker_weights(tracks, shares)

    def draw(self, index: int, batch: int, frames: int) -> FaceBatch:
        """Return batch number `index`: so many sequences of so many frames."""
        rng = np.random.default_rng([self.seed, index])
        chosen = rng.choice(len(self.tracks), size=batch, p=self._weights)
        cuts = [self._cut(self.tracks[i], frames, rng) for i in chosen]
        features, targets, weights, phones = (torch.from_numpy(np.stack(column)) for column in zip(*cuts))
        return FaceBatch(features, targets, weights, phones,
                         torch.from_numpy(rng.integers(len(LOOK_AHEADS), size=batch)))

    def _cut(self, track: FaceTrack, frames: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.generic], ...]:
        start = 0 if rng.random() < STREAM_START_SHARE else int(rng.integers(max(len(track) - frames, 0) + 1))
        version = 0 if rng.random() < CLEAN_SHARE else int(rng.integers(len(track.features)))
        part = slice(start, start + frames)
        features = track.features[version, part].astype(np.float32).reshape(FEATURES_PER_FACE * frames, -1)
        return (vary_voice(features, rng).reshape(frames, -1), track.targets[part].astype(np.float32), track.weights,
                track.phones[part].astype(np.int64))


def speaker_weights(tracks: list[FaceTrack], shares: Mapping[str, float] = SPEAKER_SHARES) -> npt.NDArray[np.float64]:
    """Return the probability of each track: shares of some speakers, and the rest in equal parts to the others."""
    lengths: dict[str, int] = {}
    for track in tracks:
        lengths[track.speaker] = lengths.get(track.speaker, 0) + len(track)
    others = [name for name in lengths if name not in shares]
    rest = (1.0 - sum(shares.values())) / max(len(others), 1)
    weights = np.array([shares.get(t.speaker, rest) * len(t) / lengths[t.speaker] for t in tracks])
    return np.asarray(weights / weights.sum())


def _band_centres() -> npt.NDArray[np.float64]:
    bank = mel_filterbank()
    return np.asarray(np.linspace(0.0, 8000.0, len(bank)) @ bank / bank.sum(axis=0))


_CENTRES_HZ = _band_centres()


def vary_voice(features: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return features (T, F) of another voice and microphone that say the same."""
    out: npt.NDArray[np.float32] = features.copy()
    bend = rng.uniform(-BEND, BEND) * np.linspace(-1.0, 1.0, N_MELS)  # low and high formants are moved apart
    warp = np.exp(rng.uniform(-WARP, WARP) + bend)
    places = np.interp(_CENTRES_HZ * warp, _CENTRES_HZ, np.arange(N_MELS))
    low = np.minimum(places.astype(int), N_MELS - 2)
    share = (places - low).astype(np.float32)
    out[:, :N_MELS] = features[:, low] * (1.0 - share) + features[:, low + 1] * share
    knots = rng.normal(0.0, TILT_STD, TILT_KNOTS)
    tilt = np.interp(np.linspace(0, TILT_KNOTS - 1, N_MELS), np.arange(TILT_KNOTS), knots)
    out[:, :N_MELS] += tilt.astype(np.float32)
    lost, width = int(rng.integers(N_MELS)), int(rng.integers(MAX_LOST_BANDS + 1))
    out[:, lost:min(lost + width, N_MELS)] = LOST_BAND
    out[:, _LEVEL] += np.float32(rng.normal(0.0, LEVEL_STD))
    out[:, _PITCHES] *= np.float32(rng.uniform(*PITCH_FACTOR))
    out[:, :N_MELS] += NOISE_STD * rng.standard_normal((len(out), N_MELS), dtype=np.float32)
    return out
