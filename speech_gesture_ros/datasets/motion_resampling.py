"""Resampling of directions from any frame rate to 25 Hz, without aliases and without new extremes.

    faster than 25 Hz    low-pass (Kaiser sinc, flat to 10 Hz, zero above 15 Hz), clipped to the range of the source
                         around that moment, so that the kernel cannot ring; then cubic interpolation between frames
    25 Hz                unchanged
    slower               monotone cubic interpolation (Fritsch and Carlson 1980)

Directions are normalised to length 1 at the end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import interpolate, ndimage, signal

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.faults import normalise

Array = npt.NDArray[np.float64]

PASS_HZ, STOP_HZ = 10.0, 15.0  # 15 Hz is aliased to 10 Hz, outside the pass band
ATTENUATION_DB = 50.0
RANGE_S = 0.06  # half width of the range of the source to which the low-pass is clipped
RATE_TOLERANCE = 1e-3  # relative; 25.01 Hz counts as 25 Hz
MIN_FILTERED_HZ = 30.0  # up to here there is hardly anything between the edges of the filter


def resample_directions(directions: Array, frame_rate: float) -> Array:
    """Return (T25, J, 3) at 25 Hz of (T, J, 3) at `frame_rate` [Hz]; output k is at k / 25 s, up to the end."""
    if abs(frame_rate / POSE_RATE - 1) < RATE_TOLERANCE or len(directions) < 2:
        return directions
    count = int(np.floor((len(directions) - 1) / frame_rate * POSE_RATE + 1e-6)) + 1
    source, target = np.arange(len(directions)) / frame_rate, np.arange(count) / POSE_RATE
    target = np.minimum(target, source[-1])
    if frame_rate < POSE_RATE:
        return normalise(interpolate.PchipInterpolator(source, directions, axis=0)(target))
    smooth = _low_pass(directions, frame_rate)
    nearest = np.round(target * frame_rate).astype(int)
    if np.allclose(nearest, target * frame_rate, atol=1e-3):
        return normalise(smooth[nearest])
    curve = interpolate.CubicSpline(source, smooth, axis=0)(target)
    lowest, highest = (f(smooth, 3, axis=0, mode="nearest")[nearest.clip(max=len(smooth) - 1)]
                       for f in (ndimage.minimum_filter1d, ndimage.maximum_filter1d))
    return normalise(np.clip(curve, lowest, highest))


def _low_pass(directions: Array, frame_rate: float) -> Array:
    if frame_rate <= MIN_FILTERED_HZ:
        return directions
    stop = min(STOP_HZ, 0.499 * frame_rate)
    taps, beta = signal.kaiserord(ATTENUATION_DB, (stop - PASS_HZ) / (frame_rate / 2))
    taps |= 1
    kernel = signal.firwin(taps, (PASS_HZ + stop) / 2, window=("kaiser", beta), fs=frame_rate)
    smooth = ndimage.convolve1d(directions, kernel, axis=0, mode="nearest")
    size = 2 * max(1, round(RANGE_S * frame_rate)) + 1
    lowest = ndimage.minimum_filter1d(directions, size, axis=0, mode="nearest")
    return np.asarray(np.clip(smooth, lowest, ndimage.maximum_filter1d(directions, size, axis=0, mode="nearest")))
