"""Directions at any frame rate to 25 Hz, without aliases and without anything that was not there.

    faster than 25 Hz    low-pass (Kaiser sinc, flat to 10 Hz, silent above 15 Hz), held within what the source had
                         around that moment, so that no kernel rings; then cubic interpolation between its frames
    25 Hz                as it is
    slower               monotone cubic interpolation (Fritsch and Carlson 1980): no extreme that the source has not

Directions are brought back to length 1 at the end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import interpolate, ndimage, signal

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.faults import normalise

Array = npt.NDArray[np.float64]

PASS_HZ, STOP_HZ = 10.0, 15.0  # 15 Hz folds to 10 Hz: nothing that is kept is touched
ATTENUATION_DB = 50.0
AROUND_S = 0.06
SAME_RATE = 1e-3  # relative; 25.01 Hz is 25 Hz


def resample_directions(directions: Array, frame_rate: float) -> Array:
    """(T, J, 3) at `frame_rate` [Hz] to (T25, J, 3) at 25 Hz; output k lies at k / 25 s, as far as the source goes."""
    if abs(frame_rate / POSE_RATE - 1) < SAME_RATE or len(directions) < 2:
        return directions
    count = int(np.floor((len(directions) - 1) / frame_rate * POSE_RATE + 1e-6)) + 1
    source, wanted = np.arange(len(directions)) / frame_rate, np.arange(count) / POSE_RATE
    wanted = np.minimum(wanted, source[-1])
    if frame_rate < POSE_RATE:
        return normalise(interpolate.PchipInterpolator(source, directions, axis=0)(wanted))
    smooth = _low_pass(directions, frame_rate)
    nearest = np.round(wanted * frame_rate).astype(int)
    if np.allclose(nearest, wanted * frame_rate, atol=1e-3):
        return normalise(smooth[nearest])
    curve = interpolate.CubicSpline(source, smooth, axis=0)(wanted)
    lowest, highest = (f(smooth, 3, axis=0, mode="nearest")[nearest.clip(max=len(smooth) - 1)]
                       for f in (ndimage.minimum_filter1d, ndimage.maximum_filter1d))
    return normalise(np.clip(curve, lowest, highest))


def _low_pass(directions: Array, frame_rate: float) -> Array:
    if frame_rate <= 2 * PASS_HZ + 10:  # up to 30 Hz there is hardly anything between the edges
        return directions
    stop = min(STOP_HZ, 0.499 * frame_rate)
    taps, beta = signal.kaiserord(ATTENUATION_DB, (stop - PASS_HZ) / (frame_rate / 2))
    taps |= 1
    kernel = signal.firwin(taps, (PASS_HZ + stop) / 2, window=("kaiser", beta), fs=frame_rate)
    smooth = ndimage.convolve1d(directions, kernel, axis=0, mode="nearest")
    size = 2 * max(1, round(AROUND_S * frame_rate)) + 1
    lowest = ndimage.minimum_filter1d(directions, size, axis=0, mode="nearest")
    return np.asarray(np.clip(smooth, lowest, ndimage.maximum_filter1d(directions, size, axis=0, mode="nearest")))
