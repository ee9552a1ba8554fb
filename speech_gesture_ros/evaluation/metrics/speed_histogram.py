r"""Histogram of speeds, and the Hellinger distance between two histograms.

    share |#                         H(h, k) = sqrt(1 - sum_i sqrt(h_i k_i))     0: the same, 1: no speed in common
          |##.
          |####...____ +#   <- all faster, one bin
          +---------------- speed

The 2019 code counts || x(t+1) - x(t) || in 20 bins of 0.05 cm/frame from 0 to 1 (1 cm/s wide at its 20 fps) and drops
faster motion, so that a fast motion looks slow; `frame_histogram` counts it in one more bin.
Source: Kucherenko et al. 2019; Hellinger distance as there.

Proves that slow and fast occur as in the recording. Proves nothing about speech: shuffled audio does not change it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

Floats = npt.NDArray[np.float64]
FRAME_EDGES_CM = np.linspace(0.0, 1.0, 21)  # [cm/frame], of the 2019 code
SPEED_EDGES = np.linspace(0.0, 2.5, 51)  # [m/s], 0.05 wide


def joint_speeds(motion: npt.NDArray[np.floating], fps: float) -> Floats:
    """(T, J, 3) [m] to (T - 1, J) speeds from frame to frame [m/s]."""
    steps = np.diff(np.asarray(motion, dtype=np.float64), axis=0)
    return np.asarray(np.linalg.norm(steps, axis=-1)) * fps


def speed_histogram(motions: Sequence[npt.NDArray[np.floating]], fps: float, edges: npt.ArrayLike = SPEED_EDGES
                    ) -> Floats:
    """Share of frames and joints of all motions in each bin, the last one for all faster speeds.

    Args:
        motions: Each (T, J, 3) [m].
        fps: Frames a second [Hz].
        edges: (B + 1,) increasing [m/s].

    Returns:
        (B + 1,) with sum 1.
    """
    return _shares(np.concatenate([joint_speeds(m, fps).ravel() for m in motions]), np.asarray(edges))


def frame_histogram(motions: Sequence[npt.NDArray[np.floating]]) -> Floats:
    """Histogram of the 2019 code, in cm per frame at the frame rate of the motions, with one more bin for all faster.

    Args:
        motions: Each (T, J, 3) [m].

    Returns:
        (21,) with sum 1.
    """
    speeds = np.concatenate([joint_speeds(m, 100.0).ravel() for m in motions])  # metres to centimetres, per frame
    return _shares(speeds, FRAME_EDGES_CM)


def hellinger(shares: Floats, others: Floats) -> float:
    """Distance in [0, 1] between two histograms with sum 1.

    Raises:
        InputError: If the bins differ.
    """
    if np.shape(shares) != np.shape(others):
        raise InputError("number of bins", np.shape(others), f"{np.shape(shares)}", "Use the same edges for both.")
    return float(np.sqrt(max(0.0, 1.0 - float(np.sum(np.sqrt(np.asarray(shares) * np.asarray(others)))))))


def _shares(speeds: Floats, edges: Floats) -> Floats:
    counts = np.histogram(speeds, np.append(edges, np.inf))[0].astype(np.float64)
    if counts.sum() == 0:
        raise InputError("number of speeds", 0, "at least 1", "Give a motion of at least 2 frames.")
    return np.asarray(counts / counts.sum())
