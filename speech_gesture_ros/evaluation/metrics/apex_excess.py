r"""Stroke apexes near accents against controls that separate timing from motion that merely occurs while speaking.

    share     apexes in speech within +-0.1 s of an accent
    shifted   the same motion, speech shifted by more than 5 s        keeps the rhythm only (`apex_timing`)
    jittered  each apex moved by up to +-1 s, but kept in speech      keeps "moves while speaking", loses the timing

    excess = share / jittered share: 1 is chance. Recorded people reach 1.07 (1.13 for strong strokes), measured at
    +-0.2 s of stressed syllables; above 1.2 is tighter than any person measured, a choice of design.

About half of the synchrony that a test without the jitter finds is only "moves while speaking" (measured on recorded
people), so this is the metric that proves timing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.evaluation.kinematics import Bools, Floats
from speech_gesture_ros.evaluation.metrics.apex_timing import NEAR_S, nearest_offsets

JITTER_S = 1.0
MAX_ATTEMPTS = 20  # to draw a jittered apex that is in speech


@dataclass(frozen=True)
class ApexExcess:
    """Counts of one clip; the sum of several is that of all clips together.

    Attributes:
        apexes: Number of apexes in speech.
        near: Number of those near an accent.
        jittered: The same for jittered apexes, mean over the draws.
        variance: Of that number over the draws.
    """

    apexes: int
    near: int
    jittered: float
    variance: float

    def __add__(self, other: ApexExcess) -> ApexExcess:
        return ApexExcess(self.apexes + other.apexes, self.near + other.near, self.jittered + other.jittered,
                          self.variance + other.variance)

    @property
    def share(self) -> float:
        """Share of apexes in speech near an accent; NaN without apexes."""
        return self.near / self.apexes if self.apexes else float("nan")

    @property
    def jittered_share(self) -> float:
        """Share reached by chance within speech; NaN without apexes."""
        return self.jittered / self.apexes if self.apexes else float("nan")

    @property
    def excess(self) -> float:
        """Share over chance: 1 without any timing."""
        return self.near / self.jittered if self.jittered > 0 else float("nan")

    @property
    def z(self) -> float:
        """Number near an accent, in standard deviations above chance."""
        return (self.near - self.jittered) / self.variance**0.5 if self.variance > 0 else float("nan")


def apex_excess(apexes_s: Floats, accents_s: Floats, speech: Bools, fps: float, *, draws: int = 200,
                seed: int = 0) -> ApexExcess:
    """Count apexes near accents and apexes jittered within speech, of one clip.

    Args:
        apexes_s: (K,) [s].
        accents_s: (A,) increasing [s].
        speech: (T,) True while someone speaks.
        fps: Rate of `speech` [Hz].
        draws: Number of jittered copies.
        seed: Of the jitter.
    """
    def in_speech(times_s: Floats) -> Bools:
        frames = np.floor(times_s * fps + 0.5).astype(int)
        inside = (frames >= 0) & (frames < len(speech))
        return np.asarray(inside & speech[np.clip(frames, 0, len(speech) - 1)]) if len(speech) else inside

    kept = apexes_s[in_speech(apexes_s)]
    if len(kept) == 0 or len(accents_s) == 0:
        return ApexExcess(len(kept), 0, 0.0, 0.0)
    rng = np.random.default_rng(seed)
    moved = np.broadcast_to(kept, (draws, len(kept))).ravel().copy()  # an apex without a draw in speech stays
    open_ = np.ones(len(moved), dtype=bool)
    for _ in range(MAX_ATTEMPTS):
        tried = np.tile(kept, draws)[open_] + rng.uniform(-JITTER_S, JITTER_S, int(open_.sum()))
        good = in_speech(tried)
        places = np.flatnonzero(open_)[good]
        moved[places] = tried[good]
        open_[places] = False
    near = np.abs(nearest_offsets(moved, accents_s)).reshape(draws, -1) <= NEAR_S
    counts = near.sum(axis=1)
    hits = int(np.sum(np.abs(nearest_offsets(kept, accents_s)) <= NEAR_S))
    return ApexExcess(len(kept), hits, float(counts.mean()), float(counts.var()))
