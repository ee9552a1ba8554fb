"""Frechet gesture distance: distance of two sets of motion windows as normal distributions in a feature space.

    windows of 2 s ─► z-score with the recording's mean and spread ─► extractor ─► z in R^32
    FGD = || mu_r - mu_g ||^2 + Tr(S_r + S_g - 2 (S_r S_g)^(1/2))

The trace of the root needs no matrix root: for centred samples X (N, D) and Y (M, D) it is the sum of the singular
values of X Y^T / sqrt((N - 1)(M - 1)), which is stable and cheap for few windows of many dimensions.
Source: Yoon et al., SIGGRAPH Asia 2020, after Heusel et al. 2017; windows as in the GENEA evaluations.

Proves that the windows are distributed as recorded ones. Independent of speech: shuffled audio scores the same.
Values compare only with the same extractor (its hash is printed), windows, joints, frame rate and number of windows:
with few windows it is far above 0 even between two halves of one recording, which is the row "other half".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from speech_gesture_ros.core.errors import InputError

Floats = npt.NDArray[np.float64]
WINDOW_S = 2.0
MIN_WINDOWS = 2
Encoder = Callable[[Floats], Floats]  # (N, window, D) standardised to (N, Z)


def frechet_distance(features: npt.NDArray[np.floating], others: npt.NDArray[np.floating]) -> float:
    """Frechet distance of the normal distributions with the means and covariances of two samples, (N, D) and (M, D).

    Raises:
        InputError: If a set has fewer than two rows, or the dimensions differ.
    """
    x, y = np.asarray(features, dtype=np.float64), np.asarray(others, dtype=np.float64)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < MIN_WINDOWS:
        raise InputError("feature rows", (x.shape, y.shape), "(N, D) and (M, D) with N and M at least 2",
                         "Give more or longer clips.")
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    x, y = (x - mean_x) / np.sqrt(len(x) - 1), (y - mean_y) / np.sqrt(len(y) - 1)
    # Singular values of X Y^T are those of R_x R_y^T, which are smaller for many windows of few dimensions.
    small_x, small_y = (linalg.qr(a, mode="r")[0][:a.shape[1]] if len(a) > a.shape[1] else a for a in (x, y))
    root = float(linalg.svdvals(small_x @ small_y.T).sum())
    distance = float(np.sum((mean_x - mean_y) ** 2) + np.sum(x**2) + np.sum(y**2)) - 2.0 * root
    return max(0.0, distance)


@dataclass(frozen=True)
class GestureWindows:
    """Windows of motion, standardised with the statistics of recorded motion.

    Attributes:
        mean: (D,) of the recorded frames [m].
        spread: (D,) standard deviation, 1 where a coordinate does not move [m].
        length: Frames of a window.
    """

    mean: Floats
    spread: Floats
    length: int

    @classmethod
    def of(cls, motions: Sequence[npt.NDArray[np.floating]], fps: float) -> GestureWindows:
        """Make windows with the statistics of recorded motions, each (T, J, 3) [m]."""
        frames = np.concatenate([np.reshape(m, (len(m), -1)) for m in motions]).astype(np.float64)
        spread = frames.std(axis=0)
        return cls(frames.mean(axis=0), np.where(spread > 1e-6, spread, 1.0), round(WINDOW_S * fps))

    def cut(self, motions: Sequence[npt.NDArray[np.floating]]) -> Floats:
        """(N, length, D) standardised windows, each overlapping the next by half; none of motions too short."""
        rows = []
        for motion in motions:
            frames = (np.reshape(motion, (len(motion), -1)) - self.mean) / self.spread
            rows += [frames[i:i + self.length] for i in range(0, len(frames) - self.length + 1, self.length // 2)]
        return np.array(rows).reshape(-1, self.length, len(self.mean))


def frechet_gesture_distance(truths: Sequence[npt.NDArray[np.floating]], motions: Sequence[npt.NDArray[np.floating]],
                             windows: GestureWindows, encode: Encoder | None = None) -> float:
    """FGD between recorded and other motions; on the raw windows if `encode` is None.

    Args:
        truths: Recorded, each (T, J, 3) [m].
        motions: Motions to compare, likewise.
        windows: Of the recordings that the extractor was trained on.
        encode: The extractor: (N, window, D) standardised to (N, Z).

    Raises:
        InputError: If either side gives fewer than two windows.
    """
    rows = [windows.cut(side) for side in (truths, motions)]
    if min(map(len, rows)) < MIN_WINDOWS:
        raise InputError("windows for the Frechet distance", [len(r) for r in rows], "at least 2 on each side",
                         f"Give motion of {1.5 * WINDOW_S:g} s or more.")
    first, second = (r.reshape(len(r), -1) if encode is None else encode(r) for r in rows)
    return frechet_distance(first, second)
