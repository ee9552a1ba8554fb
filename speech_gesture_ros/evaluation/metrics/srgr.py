"""Semantic-relevance gesture recall (BEAT, Liu et al., ECCV 2022), without semantic scores.

    SRGR = mean over frames and joints of  [ |g - p|_1 < 0.1 m ] * lambda(t) / 0.165

lambda is a semantic score of each frame by human raters; 0.165 scales its mean over BEAT to about 1. Prepared corpora
have no such scores: every frame weighs 1, so this is only the share of joints within 10 cm. Even with scores it rewards
the mean pose, as every distance to one recorded motion does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

THRESHOLD_M = 0.1  # of the L1 distance of a joint


def srgr(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating]) -> float:
    """Recall of (T, J, 3) motions [m], in [0, 1].

    Args:
        truth: Recorded [m].
        motion: To compare [m].

    Raises:
        InputError: If the shapes differ.
    """
    if np.shape(truth) != np.shape(motion):
        raise InputError("shapes", (np.shape(truth), np.shape(motion)), "equal",
                         "Cut both to the same frames and joints.")
    distance = np.abs(np.asarray(truth, dtype=np.float64) - np.asarray(motion, dtype=np.float64)).sum(axis=-1)
    return float(np.mean(distance < THRESHOLD_M))
