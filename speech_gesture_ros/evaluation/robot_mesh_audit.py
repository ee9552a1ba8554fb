"""Audit of commanded motion on a robot's own meshes: frames in which links penetrate each other, depth, pair.

Capsules stand for the links everywhere else; this audit measures what they miss. Links joined by one joint are not
compared. Pairs that touch in nearly all configurations are built into one another; they are named, not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.link_surfaces import LinkSurfaces
from speech_gesture_ros.robot.surface_pairs import SurfacePairs

Array = npt.NDArray[np.float64]

COLLISION, VISUAL = "collision", "visual"  # shapes that are audited
DEEP_M = 0.002  # deeper frames count: less is within the accuracy of meshes and depths
SAMPLES, BUILT_IN = 40, 0.9  # random configurations, and the share of them in which pairs built together touch


@dataclass(frozen=True)
class PairDepth:
    """Two links that lay in one another: frames deeper than `DEEP_M`, and the greatest depth [m]."""

    links: tuple[str, str]
    frames: int
    depth_m: float


@dataclass(frozen=True)
class MeshAudit:
    """Result of one robot.

    Attributes:
        kind: `COLLISION` or `VISUAL`.
        meshes: Number of meshes that were read; nothing is audited without any.
        unreadable: Links whose meshes could not be read.
        frames: Frames audited.
        deep_frames: Those deeper than `DEEP_M`.
        depth_m: Greatest depth [m].
        pairs: Pairs deeper than `DEEP_M`, those with most frames first.
        built_in: Pairs that touch in nearly all configurations.
    """

    kind: str
    meshes: int
    unreadable: int
    frames: int
    deep_frames: int
    depth_m: float
    pairs: tuple[PairDepth, ...]
    built_in: tuple[tuple[str, str], ...]

    @property
    def share(self) -> float:
        """Share of the frames deeper than `DEEP_M`; NaN without meshes."""
        return self.deep_frames / self.frames if self.frames else float("nan")


class MeshAuditor:
    """Surfaces of one robot, and what was found so far.

    Args:
        description: The robot.
        kind: `COLLISION` or `VISUAL`.
    """

    def __init__(self, description: RobotDescription, kind: str = COLLISION) -> None:
        robot = description.model
        self._kind, self._surfaces = kind, self._read(description, kind)
        links = [link for link in robot.urdf.links if self._surfaces.triangles(link)]
        self._kinematics = description.kinematics()
        model = self._kinematics.model
        self._links = [(a, b) for i, a in enumerate(links) for b in links[i + 1:] if model.body(a) != model.body(b)
                       and not model.are_neighbours(model.body(a), model.body(b))]
        self._pairs = SurfacePairs(self._kinematics, [(n, np.concatenate(self._surfaces.triangles(n))) for n in links],
                                   [(links.index(a), links.index(b)) for a, b in self._links])
        self._built_in = self._find_built_in(description)
        self._frames = self._deep_frames = 0
        self._deep = np.zeros(len(self._links), dtype=np.int64)
        self._depth = np.zeros(len(self._links))

    @staticmethod
    def _read(description: RobotDescription, kind: str) -> LinkSurfaces:
        robot = description.model
        return robot.collision_surfaces() if kind == COLLISION else robot.visual_surfaces(robot.urdf.links)

    def _find_built_in(self, description: RobotDescription) -> set[int]:
        random, touches = np.random.default_rng(0), np.zeros(len(self._links))
        for _ in range(SAMPLES):
            self._pairs.update(random.uniform(description.limits.lower, description.limits.upper))
            touches[self._pairs.touching()] += 1
        return set(np.flatnonzero(touches >= BUILT_IN * SAMPLES).tolist())

    def add(self, q: Array) -> None:
        """Audit (T, N) commanded configurations [rad]."""
        if not self._surfaces.meshes:
            return
        for row in q:
            self._pairs.update(row)
            depths = {pair: self._pairs.depth(pair) for pair in self._pairs.touching() if pair not in self._built_in}
            for pair, depth in depths.items():
                self._deep[pair] += depth > DEEP_M
                self._depth[pair] = max(self._depth[pair], depth)
            self._frames += 1
            self._deep_frames += any(depth > DEEP_M for depth in depths.values())

    def result(self) -> MeshAudit:
        """Return what was found in all configurations."""
        order = sorted(np.flatnonzero(self._deep).tolist(), key=lambda pair: -int(self._deep[pair]))
        return MeshAudit(
            self._kind, sum(map(len, self._surfaces.meshes.values())), len(self._surfaces.faults), self._frames,
            self._deep_frames, float(self._depth.max(initial=0.0)),
            tuple(PairDepth(self._links[i], int(self._deep[i]), float(self._depth[i])) for i in order),
            tuple(self._links[i] for i in sorted(self._built_in)))
