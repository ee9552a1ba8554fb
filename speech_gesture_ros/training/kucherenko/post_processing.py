"""Post-processing of motion as in the paper, which finds its effect as large as that of the network's structure.

hip-centring          the hip stays where it is
One-Euro filter       causal; slow motion is smoothed much, fast motion little (Casiez et al., CHI 2012)
moving average of 5   uses the future: offline only
Savitzky-Golay 9/3    uses the future: offline only
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.kucherenko.network_config import WINDOW_FRAME_RATE
from speech_gesture_ros.training.kucherenko.motion import CM_PER_M

Array = npt.NDArray[np.float64]

MIN_CUTOFF_HZ, BETA, VELOCITY_CUTOFF_HZ = 0.1, 0.08, 1.0
AVERAGE_FRAMES = 5
SAVITZKY_FRAMES, SAVITZKY_ORDER = 9, 3


def centre_hips(joint_xyz: npt.NDArray[np.floating]) -> Array:
    """Move each frame of (T, J, 3) [m] so that the first joint is at the origin."""
    values = np.asarray(joint_xyz, dtype=np.float64)
    return values - values[:, :1]


def one_euro(joint_xyz: npt.NDArray[np.floating], rate: float = WINDOW_FRAME_RATE) -> Array:
    """Apply the One-Euro filter to every coordinate of (T, J, 3) [m], in cm as in the paper."""
    values = CM_PER_M * np.asarray(joint_xyz, dtype=np.float64)
    out = np.empty_like(values)
    if not len(values):
        return out
    smooth, before, velocity = values[0], values[0], np.zeros_like(values[0])
    velocity_share = _share(VELOCITY_CUTOFF_HZ, rate)
    for k, value in enumerate(values):
        velocity = velocity + velocity_share * ((value - before) * rate - velocity)
        smooth = smooth + _share(MIN_CUTOFF_HZ + BETA * np.abs(velocity), rate) * (value - smooth)
        before, out[k] = value, smooth
    return out / CM_PER_M


def _share(cutoff_hz: npt.ArrayLike, rate: float) -> Array:
    """Return the weight of a new value in a first-order low-pass."""
    return np.asarray(1.0 / (1.0 + rate / (2 * np.pi * np.asarray(cutoff_hz, dtype=np.float64))))


def moving_average(joint_xyz: npt.NDArray[np.floating]) -> Array:
    """Return the centred mean of five frames of (T, J, 3); at the ends of as many on both sides as there are."""
    values = np.asarray(joint_xyz, dtype=np.float64)
    count = len(values)
    half = np.minimum(AVERAGE_FRAMES // 2, np.minimum(np.arange(count), np.arange(count)[::-1]))
    sums = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    return np.asarray((sums[np.arange(count) + half + 1] - sums[np.arange(count) - half])
                      / (2 * half + 1)[:, None, None])


def savitzky_golay(joint_xyz: npt.NDArray[np.floating]) -> Array:
    """Fit cubics to nine frames of (T, J, 3); motions shorter than nine frames are returned as they are."""
    values = np.asarray(joint_xyz, dtype=np.float64)
    if len(values) < SAVITZKY_FRAMES:
        return values
    return np.asarray(signal.savgol_filter(values, SAVITZKY_FRAMES, SAVITZKY_ORDER, axis=0))


POST_PROCESSING_STEPS = {"hips": centre_hips, "one_euro": one_euro, "average": moving_average,
                         "savitzky_golay": savitzky_golay}


def post_process(joint_xyz: npt.NDArray[np.floating], steps: tuple[str, ...]) -> Array:
    """Apply steps of `POST_PROCESSING_STEPS` by name, in order, to (T, J, 3) [m] at 20 Hz.

    Raises:
        ConfigError: If there is no such step.
    """
    values = np.asarray(joint_xyz, dtype=np.float64)
    for step in steps:
        if step not in POST_PROCESSING_STEPS:
            raise ConfigError("post-processing step", step, f"one of {sorted(POST_PROCESSING_STEPS)}",
                              "Correct the configuration.")
        values = POST_PROCESSING_STEPS[step](values)
    return values
