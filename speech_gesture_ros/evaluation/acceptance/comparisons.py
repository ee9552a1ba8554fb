"""Comparison of one motion with another, or with its inputs. All motions (T, J, 3) [m], wrists (T, 2, 3).

code period    mean wrist speed by phase of the code segments: flat if the period is not visible   ▁▁▂▁▁▁
threshold      size of the stroke by prominence of its accent: no step between neighbours          ▁▂▃▃▄▅
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import ACCENT_THRESHOLD

Floats = npt.NDArray[np.float64]

PHASE_BINS = 8
PROMINENCE_BIN = 0.2
MIN_PER_BIN = 12
AROUND_ACCENT_S = 0.2


def mean_distance(a: Floats, b: Floats) -> float:
    """Return the mean distance of the wrists of two motions [m]."""
    return float(np.linalg.norm(a - b, axis=-1).mean())


def phase_depth(speeds: Sequence[Floats], phases: Sequence[npt.NDArray[np.floating]]) -> float:
    """Return the dependence of the mean wrist speed on the phase of the code segments: spread over mean of its bins.

    Args:
        speeds: (T, 2) each.
        phases: (T,) each, in [0, 1).
    """
    speed, phase = np.concatenate([s.mean(axis=1) for s in speeds]), np.concatenate(phases)
    bins = np.minimum((phase * PHASE_BINS).astype(int), PHASE_BINS - 1)
    means = np.array([speed[bins == b].mean() for b in range(PHASE_BINS)])
    return float(means.std() / means.mean())


def largest_step(sizes: Floats, prominences: Floats) -> float:
    """Return the largest difference of mean stroke size between neighbouring bins of prominence, over the mean size.

    Args:
        sizes: (A,) size of the stroke of each accent, in any unit.
        prominences: (A,) of the accents; bins start at the threshold for an accent and hold at least 12 of them.
    """
    bins = np.floor((prominences - ACCENT_THRESHOLD) / PROMINENCE_BIN).astype(int)
    means = [sizes[bins == b].mean() for b in range(int(bins.max(initial=0)) + 1) if np.sum(bins == b) >= MIN_PER_BIN]
    return float(np.abs(np.diff(means)).max() / sizes.mean()) if len(means) > 1 else float("nan")


def speeds_at(speeds: Floats, times_s: Floats) -> Floats:
    """Return (A,) the largest speed of either wrist within 0.2 s of each time, from (T, 2) speeds."""
    faster = speeds.max(axis=1)
    reach = round(AROUND_ACCENT_S * POSE_RATE)
    frames = np.round(times_s * POSE_RATE).astype(int)
    return np.array([faster[max(0, f - reach):f + reach + 1].max() for f in frames])
