"""Last check of self-collision: whether one configuration, or a path of them, keeps the robot's capsules apart.

A path is checked with few distance computations. From a configuration in which a pair of capsules has clearance d,
nothing can touch until some point has moved by d, and turning joint n by a moves no point by more than a times its
lever arm. So after each computation the rows that are certainly clear are skipped:

    Q   ●━━━━━━━━━━━━━━━━●━━━━━━━━━━━━━━━━━━━━━━━●   ● computed   ━ clear: the capsules cannot have moved far enough

The room of each pair, a lower bound of its clearance beyond its floor, is remembered and reduced as the joints turn.
Usually that alone proves nearly all pairs clear on the whole path; only the others are computed. What is remembered
changes the computing time, never the result.

The check is independent of the inverse kinematics: it sees what is commanded, not the target. Both use one engine for
distances, `robot.collision`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.reach import levers

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

MARGIN_M = 0.01  # capsules closer than this count as touching
CONTACT_SLACK_M = 1e-4  # by which the floor of a pair in contact lies below its clearance
BATCH_SHARE = 0.5  # of the pairs; if more must be computed, it is quicker to compute all
BETWEEN = 4  # configurations checked between two rows, where a pair could have passed


class SelfCollisionChecker:
    """Clearances of the capsule pairs of a robot; joints that are not commanded are locked, at 0 if their limits allow.

    Args:
        description: Capsules and pairs; without pairs everything is clear and pinocchio is not needed.

    Attributes:
        is_in_contact: True while some pair may be closer than the margin.

    Raises:
        RobotError: If the URDF lacks a link or joint.
        MissingDependencyError: If there are pairs to check and pinocchio is not installed.
    """

    def __init__(self, description: RobotDescription) -> None:
        count = len(description.collision_pairs)
        self._q = np.zeros(len(description.joint_names))
        self._floors = np.full(count, MARGIN_M)
        self.is_in_contact = False
        self._capsule_pairs: CapsulePairs | None = None
        if count:
            self._kinematics = description.kinematics()
            self._capsule_pairs = CapsulePairs(self._kinematics, description.capsules, description.collision_pairs,
                                               description.pair_surplus)
            self._levers = levers(self._kinematics.model, description.limits, description.capsules,
                                  description.collision_pairs)  # (N, P) [m/rad]
        self._room = self.clearances(self._q) - self._floors  # (P,) or less, at `_q`

    def accept_contact(self, q: Array) -> None:
        """Let pairs that are closer than the margin at `q` be as close, never closer; `MARGIN_M` for the others.

        To be called in the configuration in which the robot stands, and again on its way: the floor rises with the
        clearance, so that a robot found in contact can leave it and not return.
        """
        if self._capsule_pairs is None:
            return
        clearances = self.clearances(q)
        self._floors = np.minimum(MARGIN_M, clearances - CONTACT_SLACK_M)
        self.is_in_contact = bool((self._floors < MARGIN_M).any())
        self._q, self._room = np.array(q), clearances - self._floors

    def clearances(self, q: Array, pairs: Indices | None = None) -> Array:
        """Return the clearance of each pair (P,), or of some, at `q` (N,) [m]; negative: how deep they overlap."""
        if self._capsule_pairs is None:
            return np.zeros(0)
        self._kinematics.update(q)
        return self._capsule_pairs.clearances(pairs)

    def min_clearance(self, q: Array) -> float:
        """Return the smallest clearance of any pair [m]; infinite without pairs."""
        return float(np.min(self.clearances(q), initial=np.inf))

    def first_collision(self, path: Array) -> int | None:
        """Return the first row of `path` (K, N) with a pair closer than its floor; None if it is clear.

        Between rows the path is straight; a pair that comes too close there counts for the later row.
        """
        if self._capsule_pairs is None or len(path) == 0:
            return None
        suspects = self._suspects(path)
        if len(suspects) == 0:
            return None
        row, room = 0, self._room[suspects]
        while not (room < 0).any():
            travel = np.abs(path[row + 1:] - path[row]) @ self._levers[:, suspects]  # (K', S)
            is_unsure = travel >= room
            rows, left = is_unsure.any(axis=1), is_unsure.any(axis=0)
            if not rows.any():
                return None
            ahead = int(np.argmax(rows))  # rows before are clear, and pairs not left are clear to the end
            row, suspects = row + 1 + ahead, suspects[left]
            reached = (travel[ahead] - room)[left]  # how far pairs may have moved beyond their room
            room = self.clearances(path[row], suspects) - self._floors[suspects]
            if not self._is_clear_between(path, row, suspects[reached > room + 2 * MARGIN_M]):
                return row
        return row

    def _is_clear_between(self, path: Array, row: int, suspects: Indices) -> bool:
        """Return whether pairs that may have passed each other stay apart on the straight way to a row."""
        if len(suspects) == 0:
            return True
        between = np.linspace(path[row - 1], path[row], BETWEEN + 2)[1:-1]
        return all((self.clearances(q, suspects) >= self._floors[suspects]).all() for q in between)

    def _suspects(self, path: Array) -> Indices:
        """Return the pairs that might be closer than their floor somewhere on `path`; updates their room."""
        self._room = self._room - np.abs(path[0] - self._q) @ self._levers
        self._q = np.array(path[0])
        travel = np.abs(path - self._q).max(axis=0) @ self._levers  # (P,) no row is farther
        suspects = (~(travel < self._room)).nonzero()[0]
        if len(suspects) > BATCH_SHARE * len(self._room):
            self._room = self.clearances(self._q) - self._floors
        elif len(suspects):
            self._room[suspects] = self.clearances(self._q, suspects) - self._floors[suspects]
        return np.asarray(suspects[~(travel[suspects] < self._room[suspects])])
