"""Contacts of the surfaces of links, as triangles: what capsules stand for.

They are too slow for every frame, and have no gradient. coal searches a tree of boxes around the triangles. It finds
where surfaces cross; a surface inside another one without crossing it is apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]
DEEPEST_M = 0.2  # depths beyond are not measured
DEPTH_STEP_M = 2.5e-4  # accuracy of a depth
WAYS = np.array([[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) != (0, 0, 0)])


class SurfacePairs:
    """Pairs of surfaces; results are for the present configuration of the kinematics.

    Args:
        kinematics: Of the robot.
        surfaces: Links and (F, 3, 3) triangles in their frames [m].
        pairs: Pairs of indices into `surfaces`.
    """

    def __init__(self, kinematics: Kinematics, surfaces: Sequence[tuple[str, Array]],
                 pairs: Sequence[tuple[int, int]]) -> None:
        self._kinematics = kinematics
        self._pin = kinematics.model.pinocchio
        self._geometry = self._pin.GeometryModel()
        used = sorted({i for pair in pairs for i in pair})
        for i in used:
            body, pose = kinematics.model.link_pose[surfaces[i][0]]
            tree = _search_tree(surfaces[i][1])
            self._geometry.addGeometryObject(self._pin.GeometryObject(str(i), body, self._pin.SE3(pose), tree))
        for pair in pairs:
            self._geometry.addCollisionPair(self._pin.CollisionPair(*(used.index(i) for i in pair)))
        self._data = self._geometry.createData()

    def update(self, q: Array) -> None:
        """Set the configuration (N,) of the kinematics."""
        self._kinematics.update(q)
        self._kinematics.place(self._geometry, self._data)

    def touching(self) -> list[int]:
        """Return the indices of the pairs whose surfaces cross."""
        self._pin.computeCollisions(self._geometry, self._data, False)
        return [i for i, result in enumerate(self._data.collisionResults) if result.isCollision()]

    def are_closer(self, pair: int, distance: float) -> bool:
        """Return whether the surfaces of a pair are closer than a distance [m]."""
        self._data.collisionRequests[pair].security_margin = distance
        is_closer = bool(self._pin.computeCollision(self._geometry, self._data, pair))
        self._data.collisionRequests[pair].security_margin = 0.0
        return is_closer

    def depth(self, pair: int) -> float:
        """Return how far one of a pair must be moved along a straight line to clear the other [m], 0 if it is clear.

        The shortest of the ways along 26 directions is taken, so that it is at most a tenth too long.
        """
        import coal

        first, second = (self._geometry.geometryObjects[i] for i in (self._geometry.collisionPairs[pair].first,
                                                                     self._geometry.collisionPairs[pair].second))
        poses = [self._data.oMg[i] for i in (self._geometry.collisionPairs[pair].first,
                                             self._geometry.collisionPairs[pair].second)]
        request, at = coal.CollisionRequest(), [coal.Transform3s(p.rotation, p.translation) for p in poses]

        def touches(shift: Array) -> bool:
            moved = coal.Transform3s(poses[0].rotation, poses[0].translation + shift)
            return bool(coal.collide(first.geometry, moved, second.geometry, at[1], request, coal.CollisionResult()))

        if not touches(np.zeros(3)):
            return 0.0
        shortest = DEEPEST_M
        for way in WAYS / np.linalg.norm(WAYS, axis=1, keepdims=True):
            if touches(shortest * way):
                continue
            inside, outside = 0.0, shortest
            while outside - inside > DEPTH_STEP_M:
                middle = 0.5 * (inside + outside)
                inside, outside = (middle, outside) if touches(middle * way) else (inside, middle)
            shortest = outside
        return shortest


def _search_tree(triangles: Array) -> Any:
    """Return (F, 3, 3) triangles as coal's tree of boxes."""
    import coal

    tree = coal.BVHModelOBBRSS()
    tree.beginModel(len(triangles), 3 * len(triangles))
    tree.addVertices(np.ascontiguousarray(triangles.reshape(-1, 3)))
    tree.addTriangles(np.arange(3 * len(triangles), dtype=np.int64).reshape(-1, 3))
    tree.endModel()
    return tree
