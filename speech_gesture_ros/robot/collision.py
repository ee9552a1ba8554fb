"""Capsule-distance engine: clearances between pairs of capsules of a robot, and their gradients.

Two results, for two uses:

    near         closest points and gradients of the near pairs, for inverse kinematics; on nearly parallel segments the
                 middle is taken, so that the points do not jump. Bounding spheres first exclude the other pairs.
    clearances   exact, for the last check; those of a few pairs are computed one by one in C++ (coal).

The closest points of many pairs are computed at once (Ericson, Real-Time Collision Detection, 2005, section 5.1.9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import Capsule
from speech_gesture_ros.robot.kinematic_model import join
from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]
PARALLEL = 1e-3  # squared sine of an angle below which segments are nearly parallel
TINY = 1e-12  # smallest squared length [m^2], and squared sine for exact distances
FAR_M = 1e3  # clearance of a robot without pairs
MAX_ONE_BY_ONE = 96  # number of pairs up to which coal is faster than NumPy


@dataclass(frozen=True)
class NearPairs:
    """Near pairs of capsules in one configuration.

    Attributes:
        pair: (R,) index of each pair.
        clearance: (R,) gap between the surfaces [m]; negative where they overlap.
        first: (R, 3) closest point on the axis of the pair's first capsule [m].
        second: (R, 3) closest point on the axis of its second capsule [m].
    """

    pair: npt.NDArray[np.int64]
    clearance: Array
    first: Array
    second: Array

    def chosen(self, rows: npt.NDArray[np.int64]) -> NearPairs:
        """Return the pairs in some rows, in the order of `rows`."""
        return NearPairs(self.pair[rows], self.clearance[rows], self.first.take(rows, axis=0),
                        self.second.take(rows, axis=0))


class CapsulePairs:
    """Pairs of capsules on a robot; results are for the present configuration of the kinematics.

    Args:
        kinematics: Of the robot.
        capsules: All of them.
        pairs: P pairs of indices into `capsules`.
        surplus: Pair to the part of its capsules that counts as empty (`RobotDescription.pair_surplus`) [m].

    Raises:
        RobotError: If the link of a capsule is not in the URDF.
    """

    def __init__(self, kinematics: Kinematics, capsules: Sequence[Capsule], pairs: Sequence[tuple[int, int]],
                 surplus: Mapping[tuple[int, int], float] | None = None) -> None:
        self._kinematics = kinematics
        links = [c.link for c in capsules]
        ends = [np.array([getattr(c, end) for c in capsules]).reshape(-1, 3) for end in ("start", "stop")]
        starts, stops = (kinematics.model.points(links, e) for e in ends)
        self._ends = join(starts, stops)
        self._radius = np.array([c.radius for c in capsules])
        pairs_array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        self._first, self._second = pairs_array[:, 0], pairs_array[:, 1]
        self._apart = starts.moved_by[self._first] - starts.moved_by[self._second]  # 0 for joints that move both as one
        half = 0.5 * np.linalg.norm(ends[1] - ends[0], axis=1)
        self._reach = (half + self._radius)[self._first] + (half + self._radius)[self._second]
        self._surplus = np.array([(surplus or {}).get((a, b), 0.0) for a, b in pairs])
        self._radii = self._radius[self._first] + self._radius[self._second] - self._surplus

    def __len__(self) -> int:
        return len(self._first)

    def near(self, distance: float) -> NearPairs:
        """Return the pairs closer than a distance [m]."""
        ends = self._kinematics.positions(self._ends).reshape(2, -1, 3)
        middle = 0.5 * (ends[0] + ends[1])
        apart = middle.take(self._first, axis=0) - middle.take(self._second, axis=0)
        pair = np.flatnonzero(np.einsum("pc,pc->p", apart, apart) < (self._reach + distance) ** 2)
        first, second = closest_points(ends.take(self._first[pair], axis=1), ends.take(self._second[pair], axis=1),
                                       PARALLEL)
        clearance = _lengths(first - second) - self._radii[pair]
        return NearPairs(pair, clearance, first, second).chosen(np.flatnonzero(clearance < distance))

    def clearances(self, pairs: npt.NDArray[np.intp] | None = None) -> Array:
        """Return the (P,) exact clearance of every pair, or of the pairs with some indices [m]."""
        if pairs is not None and len(pairs) <= MAX_ONE_BY_ONE:
            geometry, data = self._geometry
            self._kinematics.place(geometry, data)
            distance = self._kinematics.model.pinocchio.computeDistance
            found = [distance(geometry, data, pair).min_distance for pair in pairs.tolist()]
            return np.asarray(np.array(found) + self._surplus[pairs])
        ends = self._kinematics.positions(self._ends).reshape(2, -1, 3)
        pair = np.arange(len(self)) if pairs is None else pairs
        first, second = closest_points(ends.take(self._first[pair], axis=1), ends.take(self._second[pair], axis=1),
                                       TINY)
        return np.asarray(_lengths(first - second) - self._radii[pair])

    @cached_property
    def _geometry(self) -> tuple[Any, Any]:
        """The capsules and pairs as a `pinocchio.GeometryModel`, and its data."""
        import coal

        pin = self._kinematics.model.pinocchio
        geometry = pin.GeometryModel()
        starts, stops = self._ends.local[:, :3].reshape(2, -1, 3)
        bodies = self._ends.body.tolist()
        for number, (body, start, stop, radius) in enumerate(zip(bodies, starts, stops, self._radius)):
            along, length = stop - start, float(np.linalg.norm(stop - start))
            turn = pin.Quaternion.FromTwoVectors(np.eye(3)[2], along / length if length else np.eye(3)[2])
            shape = coal.Capsule(radius, length) if length else coal.Sphere(radius)
            geometry.addGeometryObject(pin.GeometryObject(f"capsule_{number}", body,
                                                          pin.SE3(turn, 0.5 * (start + stop)), shape))
        for pair in zip(self._first.tolist(), self._second.tolist()):
            geometry.addCollisionPair(pin.CollisionPair(*pair))
        return geometry, geometry.createData()

    def smallest_clearance(self) -> float:
        """Return the smallest clearance of any pair [m], `FAR_M` without pairs."""
        return float(self.near(FAR_M).clearance.min(initial=FAR_M))

    def gradient(self, near: NearPairs) -> Array:
        """Return (R, N) derivatives of the clearances of near pairs by `q`.

        They are the efforts at the joints of a unit force that pushes the pair apart along the line through both
        closest points (virtual work).
        """
        apart = near.first - near.second
        normal = apart / np.maximum(_lengths(apart), 1e-9)[:, None]
        return self._kinematics.efforts(near.first, normal) * self._apart[near.pair]


def closest_points(first: Array, second: Array, parallel: float) -> tuple[Array, Array]:
    """Compute the closest points of pairs of segments.

    Args:
        first: (2, R, 3) ends of the first segments [m]; they may be one point.
        second: (2, R, 3) ends of the second segments [m].
        parallel: Squared sine of an angle below which the points are drawn to the middle of the segments; `TINY` for
            exact distances.

    Returns:
        (R, 3) points on the first and on the second segments [m].
    """
    lines = np.array([first[1] - first[0], second[1] - second[0], first[0] - second[0]])
    d1, d2 = lines[:2]
    (a, b, c), (_, e, f) = np.einsum("irc,jrc->ijr", lines[:2], lines)
    a, e = np.maximum(a, TINY), np.maximum(e, TINY)
    smooth = parallel * a * e
    s = _share((b * f - c * e + 0.5 * smooth) / (a * e - b * b + smooth))
    t = _share((b * s + f) / e)
    s = _share((b * t - c) / a)
    return first[0] + s[:, None] * d1, second[0] + t[:, None] * d2


def _lengths(vectors: Array) -> Array:
    """Return (R,) lengths of (R, 3) vectors."""
    return np.asarray(np.sqrt(np.einsum("rc,rc->r", vectors, vectors)))


def _share(value: Array) -> Array:
    return np.minimum(np.maximum(value, 0.0), 1.0)
