"""Reverberation of a drawn room: direct sound and a tail of noise that decays exponentially."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.rates import SAMPLE_RATE

REVERBERATION_S = (0.15, 0.7)  # time in which the tail falls by 60 dB
DIRECT_DB = (2.0, 14.0)  # power of the direct sound over the tail


def add_room(samples: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return the samples (N,) as in a room, of the same length and loudest value."""
    decay_s = rng.uniform(*REVERBERATION_S)
    t = np.arange(round(decay_s * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(t)) * 10 ** (-3.0 * t / decay_s)
    tail[0] = 0.0
    tail *= 10 ** (-rng.uniform(*DIRECT_DB) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    out = signal.fftconvolve(samples, tail)[:len(samples)]
    loudest = float(np.abs(samples).max())
    return np.asarray(out * loudest / max(float(np.abs(out).max()), 1e-9), dtype=np.float32)
