"""Faults of recorded motion: frames that are unknown, jump, or are exactly constant.

    unknown   NaN                                                            bridged up to `BRIDGE_S`, else cut out
    spike     a bone that turns faster than any arm, there and back          the same
    frozen    every bone constant for a second: lost tracking                cut out

Clips end where frames are cut out: at most a fifth of a second is interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

BRIDGE_S = 0.2
SPIKE_RAD_S = 45.0  # a person's fastest throw is about 30 rad/s at the wrist
SPIKE_S = 0.1  # longest time between a jump and the jump back
MIN_SPIKE_RAD = 0.2  # in one frame
FROZEN_S = 1.0
FROZEN_RAD = 1e-7


@dataclass(frozen=True)
class Faults:
    """Faults of a motion of T frames.

    Attributes:
        directions: (T, J, 3) with short faults bridged.
        good: (T,) frames that may be used.
        spikes: Number of jumps.
    """

    directions: Array
    good: Mask
    spikes: int


def find_faults(directions: Array, frame_rate: float, *, keep_frozen: bool = False) -> Faults:
    """Find faults in directions (T, J, 3) and bridge the short ones."""
    unknown = ~np.isfinite(directions).all(axis=(1, 2))
    spike = _spikes(directions, frame_rate)
    frozen = np.zeros_like(unknown) if keep_frozen else _frozen(directions, frame_rate)
    bad = unknown | spike
    longest = max(1, round(BRIDGE_S * frame_rate))
    bridged = np.zeros_like(bad)
    for start, stop in runs(bad):
        if stop - start <= longest and start > 0 and stop < len(bad):
            bridged[start:stop] = True
    return Faults(_bridge(directions, bridged), ~(bad & ~bridged) & ~frozen, len(runs(spike)))


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Return [start, stop) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _spikes(directions: Array, frame_rate: float) -> Mask:
    """Return (T,) the frames between a jump and the jump back."""
    chord = np.linalg.norm(np.diff(directions, axis=0), axis=-1)
    step = 2 * np.arcsin(np.clip(np.nan_to_num(chord) / 2, 0, 1))
    jumps = np.flatnonzero((step > max(SPIKE_RAD_S / frame_rate, MIN_SPIKE_RAD)).any(axis=1)) + 1
    spike = np.zeros(len(directions), dtype=bool)
    widest = max(1, round(SPIKE_S * frame_rate))
    for out, back in pairwise(jumps):
        if back - out <= widest:
            spike[out:back] = True
    return spike


def _frozen(directions: Array, frame_rate: float) -> Mask:
    still = np.asarray((np.abs(np.diff(directions, axis=0)) < FROZEN_RAD).all(axis=(1, 2)))
    frozen = np.zeros(len(directions), dtype=bool)
    for start, stop in runs(still):
        if stop - start >= FROZEN_S * frame_rate:
            frozen[start:stop + 1] = True
    return frozen


def _bridge(directions: Array, bridged: Mask) -> Array:
    if not bridged.any():
        return directions
    out = directions.copy()
    steps = np.arange(len(out))
    for start, stop in runs(bridged):
        left, right = out[start - 1], out[stop]
        part = ((steps[start:stop] - start + 1) / (stop - start + 1))[:, None, None]
        out[start:stop] = normalise((1 - part) * left + part * right)
    return np.asarray(out)


def normalise(directions: Array) -> Array:
    """Return unit vectors; vectors without length stay zero."""
    length = np.linalg.norm(directions, axis=-1, keepdims=True)
    return np.asarray(directions / np.where(length > 1e-9, length, 1.0))
