"""Gesture codes found in motion: segments between moments of little movement, encoded by MotionE, put into groups.

    wrist speed   ▁▃▇▅▂▁▂▆▇▃▁▁▄▇▄▁            cuts where hands are slow, `segment_s` apart
    segments      |  a   |   b  |  c  |        8 places of each ─► MotionE ─► 8 z ─► k-means ─► code

The quantisation is k-means (Lloyd 1982), started by k-means++ (Arthur and Vassilvitskii 2007); a code that loses all
its segments restarts at the segment that fits worst. A VQ-VAE (van den Oord et al. 2017), which learns codebook and
encoder together, was used for gesture segments by Ao et al. 2022 and Yazdian et al. 2022; with a user's minutes of
motion a fixed encoder and k-means find groups as well and cannot collapse.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeProcess
from speech_gesture_ros.networks.speech_to_motion.motion_encoder import MotionE
from speech_gesture_ros.training.speech_to_motion.run_config import CodesConfig

PLACES = 8  # of a segment that are encoded
SEGMENTS_PER_CODE = 4  # at least, on average: fewer are no group
_SMOOTHING = 2.0  # pose frames, of the wrist speed
_STARTS = 8
_ROUNDS = 100
Floats = npt.NDArray[np.float64]
Motion = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Codebook:
    """The groups.

    Attributes:
        centres: (C, PLACES * D) mean of each, in z.
        counts: (C,) training segments in each.
        spread: Share of the segments' variance that the codes do not tell.
        segment_s: Shortest and longest segment [s].
    """

    centres: Floats
    counts: npt.NDArray[np.int64]
    spread: float
    segment_s: tuple[float, float]

    def process(self) -> CodeProcess:
        """Codes drawn as often as they were found."""
        share = self.counts / self.counts.sum()
        return CodeProcess(tuple(f"learned {i + 1}" for i in range(len(share))), self.segment_s, mirrored=False,
                           frequencies=tuple(round(float(s), 5) for s in share))

    def codes_of(self, embeddings: Floats) -> npt.NDArray[np.int64]:
        """(S, PLACES * D) to (S,) nearest codes."""
        return np.asarray(_squared_distances(embeddings, self.centres).argmin(axis=1))


def learn_codes(motions: list[Motion], encoder: MotionE, skeleton: Skeleton, config: CodesConfig,
                seed: int) -> Codebook:
    """Find the codes of (T, J, 3) motions [m].

    Raises:
        ConfigError: If there are too few segments for two codes.
    """
    segments = np.concatenate([embed(m, cut(m, skeleton, config.segment_s), encoder) for m in motions])
    count = min(config.count, len(segments) // SEGMENTS_PER_CODE)
    if count < 2:
        raise ConfigError("number of motion segments", len(segments), f"at least {2 * SEGMENTS_PER_CODE}",
                          "Add motion, or shorten codes: segment_s.")
    centres, nearest = k_means(segments, count, np.random.default_rng(seed))
    order = np.argsort(-np.bincount(nearest, minlength=count), kind="stable")  # the most frequent first
    inside = float(((segments - centres[nearest]) ** 2).sum() / ((segments - segments.mean(axis=0)) ** 2).sum())
    return Codebook(centres[order], np.bincount(nearest, minlength=count)[order], inside, config.segment_s)


def score_of(motion: Motion, codebook: Codebook, encoder: MotionE, skeleton: Skeleton) -> CodeFrames:
    """The codes of the T frames of a motion, as a sampler would have drawn them."""
    bounds = cut(motion, skeleton, codebook.segment_s)
    codes = codebook.codes_of(embed(motion, bounds, encoder))
    lengths = np.diff(bounds)
    within = np.concatenate([np.arange(n) for n in lengths])
    whole = np.repeat(lengths, lengths)
    return CodeFrames(np.repeat(codes, lengths), np.repeat(np.append(codes[1:], codes[-1]), lengths),
                      (within / whole).astype(np.float32), ((whole - within) / POSE_RATE).astype(np.float32))


def cut(motion: Motion, skeleton: Skeleton, segment_s: tuple[float, float]) -> npt.NDArray[np.int64]:
    """Bounds of the segments of T frames, 0 and T included: each where the wrists are slowest within the allowed span.

    A motion shorter than the shortest segment is one segment.
    """
    low, high = (round(s * POSE_RATE) for s in segment_s)
    speed = ndimage.gaussian_filter1d(wrist_speeds(wrists(motion, skeleton)).max(axis=1), _SMOOTHING)
    bounds = [0]
    while len(motion) - bounds[-1] > high:
        first, last = bounds[-1] + low, min(bounds[-1] + high, len(motion) - low)
        bounds.append(first + int(speed[first:last + 1].argmin()) if last > first else first)
    return np.array([*bounds, len(motion)])


def embed(motion: Motion, bounds: npt.NDArray[np.int64], encoder: MotionE) -> Floats:
    """(S, PLACES * D): z at so many places of each segment, evenly from its first frame to its last."""
    with torch.inference_mode():
        z = encoder(torch.from_numpy(np.ascontiguousarray(motion, dtype=np.float32))).numpy()
    share = np.linspace(0.0, 1.0, PLACES)
    places = [np.round(a + share * (b - 1 - a)).astype(int) for a, b in pairwise(bounds)]
    return np.asarray(z[np.stack(places)].reshape(len(places), -1), dtype=np.float64)


def k_means(points: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.int64]]:
    """(P, D) points to (count, D) centres and (P,) nearest centre; the best of several starts."""
    best: tuple[float, Floats, npt.NDArray[np.int64]] | None = None
    for _ in range(_STARTS):
        centres = _spread_start(points, count, rng)
        nearest = np.full(len(points), -1)
        for _ in range(_ROUNDS):
            distances = _squared_distances(points, centres)
            before, nearest = nearest, distances.argmin(axis=1)
            for code in np.flatnonzero(np.bincount(nearest, minlength=count) == 0):
                worst = int(distances[np.arange(len(points)), nearest].argmax())
                nearest[worst], distances[worst] = code, 0.0
            if np.array_equal(before, nearest):
                break
            centres = np.stack([points[nearest == code].mean(axis=0) for code in range(count)])
        loss = float(((points - centres[nearest]) ** 2).sum())
        if best is None or loss < best[0]:
            best = (loss, centres, nearest)
    assert best is not None
    return best[1], best[2]


def _spread_start(points: Floats, count: int, rng: np.random.Generator) -> Floats:
    """k-means++: each centre is a point drawn by its squared distance from those before."""
    chosen = [points[rng.integers(len(points))]]
    for _ in range(count - 1):
        distances = _squared_distances(points, np.stack(chosen)).min(axis=1)
        total = distances.sum()
        chosen.append(points[rng.choice(len(points), p=distances / total if total > 0 else None)])
    return np.stack(chosen)


def _squared_distances(points: Floats, centres: Floats) -> Floats:
    """(P, C)."""
    return np.asarray(np.maximum((points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)
                                 - 2.0 * points @ centres.T, 0.0))
