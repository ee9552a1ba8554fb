"""Reach of the parts of a robot: how far joints can move them at most, in any configuration.

    chest ──●  shoulder          a hand stays in a ball about the shoulder, as large as the arm is long;
           ╱ ╲                   feet outside the ball can never be touched, and need no check
          ╱ R ╲
         ╱     hand

A turning joint has a fixed place in the part that carries it. So what lies beyond it is never farther from it than the
sum of the offsets from joint to joint; sliding joints add their travel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import Capsule, JointLimits
from speech_gesture_ros.robot.kinematic_model import KinematicModel

Array = npt.NDArray[np.float64]
Pairs = Sequence[tuple[int, int]]
BEYOND_M = 0.02  # parts that stay farther apart than this never touch


def touchable(model: KinematicModel, limits: JointLimits, capsules: Sequence[Capsule], pairs: Pairs
              ) -> list[tuple[int, int]]:
    """Return the pairs of capsules that some configuration might bring together.

    Args:
        model: The robot.
        limits: Of its N joints.
        capsules: All of them.
        pairs: Indices into `capsules`.
    """
    parts = [_Part(model, limits, capsule) for capsule in capsules]
    return [(i, j) for i, j in pairs if _gap(model, parts[i], parts[j]) <= BEYOND_M]


def levers(model: KinematicModel, limits: JointLimits, capsules: Sequence[Capsule], pairs: Pairs) -> Array:
    """Return (N, P) bounds of how far a point of one capsule of a pair moves against the other one.

    Args:
        model: The robot.
        limits: Of its N joints.
        capsules: All of them.
        pairs: P pairs of indices into `capsules`.

    Returns:
        [m/rad] for turning joints, [m/m] for sliding ones; 0 for joints that move both capsules or none.
    """
    per_capsule = np.zeros((len(capsules), len(limits)))
    for row, capsule in zip(per_capsule, capsules):
        part = _Part(model, limits, capsule)
        for body, reach in zip(part.bodies, part.reaches):
            row[body - 1] = 1.0 if model.is_prismatic(body) else reach
    moved_by = model.points([capsule.link for capsule in capsules], np.zeros((len(capsules), 3))).moved_by
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return np.ascontiguousarray(((per_capsule[first] + per_capsule[second]) * (moved_by[first] != moved_by[second])).T)


class _Part:
    """One capsule, and the balls that its axis stays in: one about each joint that carries it.

    Attributes:
        bodies: The pinocchio joint that carries it, its parent, and so on to the root, which is 0.
        ends: (2, 3) in the frame of the first of them [m].
        radius: Of the capsule [m].
        reaches: Radius of the ball about each body but the root [m].
    """

    def __init__(self, model: KinematicModel, limits: JointLimits, capsule: Capsule) -> None:
        body, pose = model.link_pose[capsule.link]
        self.ends = np.array([capsule.start, capsule.stop]) @ pose[:3, :3].T + pose[:3, 3]
        self.radius = capsule.radius
        self.bodies = [body]
        self.reaches: list[float] = []
        reach = float(np.linalg.norm(self.ends, axis=1).max())
        while body:
            if model.is_prismatic(body):
                reach += float(max(abs(limits.lower[body - 1]), abs(limits.upper[body - 1])))
            self.reaches.append(reach)
            reach += float(np.linalg.norm(model.origin(body)))
            body = model.parent(body)
            self.bodies.append(body)


def _gap(model: KinematicModel, part: _Part, other: _Part) -> float:
    """Return a clearance that two parts on different bodies always have [m]; negative where none is certain."""
    shared = next(body for body in part.bodies if body in other.bodies)
    depths = part.bodies.index(shared), other.bodies.index(shared)
    radii = part.radius + other.radius
    if 0 not in depths:
        origin, other_origin = model.origin(part.bodies[depths[0] - 1]), model.origin(other.bodies[depths[1] - 1])
        return float(np.linalg.norm(origin - other_origin)) - part.reaches[depths[0] - 1] \
            - other.reaches[depths[1] - 1] - radii
    still, moved, depth = (part, other, depths[1]) if depths[0] == 0 else (other, part, depths[0])
    origin = model.origin(moved.bodies[depth - 1])
    start, along = still.ends[0], still.ends[1] - still.ends[0]
    share = np.clip((origin - start) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    return float(np.linalg.norm(start + share * along - origin)) - moved.reaches[depth - 1] - radii
