"""How varied a motion is in itself, and how varied the motions for one sound are.

    L1 diversity    (1/T) sum_t sum_d | x(t, d) - mean over t |         spread about the clip's own mean pose
    multimodality   mean over pairs of takes of (1/T) sum_t sum_d | x - y |        0: always the same answer

Sources: BEAT and EMAGE evaluation code (L1div); ECHO-G for the pairs of takes.

They prove variety, wanted or not: noise is the most diverse motion of all. Nearest to the recorded value is best.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt


def l1_diversity(motion: npt.NDArray[np.floating]) -> float:
    """Of one (T, J, 3) clip [m], root removed or fixed: mean over frames of the summed distances [m]."""
    frames = np.reshape(np.asarray(motion, dtype=np.float64), (len(motion), -1))
    return float(np.abs(frames - frames.mean(axis=0)).sum(axis=1).mean())


def multimodality(takes: Sequence[npt.NDArray[np.floating]]) -> float:
    """Of several (T, J, 3) motions for one sound [m]: mean L1 distance of all pairs [m]; NaN with fewer than two."""
    pairs = [np.abs(np.asarray(a, dtype=np.float64) - b).sum(axis=(1, 2)).mean() for a, b in combinations(takes, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")
