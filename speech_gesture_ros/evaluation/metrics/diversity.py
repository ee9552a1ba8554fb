"""Variety within a motion, and between the motions made for one sound.

    L1 diversity    (1/T) sum_t sum_d | x(t, d) - mean over t |         spread about the clip's own mean pose
    multimodality   mean over pairs of motions of (1/T) sum_t sum_d | x - y |        0: always the same motion

Sources: BEAT and EMAGE evaluation code (L1div); ECHO-G for the pairs.

They prove variety of any kind: noise is the most diverse motion. Nearest to the recorded value is best.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt


def l1_diversity(motion: npt.NDArray[np.floating]) -> float:
    """Mean over frames of the summed distances from the mean pose [m], of (T, J, 3) [m] with a fixed root."""
    frames = np.reshape(np.asarray(motion, dtype=np.float64), (len(motion), -1))
    return float(np.abs(frames - frames.mean(axis=0)).sum(axis=1).mean())


def multimodality(motions: Sequence[npt.NDArray[np.floating]]) -> float:
    """Mean L1 distance of all pairs of (T, J, 3) motions for one sound [m]; NaN with fewer than two."""
    pairs = [np.abs(np.asarray(a, dtype=np.float64) - b).sum(axis=(1, 2)).mean() for a, b in combinations(motions, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")
