r"""Timing of stroke apexes relative to accents, beside the timing that the same motion reaches by chance.

    share     apexes within +-0.1 s of an accent
    shifted   the same, accents shifted circularly within each clip by more than 5 s

A share alone proves nothing: a motion with many strokes is often near an accent. The shifted share keeps the rates of
strokes and accents, but not "moves while speaking" (`apex_excess` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.evaluation.kinematics import Floats

NEAR_S = 0.10
SHIFT_S = 5.0  # smallest shift
DRAWS = 500  # shifts per clip


@dataclass(frozen=True)
class ApexTiming:
    """Apexes of all clips together; NaN without apexes or accents.

    Attributes:
        share: Share of apexes within `NEAR_S` of an accent.
        shifted_share: The same for shifted accents, mean over the draws; NaN if no clip is longer than 10 s.
        shifted_p95: 95th percentile over the draws.
        offset_median_s: Median of apex minus nearest accent [s].
        offset_iqr_s: Its interquartile range [s].
    """

    share: float
    shifted_share: float
    shifted_p95: float
    offset_median_s: float
    offset_iqr_s: float


def apex_timing(apexes_s: Sequence[Floats], accents_s: Sequence[Floats], durations_s: Sequence[float], *,
                draws: int = DRAWS, seed: int = 0) -> ApexTiming:
    """Timing of the apexes of several clips.

    Args:
        apexes_s: For each clip (K,) [s].
        accents_s: For each clip (A,) increasing [s].
        durations_s: Length of each clip [s]; clips of up to 10 s do not count in the shifted share.
        draws: Number of shifts.
        seed: Of the shifts; clip k uses seed + k.
    """
    clips = list(zip(apexes_s, accents_s, durations_s))
    offsets = np.concatenate([np.zeros(0), *(nearest_offsets(apexes, accents) for apexes, accents, _ in clips)])
    if len(offsets) == 0:
        return ApexTiming(np.nan, np.nan, np.nan, np.nan, np.nan)
    near, apexes_in_control = np.zeros(draws), 0
    for k, (apexes, accents, duration_s) in enumerate(clips):
        if duration_s <= 2 * SHIFT_S or not len(apexes) or not len(accents):
            continue
        shifts = np.random.default_rng(seed + k).uniform(SHIFT_S, duration_s - SHIFT_S, draws)
        near += [np.sum(np.abs(nearest_offsets(apexes, np.sort((accents + s) % duration_s))) <= NEAR_S) for s in shifts]
        apexes_in_control += len(apexes)
    controls = near / apexes_in_control if apexes_in_control else np.full(1, np.nan)
    low, middle, high = np.percentile(offsets, (25, 50, 75))
    return ApexTiming(near_share(offsets), float(controls.mean()), float(np.percentile(controls, 95)),
                      float(middle), float(high - low))


def nearest_offsets(times_s: Floats, events_s: Floats) -> Floats:
    """(K,) signed distance of each time to the nearest of (A,) sorted events [s]; empty if there are no events."""
    if len(events_s) == 0 or len(times_s) == 0:
        return np.zeros(0)
    right = np.clip(np.searchsorted(events_s, times_s), 0, len(events_s) - 1)
    left = np.maximum(right - 1, 0)
    to_left, to_right = times_s - events_s[left], times_s - events_s[right]
    return np.where(np.abs(to_left) < np.abs(to_right), to_left, to_right)


def near_share(offsets_s: Floats) -> float:
    """Share of offsets within +-`NEAR_S`; NaN without offsets."""
    return float(np.mean(np.abs(offsets_s) <= NEAR_S)) if len(offsets_s) else float("nan")
