"""Surplus of pairs of capsules: the part of them that lies outside the surfaces wherever these can come close.

Capsules contain their surfaces, but at a shoulder they overlap with those of the chest long before the surfaces touch,
in many robots even at rest. The pair would then block the arm, or could not be checked. Its surplus is found by
sampling: of the configurations in which the surfaces are closer than `SAFE_M`, that with the largest clearance of the
capsules is the one that must still count as contact.

    clearance of the capsules  ──▲───▲─▲──▲▲──┃──●──●─●──●──      ▲ surfaces close   ● surfaces apart
                                              ┗━ here clearance less surplus is `MARGIN_M`

The samples are improved: from that configuration a search goes on to others with a larger clearance. Parts that fit
into one another closely, such as the housings of a shoulder, are closer than `SAFE_M` in every usual configuration;
for them a smaller distance counts as close. What samples miss is measured by the audit on meshes (`robot check
--meshes`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.capsules import FittedCapsule
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import JointLimits
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.surface_pairs import SurfacePairs

Array = npt.NDArray[np.float64]
Pairs = Sequence[tuple[int, int]]
MARGIN_M = 0.01  # clearance at which pairs count as touching, as in `control.self_collision`
SAFE_M = 0.012  # distance of surfaces below which they are close; simplified surfaces are 2 mm off
SMALLER_M = (0.006, 0.003, 0.001, 0.0)  # the same for parts that fit closely; 0: surfaces that cross
ANYWHERE, NEARBY, NEARBY_RAD = 300, 300, 0.4  # samples in all limits; about usual configurations, and their spread
NEAR_SHARE = 0.05  # of the samples about usual configurations, in which capsules of a pair to be looked at touch
SEARCH_STEPS, SEARCH_RAD = 120, (0.2, 0.02)  # of the search, and the spread of its first and last step


def pair_surplus(kinematics: Kinematics, fitted: Sequence[FittedCapsule], pairs: Pairs, limits: JointLimits,
                 about: Sequence[Array]) -> dict[tuple[int, int], float]:
    """Find the surplus of pairs whose capsules touch in usual configurations.

    Args:
        kinematics: Of the robot.
        fitted: Capsules with their surfaces.
        pairs: Pairs of indices into them, each with a capsule that is not exact.
        limits: Of the N joints.
        about: Usual configurations (N,).

    Returns:
        Pair to its surplus [m], above 0. A pair whose surfaces are close at all its samples has none.
    """
    if not pairs:
        return {}
    random = np.random.default_rng(0)
    centres = np.array(about)[np.arange(NEARBY) % len(about)]
    nearby = [np.clip(q + NEARBY_RAD * random.normal(size=q.shape), limits.lower, limits.upper) for q in centres]
    samples = np.array([*about, *nearby, *random.uniform(limits.lower, limits.upper, (ANYWHERE, len(limits)))])
    usual = len(about) + NEARBY
    capsules = CapsulePairs(kinematics, [f.capsule for f in fitted], pairs)
    clearance = np.empty((len(samples), len(pairs)))
    for q, row in zip(samples, clearance):
        kinematics.update(q)
        row[:] = capsules.clearances()
    touching = clearance < MARGIN_M
    is_near = touching[:len(about)].any(axis=0) | (touching[:usual].mean(axis=0) > NEAR_SHARE)
    looked_at: list[int] = np.flatnonzero(is_near).tolist()
    surfaces = SurfacePairs(kinematics, [(f.capsule.link, f.surface) for f in fitted], [pairs[i] for i in looked_at])
    found = {}
    for number, pair in enumerate(looked_at):
        search = _Search(kinematics, capsules, surfaces, pair, number)
        close = next((d for d in (SAFE_M, *SMALLER_M) if not all(search.are_close(q, d) for q in about)), 0.0)
        if clearance[:, pair].max() < MARGIN_M and all(search.are_close(q, close) for q in samples):
            continue
        contact = search.largest_at_contact(samples, clearance[:, pair], close, limits, random)
        if contact < MARGIN_M:
            found[pairs[pair]] = float(MARGIN_M - contact)
    return found


class _Search:
    """Search for the configuration in which the surfaces of one pair are close and its capsules farthest apart."""

    def __init__(self, kinematics: Kinematics, capsules: CapsulePairs, surfaces: SurfacePairs, pair: int, number: int
                 ) -> None:
        self._kinematics, self._capsules, self._surfaces = kinematics, capsules, surfaces
        self._pair, self._number = np.array([pair]), number  # of the capsules, of the surfaces

    def are_close(self, q: Array, close: float) -> bool:
        """Return whether the surfaces are closer than a distance [m] in a configuration (N,)."""
        self._surfaces.update(q)
        return self._surfaces.are_closer(self._number, close)

    def largest_at_contact(self, samples: Array, clearance: Array, close: float, limits: JointLimits,
                           random: np.random.Generator) -> float:
        """Return the largest clearance of the capsules at which the surfaces are close, at most `MARGIN_M` [m].

        Where they are close in no sample, it is the smallest clearance.

        Args:
            samples: (S, N) configurations.
            clearance: (S,) that of the capsules at these [m].
            close: Distance below which the surfaces are close [m].
            limits: Of the joints.
            random: Generator of the search.
        """
        rows = [row for row in np.argsort(-clearance) if clearance[row] < MARGIN_M]
        start = next((row for row in rows if self.are_close(samples[row], close)), None)
        if start is None:
            return float(clearance[rows[-1]]) if rows else MARGIN_M
        best, q = float(clearance[start]), samples[start]
        for spread in np.geomspace(*SEARCH_RAD, SEARCH_STEPS):
            tried = np.clip(q + spread * random.normal(size=q.shape), limits.lower, limits.upper)
            self._kinematics.update(tried)
            apart = float(self._capsules.clearances(self._pair)[0])
            if best < apart < MARGIN_M and self.are_close(tried, close):
                best, q = apart, tried
        return best
