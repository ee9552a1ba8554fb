"""Canonical correlation: the largest correlation of one linear projection of each of two sets of signals.

    X (T, D) ─ a ─► u(t)         a, b chosen so that the correlation r of u and v is largest (Hotelling 1936)
    Y (T, E) ─ b ─► v(t)

Of centred X and Y the canonical correlations are the singular values of Q_x^T Q_y, Q orthonormal bases of their columns
(Bjorck & Golub 1973). The GENEA evaluations fit one component on the very frames they score: with more dimensions
than independent frames this tends to 1 whatever the motion, so a high value alone proves nothing. Read it against the
row with shuffled audio.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

Floats = npt.NDArray[np.float64]
RANK_TOLERANCE = 1e-6  # of the largest singular value; smaller ones are rounding, not motion


def canonical_correlations(x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> Floats:
    """All canonical correlations of (T, D) and (T, E), largest first; empty if either does not vary.

    Raises:
        InputError: If the numbers of frames differ.
    """
    if len(x) != len(y):
        raise InputError("number of frames", (len(x), len(y)), "equal", "Cut both to the same frames.")
    bases = [_basis(np.asarray(m, dtype=np.float64).reshape(len(m), -1)) for m in (x, y)]
    if min(b.shape[1] for b in bases) == 0:
        return np.zeros(0)
    return np.clip(np.linalg.svd(bases[0].T @ bases[1], compute_uv=False), 0.0, 1.0)


def cca_correlation(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating]) -> float:
    """First canonical correlation of two motions over all frames, as in GENEA: in [0, 1], NaN if one does not move.

    Args:
        truth: (T, J, 3) recorded frames of all clips, one after the other [m].
        motion: (T, J, 3) frames to compare, likewise.
    """
    values = canonical_correlations(truth, motion)
    return float(values[0]) if len(values) else float("nan")


def _basis(rows: Floats) -> Floats:
    """(T, R) orthonormal basis of the centred columns of (T, D)."""
    centred = rows - rows.mean(axis=0)
    moving = centred.std(axis=0) > 1e-9
    if not moving.any():
        return np.zeros((len(rows), 0))
    q, r = np.linalg.qr(centred[:, moving])  # the small factor has the same singular values
    u, s, _ = np.linalg.svd(r, full_matrices=False)
    return np.asarray(q @ u[:, s > RANK_TOLERANCE * s[0]])
