"""Percentage of correct keypoints in the picture plane (Ginosar et al., CVPR 2019, after Yang & Ramanan 2013).

    A keypoint counts if || p - g || <= alpha max(height, width) of the recorded pose's box in that frame.

Proves nearness to one recorded motion, so a constant median pose scores high: in the paper the variant without the
adversarial loss has the higher PCK and less motion.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError


def pck(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating], alpha: float) -> float:
    """Share of correct keypoints in [0, 1]; NaN without frames.

    Args:
        truth: (T, K, 2) recorded keypoints, in any unit.
        motion: (T, K, 2) in the same unit.
        alpha: Tolerance, share of the box.

    Raises:
        InputError: If the shapes differ.
    """
    g, p = np.asarray(truth, dtype=np.float64), np.asarray(motion, dtype=np.float64)
    if g.shape != p.shape or g.shape[-1] != 2:
        raise InputError("shape of the keypoints", p.shape, f"that of the recorded ones, (T, K, 2): {g.shape}",
                         "Project both to the picture plane.")
    if len(g) == 0:
        return float("nan")
    tolerance = alpha * np.ptp(g, axis=1).max(axis=1)
    return float((np.linalg.norm(p - g, axis=-1) <= tolerance[:, None]).mean())


def seen_from_front(joint_xyz: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Project (T, J, 3), x forward, y left, z up, to the (T, J, 2) image of a camera in front: to the right, up [m]."""
    return np.asarray(joint_xyz, dtype=np.float64)[..., 1:]
