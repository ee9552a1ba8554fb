"""Gesture codes found in motion: segments between moments of little movement, encoded by MotionE, clustered.

    wrist speed   ▁▃▇▅▂▁▂▆▇▃▁▁▄▇▄▁            cuts where hands are slow, `segment_s` apart
    segments      |  a   |   b  |  c  |        8 poses of each ─► MotionE ─► 8 z ─► k-means ─► code

Clustering is k-means (Lloyd 1982) started by k-means++ (Arthur and Vassilvitskii 2007). A VQ-VAE (van den Oord et al.
2017), which learns codebook and encoder together, was used for gesture segments by Ao et al. 2022 and Yazdian et al.
2022; with the minutes of motion that a user has, a fixed encoder and k-means find groups as well and cannot collapse.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from scipy.cluster.vq import ClusterError, kmeans2, vq

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeProcess
from speech_gesture_ros.networks.speech_to_motion.motion_encoder import MotionE
from speech_gesture_ros.training.speech_to_motion.run_config import CodesConfig

POSES_PER_SEGMENT = 8  # that are encoded
SEGMENTS_PER_CODE = 4  # at least, on average: fewer are no group
_SMOOTHING_FRAMES = 2.0  # of the wrist speed
_KMEANS_STARTS = 8
_KMEANS_ITERATIONS = 100
Floats = npt.NDArray[np.float64]
Motion = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Codebook:
    """Clusters of motion segments, one for each code.

    Attributes:
        centres: (C, POSES_PER_SEGMENT * D) mean of each cluster, in z.
        counts: (C,) training segments in each.
        spread: Share of the variance of the segments that is within the clusters.
        segment_s: Shortest and longest segment [s].
    """

    centres: Floats
    counts: npt.NDArray[np.int64]
    spread: float
    segment_s: tuple[float, float]

    def process(self) -> CodeProcess:
        """Return the process that draws codes as often as they were found."""
        share = self.counts / self.counts.sum()
        return CodeProcess(tuple(f"learned {i + 1}" for i in range(len(share))), self.segment_s, mirrored=False,
                           frequencies=tuple(round(float(s), 5) for s in share))


def learn_codes(motions: list[Motion], encoder: MotionE, skeleton: Skeleton, config: CodesConfig,
                seed: int) -> Codebook:
    """Find the codes of (T, J, 3) motions [m].

    Raises:
        ConfigError: If there are too few segments for two codes.
    """
    segments = np.concatenate([embed(m, cut(m, skeleton, config.segment_s), encoder) for m in motions])
    distinct = len(np.unique(segments, axis=0))
    count = min(config.count, len(segments) // SEGMENTS_PER_CODE, distinct)
    if count < 2:
        raise ConfigError("number of motion segments", f"{len(segments)} ({distinct} distinct)",
                          f"at least {2 * SEGMENTS_PER_CODE}", "Add motion, or shorten codes: segment_s.")
    centres, nearest = cluster(segments, count, np.random.default_rng(seed))
    counts = np.bincount(nearest)
    order = np.argsort(-counts, kind="stable")  # the most frequent first
    within = float(((segments - centres[nearest]) ** 2).sum() / ((segments - segments.mean(axis=0)) ** 2).sum())
    return Codebook(centres[order], counts[order], within, config.segment_s)


def codes_of_motion(motion: Motion, codebook: Codebook, encoder: MotionE, skeleton: Skeleton) -> CodeFrames:
    """Return the codes of the T frames of a motion, in the form in which a sampler draws them."""
    bounds = cut(motion, skeleton, codebook.segment_s)
    codes = vq(embed(motion, bounds, encoder), codebook.centres)[0].astype(np.int64)
    lengths = np.diff(bounds)
    within = np.concatenate([np.arange(n) for n in lengths])
    whole = np.repeat(lengths, lengths)
    return CodeFrames(np.repeat(codes, lengths), np.repeat(np.append(codes[1:], codes[-1]), lengths),
                      (within / whole).astype(np.float32), ((whole - within) / POSE_RATE).astype(np.float32))


def cut(motion: Motion, skeleton: Skeleton, segment_s: tuple[float, float]) -> npt.NDArray[np.int64]:
    """Return the bounds of the segments of T frames, 0 and T included.

    Each cut is where the wrists are slowest within the allowed span. A motion shorter than the shortest segment is one
    segment.
    """
    low, high = (round(s * POSE_RATE) for s in segment_s)
    speed = ndimage.gaussian_filter1d(wrist_speeds(wrists(motion, skeleton)).max(axis=1), _SMOOTHING_FRAMES)
    bounds = [0]
    while len(motion) - bounds[-1] > high:
        first, last = bounds[-1] + low, min(bounds[-1] + high, len(motion) - low)
        bounds.append(first + int(speed[first:last + 1].argmin()) if last > first else first)
    return np.array([*bounds, len(motion)])


def embed(motion: Motion, bounds: npt.NDArray[np.int64], encoder: MotionE) -> Floats:
    """Return (S, POSES_PER_SEGMENT * D): z of poses of each segment, evenly from its first frame to its last."""
    with torch.inference_mode():
        z = encoder(torch.from_numpy(np.ascontiguousarray(motion, dtype=np.float32))).numpy()
    share = np.linspace(0.0, 1.0, POSES_PER_SEGMENT)
    poses = [np.round(a + share * (b - 1 - a)).astype(int) for a, b in pairwise(bounds)]
    return np.asarray(z[np.stack(poses)].reshape(len(poses), -1), dtype=np.float64)


def cluster(points: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return (C, D) centres and (P,) nearest centres of (P, D) points: the best k-means of several starts.

    C is `count`, or less if every start left a cluster empty.
    """
    best: tuple[float, Floats, npt.NDArray[np.int64]] | None = None
    for _ in range(_KMEANS_STARTS):
        try:
            centres, nearest = kmeans2(points, count, iter=_KMEANS_ITERATIONS, minit="++", missing="raise", seed=rng)
        except ClusterError:
            continue
        loss = float(((points - centres[nearest]) ** 2).sum())
        if best is None or loss < best[0]:
            best = (loss, centres, nearest.astype(np.int64))
    return best[1:] if best is not None else cluster(points, count - 1, rng)
