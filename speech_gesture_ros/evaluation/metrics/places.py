"""Variety of the places where strokes end: how many of consecutive strokes end where none of the others did.

    stroke    1    2    3    4    5          a place counts as new if its hand ended no stroke within `SAME_PLACE_M`
    end       A    B    A'   C    B'         of it before: 3 of 5 here

Recorded people reach 27 to 29 of 60. A motion that returns to a few poses repeats itself, however varied these are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from speech_gesture_ros.evaluation.kinematics import Apexes, Floats

SAME_PLACE_M = 0.10
STROKES = 60  # that are looked at together
STEP = 10  # strokes between two windows of that many


def stroke_ends(hands: Floats, speeds: Floats, apexes: Apexes, rate: float) -> Floats:
    """Return (K, 4) where each stroke of the faster hand ends: hand (0 left), then its place [m].

    Args:
        hands: (T, 2, 3) wrists relative to their shoulders [m].
        speeds: (T, 2) of the same wrists [m/s].
        apexes: Of these speeds.
        rate: [Hz].
    """
    rows = []
    for time_s, hand in zip(apexes.times_s, apexes.hands):
        frame = min(round(float(time_s) * rate), len(speeds) - 1)
        course = speeds[:, hand]
        while frame + 1 < len(course) and course[frame + 1] < course[frame]:
            frame += 1
        rows.append([float(hand), *hands[frame, hand]])
    return np.array(rows).reshape(-1, 4)


def distinct_places(ends: Sequence[Floats]) -> float:
    """Mean number of distinct places in `STROKES` consecutive strokes of several clips; NaN with fewer strokes."""
    together = np.concatenate([np.zeros((0, 4)), *ends])
    starts = range(0, len(together) - STROKES + 1, STEP)
    counts = [_distinct(together[start:start + STROKES]) for start in starts]
    return float(np.mean(counts)) if counts else float("nan")


def _distinct(ends: Floats) -> int:
    kept: list[Floats] = []
    for end in ends:
        if all(end[0] != other[0] or np.linalg.norm(end[1:] - other[1:]) > SAME_PLACE_M for other in kept):
            kept.append(end)
    return len(kept)
