"""Distance of a motion from the recorded one: APE and MAE (Kucherenko et al., IVA 2019).

    APE  mean over frames and joints of  || g - p ||        MAE  mean over frames, joints, coordinates of  | g - p |

Neither proves quality: many gestures fit the same words, and no gesture has the smallest expected error. In the 2021
paper (arXiv 2007.09170) a constant mean pose scores 8.95 cm, the best trained model 7.65 cm. Read them only beside
speed, acceleration and jerk.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError


def ape(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating]) -> float:
    """Average position error of (T, J, 3) motions [m]: 0 for the same, at least 0.

    Raises:
        InputError: If the shapes differ or nothing is given.
    """
    return float(np.linalg.norm(_difference(truth, motion), axis=-1).mean())


def mae(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating]) -> float:
    """Mean absolute error per coordinate of (T, J, 3) motions [m] (MAJE in later papers, there often in mm).

    Raises:
        InputError: As `ape`.
    """
    return float(np.abs(_difference(truth, motion)).mean())


def _difference(truth: npt.NDArray[np.floating], motion: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    if np.shape(truth) != np.shape(motion) or np.size(truth) == 0:
        raise InputError("shape of the motion", np.shape(motion), f"that of the recorded one, {np.shape(truth)}",
                         "Cut both to the same frames and joints.")
    return np.asarray(truth, dtype=np.float64) - np.asarray(motion, dtype=np.float64)
