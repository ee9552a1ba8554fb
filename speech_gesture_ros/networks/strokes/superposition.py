r"""Superposed strokes: the state is a sum of displacements, each along the minimum-jerk curve.

displacement of stroke 1      ___________         speed    /\      one bell a stroke (Flash & Hogan 1985);
displacement of stroke 2  ____/     ______                /  \/\   bells that overlap add up, so that the hand
state = base + sum           /_____/                     /    \ \  passes from one stroke to the next without a stop

Overlapping minimum-jerk strokes describe how people change a movement under way (Flash & Henis, J. Cogn. Neurosci. 3,
1991). Position, velocity and acceleration are continuous whatever is added, and nothing has to be solved.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass
class Superposition:
    """State of C channels as a sum of strokes.

    Attributes:
        base: (C,) state that the strokes start from.
        onsets_s: (B,) start of each stroke [s].
        durations_s: (B,) its duration [s].
        displacements: (B, C).
    """

    base: Floats
    onsets_s: Floats = field(default_factory=lambda: np.zeros(0))
    durations_s: Floats = field(default_factory=lambda: np.zeros(0))
    displacements: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        if not len(self.onsets_s):
            self.displacements = np.zeros((0, len(self.base)))

    @property
    def goal(self) -> Floats:
        """(C,) state after all strokes."""
        return np.asarray(self.base + self.displacements.sum(axis=0))

    def add(self, onset_s: float, duration_s: float, displacement: Floats) -> None:
        """Add a stroke of (C,) displacement."""
        self.onsets_s = np.append(self.onsets_s, onset_s)
        self.durations_s = np.append(self.durations_s, duration_s)
        self.displacements = np.concatenate([self.displacements, displacement[None]])

    def at(self, time_s: float) -> tuple[Floats, Floats]:
        """Return state and velocity, (C,) each; strokes that have ended become part of the base."""
        s = (time_s - self.onsets_s) / self.durations_s
        ended = s >= 1.0
        if ended.any():
            self.base = self.base + self.displacements[ended].sum(axis=0)
            kept = ~ended
            self.onsets_s, self.durations_s = self.onsets_s[kept], self.durations_s[kept]
            self.displacements, s = self.displacements[kept], s[kept]
        s = np.maximum(s, 0.0)
        share = s**3 * (10.0 + s * (6.0 * s - 15.0))
        rate = 30.0 * (s * (1.0 - s)) ** 2 / self.durations_s
        return self.base + share @ self.displacements, rate @ self.displacements
