"""How far capsules are from each other, and which way to move so that they keep apart.

The closest points of two segments are found for all pairs at once (Ericson, Real-Time Collision Detection, 2005,
section 5.1.9, with the parallel case smoothed: there the middle is taken, so that the answer does not jump).
Bounding spheres first sort out the pairs that are far apart; few remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import Capsule
from speech_gesture_ros.robot.kinematics import Kinematics, join

Array = npt.NDArray[np.float64]
PARALLEL = 1e-3  # below this squared sine two segments count as nearly parallel
FAR = 1e3  # [m] clearance reported where there is nothing to collide


@dataclass(frozen=True)
class Contacts:
    """The near pairs of one configuration.

    Attributes:
        pair: (R,) index of each pair.
        clearance: (R,) gap between the surfaces [m]; negative where they overlap.
        first: (R, 3) closest point on the axis of the pair's first capsule [m].
        second: (R, 3) on its second capsule's.
    """

    pair: npt.NDArray[np.int64]
    clearance: Array
    first: Array
    second: Array

    def chosen(self, rows: npt.NDArray[np.int64]) -> Contacts:
        """Some of them, in the order of `rows`."""
        return Contacts(self.pair[rows], self.clearance[rows], self.first.take(rows, axis=0),
                        self.second.take(rows, axis=0))


class CapsulePairs:
    """Distances between pairs of capsules on a moving robot."""

    def __init__(self, kinematics: Kinematics, capsules: Sequence[Capsule], pairs: Sequence[tuple[int, int]]) -> None:
        self._kinematics = kinematics
        links = [c.link for c in capsules]
        ends = [np.array([getattr(c, end) for c in capsules]).reshape(-1, 3) for end in ("start", "stop")]
        starts, stops = (kinematics.points(links, e) for e in ends)
        self._ends = join(starts, stops)
        self._radius = np.array([c.radius for c in capsules])
        pairs_array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        self._a, self._b = pairs_array[:, 0], pairs_array[:, 1]
        self._apart = starts.carried[self._a] - starts.carried[self._b]  # a joint that carries both moves them as one
        half = 0.5 * np.linalg.norm(ends[1] - ends[0], axis=1)
        self._reach = (half + self._radius)[self._a] + (half + self._radius)[self._b]
        self._radii = self._radius[self._a] + self._radius[self._b]

    def __len__(self) -> int:
        return len(self._a)

    def near(self, distance: float) -> Contacts:
        """Pairs closer than a distance [m] in the configuration that `kinematics` was last updated to."""
        ends = self._kinematics.positions(self._ends).reshape(2, -1, 3)
        middle = 0.5 * (ends[0] + ends[1])
        apart = middle.take(self._a, axis=0) - middle.take(self._b, axis=0)
        pair = np.flatnonzero(np.einsum("pc,pc->p", apart, apart) < (self._reach + distance) ** 2)
        first, second = closest_points(*ends.take(self._a[pair], axis=1), *ends.take(self._b[pair], axis=1))
        gap = first - second
        clearance = np.sqrt(np.einsum("pc,pc->p", gap, gap)) - self._radii[pair]
        return Contacts(pair, clearance, first, second).chosen(np.flatnonzero(clearance < distance))

    def smallest_clearance(self) -> float:
        """Smallest gap between any pair [m], `FAR` without pairs."""
        return float(self.near(FAR).clearance.min(initial=FAR))

    def gradient(self, contacts: Contacts) -> Array:
        """(R, N) how each clearance grows with `q`.

        A unit force pushes the pair apart along the line through both closest points; what a joint feels of it is how
        far it parts them. On that line one point is as good as the other.
        """
        apart = contacts.first - contacts.second
        normal = apart / np.maximum(np.sqrt(np.einsum("pc,pc->p", apart, apart)), 1e-9)[:, None]
        return self._kinematics.efforts(contacts.first, normal) * self._apart[contacts.pair]


def closest_points(p1: Array, q1: Array, p2: Array, q2: Array) -> tuple[Array, Array]:
    """Closest points of segments p1-q1 and p2-q2, all (R, 3) [m]; either may be a point."""
    lines = np.array([q1 - p1, q2 - p2, p1 - p2])
    d1, d2 = lines[:2]
    (a, b, c), (_, e, f) = np.einsum("irc,jrc->ijr", lines[:2], lines)
    a, e = np.maximum(a, 1e-12), np.maximum(e, 1e-12)
    smooth = PARALLEL * a * e
    s = _share((b * f - c * e + 0.5 * smooth) / (a * e - b * b + smooth))
    t = _share((b * s + f) / e)
    s = _share((b * t - c) / a)
    return p1 + s[:, None] * d1, p2 + t[:, None] * d2


def _share(value: Array) -> Array:
    return np.minimum(np.maximum(value, 0.0), 1.0)
