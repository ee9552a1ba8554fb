"""Synchronisation of sound and motion, estimated from the fact that hands move more during speech.

The loudness of the sound and the speed of the wrists, both at 25 Hz and smoothed over half a second, are correlated at
lags up to two seconds. The best lag is reported with its distance from the correlations at lags between three and eight
seconds, which are unrelated. It is not applied automatically: in a minute of speech an error of a few frames cannot be
distinguished from a lively speaker, an error of a second can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from speech_gesture_ros.core.rates import POSE_RATE, SAMPLES_PER_POSE

Array = npt.NDArray[np.float64]

SMOOTH_FRAMES = 12
LONGEST_LAG_S, FAR_FROM_S, FAR_TO_S = 2.0, 3.0, 8.0
SHORTEST_S = 20.0
QUIETEST_DB = -60.0


@dataclass(frozen=True)
class SyncEstimate:
    """Result of the correlation.

    Attributes:
        offset_s: Lag of the motion behind the sound [s]; the value for --offset.
        correlation: Correlation at that lag.
        confidence: "none", "low", "medium" or "high".
    """

    offset_s: float
    correlation: float
    confidence: str


def estimate_sync(samples: npt.NDArray[np.floating], wrists: npt.NDArray[np.floating]) -> SyncEstimate:
    """Return the lag between (N,) samples at 16 kHz and wrist positions (T, W, 3) at 25 Hz."""
    count = min(len(samples) // SAMPLES_PER_POSE, len(wrists))
    if count < SHORTEST_S * POSE_RATE:
        return SyncEstimate(0.0, 0.0, "none")
    power = np.mean(np.square(samples[:count * SAMPLES_PER_POSE].astype(np.float64)).reshape(count, -1), axis=1)
    level = np.maximum(10 * np.log10(power + 1e-12), QUIETEST_DB)
    speed = np.linalg.norm(np.gradient(wrists[:count], axis=0), axis=-1).sum(axis=1)
    sound, motion = (_standard(ndimage.gaussian_filter1d(x, SMOOTH_FRAMES / 2)) for x in (level, np.sqrt(speed)))
    if not sound.any() or not motion.any():
        return SyncEstimate(0.0, 0.0, "none")
    reach = round(LONGEST_LAG_S * POSE_RATE)
    near = {lag: _correlation(sound, motion, lag) for lag in range(-reach, reach + 1)}
    far = [_correlation(sound, motion, sign * lag) for sign in (-1, 1)
           for lag in range(round(FAR_FROM_S * POSE_RATE), round(min(FAR_TO_S * POSE_RATE, count / 2)), 3)]
    best = max(near, key=lambda lag: near[lag])
    score = (near[best] - np.mean(far)) / max(float(np.std(far)), 0.02)
    confidence = "high" if score > 5 else "medium" if score > 3.5 else "low" if score > 2.5 else "none"
    return SyncEstimate(best / POSE_RATE, float(near[best]), confidence if near[best] > 0.1 else "none")


def _correlation(sound: Array, motion: Array, lag: int) -> float:
    a, b = (sound[:len(sound) - lag], motion[lag:]) if lag >= 0 else (sound[-lag:], motion[:lag])
    return float(np.mean(a * b))


def _standard(values: Array) -> Array:
    deviation = values.std()
    return np.asarray((values - values.mean()) / deviation if deviation > 1e-9 else np.zeros_like(values))
