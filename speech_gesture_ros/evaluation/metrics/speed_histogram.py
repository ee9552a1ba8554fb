r"""Which speeds occur how often, and the Hellinger distance between two such histograms.

    share |#                         H(h, k) = sqrt(1 - sum_i sqrt(h_i k_i))     0: the same, 1: no speed in common
          |##.
          |####...____ +#   <- everything faster, one bin
          +---------------- speed

The 2019 code counts || x(t+1) - x(t) || in 20 bins of 0.05 cm/frame from 0 to 1 (1 cm/s wide at its 20 fps) and drops
what is faster, so that a wild motion looks calm; `frame_histogram` keeps it in one more bin unless told otherwise.
Source: Kucherenko et al. 2019; Hellinger distance as there.

Proves that slow and fast occur as in the recording. Proves nothing about speech: shuffled audio keeps it unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError

Floats = npt.NDArray[np.float64]
FRAME_EDGES_CM = np.linspace(0.0, 1.0, 21)  # [cm/frame], of the 2019 code
EDGES = np.linspace(0.0, 2.5, 51)  # [m/s], 0.05 wide


def joint_speeds(motion: npt.NDArray[np.floating], fps: float) -> Floats:
    """(T, J, 3) [m] to (T - 1, J) speeds from frame to frame [m/s]."""
    steps = np.diff(np.asarray(motion, dtype=np.float64), axis=0)
    return np.asarray(np.linalg.norm(steps, axis=-1)) * fps


def speed_histogram(motions: Sequence[npt.NDArray[np.floating]], fps: float, edges: npt.ArrayLike = EDGES) -> Floats:
    """Shares of the time and joints of all motions in each bin, the last one for everything faster.

    Args:
        motions: Each (T, J, 3) [m].
        fps: Frames a second [Hz].
        edges: (B + 1,) increasing [m/s].

    Returns:
        (B + 1,) with sum 1.
    """
    return _shares(np.concatenate([joint_speeds(m, fps).ravel() for m in motions]), np.asarray(edges), overflow=True)


def frame_histogram(motions: Sequence[npt.NDArray[np.floating]], *, overflow: bool = True) -> Floats:
    """The histogram of the 2019 code, in cm per frame, at whatever frame rate the motions have.

    Args:
        motions: Each (T, J, 3) [m].
        overflow: Whether speeds above 1 cm/frame have a bin of their own; False drops them, as the 2019 code does.

    Returns:
        (21,), or (20,) without overflow, with sum 1.
    """
    speeds = np.concatenate([joint_speeds(m, 100.0).ravel() for m in motions])  # metres to centimetres, per frame
    return _shares(speeds, FRAME_EDGES_CM, overflow)


def hellinger(shares: Floats, others: Floats) -> float:
    """Distance in [0, 1] between two histograms with sum 1.

    Raises:
        InputError: If the bins differ.
    """
    if np.shape(shares) != np.shape(others):
        raise InputError("number of bins", np.shape(others), f"{np.shape(shares)}", "Use the same edges for both.")
    return float(np.sqrt(max(0.0, 1.0 - float(np.sum(np.sqrt(np.asarray(shares) * np.asarray(others)))))))


def _shares(speeds: Floats, edges: Floats, overflow: bool) -> Floats:
    counts = np.histogram(speeds, np.append(edges, np.inf) if overflow else edges)[0].astype(np.float64)
    if counts.sum() == 0:
        raise InputError("speeds within the histogram", 0, f"at least one from {edges[0]} to {edges[-1]}",
                         "Count the faster ones too: overflow=True.")
    return np.asarray(counts / counts.sum())
