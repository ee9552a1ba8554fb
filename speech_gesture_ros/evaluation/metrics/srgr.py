"""Semantic-relevance gesture recall (BEAT, Liu et al., ECCV 2022): are joints where they should be when it matters?

    SRGR = mean over frames and joints of  [ |g - p|_1 < 0.1 m ] * lambda(t) / 0.165

lambda is a semantic score that people gave each frame; 0.165 scales its mean over BEAT to about 1. Without such scores
every frame weighs the same and the figure is only a share of joints within 10 cm: say so wherever it stands.
Even with scores it rewards the mean pose, as every distance to one recorded motion does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

THRESHOLD_M = 0.1
SCALE = 0.165


def srgr(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating],
         semantic: npt.NDArray[np.floating] | None = None, threshold: float = THRESHOLD_M) -> float:
    """Recall of (T, J, 3) motions [m].

    Args:
        truth: Recorded [m].
        motion: Made [m].
        semantic: (T,) scores in [0, 1]; None weighs all frames with 1 and leaves out the scale.
        threshold: Of the L1 distance of a joint [m].

    Returns:
        In [0, 1] without scores; with them 0 to max(semantic) / 0.165.

    Raises:
        InputError: If the shapes differ.
    """
    if np.shape(truth) != np.shape(motion) or (semantic is not None and len(semantic) != len(truth)):
        raise InputError("shapes", (np.shape(truth), np.shape(motion)), "of the same frames, the scores' too",
                         "Cut all to the same frames and joints.")
    distance = np.abs(np.asarray(truth, dtype=np.float64) - np.asarray(motion, dtype=np.float64)).sum(axis=-1)
    recalled = (distance < threshold).mean(axis=1)
    return float(np.mean(recalled if semantic is None else recalled * np.asarray(semantic) / SCALE))
