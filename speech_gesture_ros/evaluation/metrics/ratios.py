"""Amount of motion relative to a recorded or composed one, and correlation with it. All of wrists, (T, 2, 3) [m]."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from speech_gesture_ros.evaluation.kinematics import Floats, derivative


def pooled_correlation(motions: Sequence[Floats], reference: Sequence[Floats]) -> float:
    """Correlation of all wrist coordinates together, each about its own mean over all motions; NaN without motion."""
    a, b = (np.concatenate([m.reshape(len(m), -1) for m in part]) for part in (motions, reference))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum()) / size if size > 0 else float("nan")


def variance_ratio(motions: Sequence[Floats], reference: Sequence[Floats]) -> float:
    """Variance of the wrist coordinates over all motions, relative to that of the reference; NaN if that is 0."""
    variance, reference_variance = (float(np.concatenate([m.reshape(len(m), -1) for m in part]).var(axis=0).sum())
                                    for part in (motions, reference))
    return variance / reference_variance if reference_variance > 0 else float("nan")


def derivative_ratio(motions: Sequence[Floats], reference: Sequence[Floats], order: int) -> float:
    """Sum of the sizes of the wrists' derivative, 6 Hz low-pass, relative to that of the reference; NaN if that is 0.

    Args:
        motions: To compare.
        reference: Motions to compare with.
        order: 1 speed, 2 acceleration, 3 jerk.
    """
    sums = [sum(float(np.linalg.norm(derivative(m, order), axis=-1).sum()) for m in part)
            for part in (motions, reference)]
    return sums[0] / sums[1] if sums[1] > 0 else float("nan")
