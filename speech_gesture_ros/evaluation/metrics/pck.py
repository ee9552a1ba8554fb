"""Percentage of correct keypoints in the picture plane (Ginosar et al., CVPR 2019, after Yang & Ramanan 2013).

    A keypoint counts if || p - g || <= alpha max(height, width) of the recorded pose's box in that frame.

Proves nearness to one recorded motion, so a frozen median pose does well: in the paper the variant without the
adversarial loss has the higher PCK and the duller motion.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

ALPHAS = (0.1, 0.2)


def pck(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating], alpha: float,
        known: npt.NDArray[np.bool_] | None = None) -> float:
    """Share of correct keypoints in [0, 1].

    Args:
        truth: (T, K, 2) recorded keypoints, in any unit.
        motion: (T, K, 2) in the same unit.
        alpha: Tolerance, share of the box.
        known: (T, K) which recorded keypoints were seen; all if not given. The box is that of the seen ones.

    Raises:
        InputError: If the shapes differ.
    """
    g, p = np.asarray(truth, dtype=np.float64), np.asarray(motion, dtype=np.float64)
    if g.shape != p.shape or g.shape[-1] != 2:
        raise InputError("shape of the keypoints", p.shape, f"that of the recorded ones, (T, K, 2): {g.shape}",
                         "Project both to the picture plane.")
    seen = np.ones(g.shape[:2], dtype=bool) if known is None else known
    usable = seen.any(axis=1)
    g, p, seen = g[usable], p[usable], seen[usable]
    if len(g) == 0:
        return float("nan")
    low = np.where(seen[..., None], g, np.inf).min(axis=1)
    high = np.where(seen[..., None], g, -np.inf).max(axis=1)
    reach = alpha * (high - low).max(axis=1)
    return float((np.linalg.norm(p - g, axis=-1) <= reach[:, None])[seen].mean())


def seen_from_front(joint_xyz: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(T, J, 3) with x forward, y left, z up to the (T, J, 2) picture of a camera in front: to the right, up [m]."""
    return np.asarray(joint_xyz, dtype=np.float64)[..., 1:]
