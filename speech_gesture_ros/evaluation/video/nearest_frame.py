"""Baseline of a drawn film: for each frame the picture of the training film with the most similar keypoints."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]

KNOWN_SHARE = 0.5  # of the pictures in which a keypoint must be known to be compared


def nearest_frames(known: Floats, wanted: Floats) -> npt.NDArray[np.int64]:
    """Return the index of the nearest training frame of each frame.

    Args:
        known: (N, 137, 3) keypoints of the training film.
        wanted: (T, 137, 3) keypoints of the film to draw.

    Returns:
        (T,) indices: least mean squared distance of the keypoints known in most pictures.
    """
    usual = ((known[..., 2] > 0).mean(axis=0) >= KNOWN_SHARE) & ((wanted[..., 2] > 0).mean(axis=0) >= KNOWN_SHARE)
    first, second = (np.asarray(x[:, usual, :2], dtype=np.float64).reshape(len(x), -1) for x in (known, wanted))
    middle = first.mean(axis=0)
    first, second = first - middle, second - middle
    return np.asarray(np.argmin((first**2).sum(axis=1) - 2 * second @ first.T, axis=1), dtype=np.int64)
