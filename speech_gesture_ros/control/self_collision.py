"""Whether a configuration, or the way through many, keeps the robot's capsules apart.

A way is checked with few distance computations. From one configuration with distance d between a pair of capsules,
nothing can touch until some point has moved by d, and turning joint n by a moves no point by more than a times its
lever arm. So after each computation the knots that surely are clear are skipped:

    Q   ●━━━━━━━━━━━━━━━━●━━━━━━━━━━━━━━━━━━━━━━━●   ● computed   ━ clear because the capsules cannot have got there

How far each pair surely still is from touching, its *room*, is remembered and counted down as the joints turn. Usually
that alone clears nearly all pairs for the whole way; only the suspects among them are computed, and have their room
back. What is remembered changes the time, never the answer.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import MissingDependencyError, RobotError
from speech_gesture_ros.core.robot import Capsule, RobotDescription

Array = npt.NDArray[np.float64]

MARGIN_M = 0.01  # capsules closer than this count as touching
MANY = 0.5  # share of suspects among the pairs from which on it is quicker to compute all


class SelfCollisionChecker:
    """Distances between the capsule pairs of a robot; joints that are not moved stand at 0, or as near as they can.

    Args:
        description: Capsules and pairs; without pairs everything is clear and no geometry library is needed.

    Raises:
        RobotError: If the URDF cannot be read or lacks a link or joint.
        MissingDependencyError: If there are pairs to check and pinocchio is not installed.
    """

    def __init__(self, description: RobotDescription) -> None:
        self._pairs = description.collision_pairs
        self._body = _Body(description) if self._pairs else None
        self._floors = np.full(len(self._pairs), MARGIN_M)
        self.is_in_contact = False  # whether some pair is allowed closer than the margin
        self._q = np.zeros(len(description.joint_names))
        self._room = self.distances(self._q) - self._floors  # (P,) or less, at `_q`

    def accept_contact(self, q: Array) -> None:
        """Let pairs that are closer than the margin at `q` be as close, never closer; `MARGIN_M` for the rest.

        To be called where the robot stands, and again on its way: the floor rises with the distance, so that a
        robot found in contact can leave it and not return.
        """
        if self._body is None:
            return
        distances = self._body.distances(q)
        self._floors = np.minimum(MARGIN_M, distances - 1e-4)
        self.is_in_contact = bool((self._floors < MARGIN_M).any())
        self._q, self._room = np.array(q), distances - self._floors

    def distances(self, q: Array) -> Array:
        """Distance of each pair (P,) [m] at `q` (N,); negative: how deep they overlap."""
        return self._body.distances(q) if self._body else np.zeros(0)

    def min_distance(self, q: Array) -> float:
        """Smallest distance of any pair [m]; infinite without pairs."""
        return float(np.min(self.distances(q), initial=np.inf))

    def first_collision(self, path: Array) -> int | None:
        """Row of the first configuration of `path` (K, N) with a pair closer than its floor; None if clear."""
        if self._body is None or len(path) == 0:
            return None
        suspects = self._suspects(self._body, path)
        row = 0
        while len(suspects) and row < len(path):
            room = self._body.distances_of(path[row], suspects) - self._floors[suspects]
            if (room < 0).any():
                return row
            travel = np.abs(path[row + 1:] - path[row]) @ self._body.levers[:, suspects]  # (K', S)
            is_unsure = (travel >= room).any(axis=1)
            row += 1 + int(np.argmax(is_unsure)) if is_unsure.any() else len(path)
        return None

    def _suspects(self, body: _Body, path: Array) -> npt.NDArray[np.intp]:
        """Pairs that might be closer than their floor somewhere on `path`, by their room at its first row."""
        self._room = self._room - np.abs(path[0] - self._q) @ body.levers
        self._q = np.array(path[0])
        travel = np.abs(path - self._q).max(axis=0) @ body.levers  # (P,) no row is farther
        suspects = (~(travel < self._room)).nonzero()[0]
        if len(suspects) > MANY * len(self._room):
            self._room = body.distances(self._q) - self._floors
        elif len(suspects):
            self._room[suspects] = body.distances_of(self._q, suspects) - self._floors[suspects]
        return np.asarray(suspects[~(travel[suspects] < self._room[suspects])])


class _Body:
    """The robot in pinocchio, with one geometry object a capsule."""

    def __init__(self, description: RobotDescription) -> None:
        try:
            import coal
            import pinocchio
        except ImportError as error:
            raise MissingDependencyError("pinocchio", "checking self-collision", "pip install pin") from error
        self._pin = pinocchio
        try:
            bones, still = _bones(description.urdf)
            self._model = pinocchio.buildModelFromXML(bones)
        except (ValueError, ET.ParseError) as error:
            raise RobotError(f"URDF of {description.name}", "unreadable", "valid URDF", str(error)) from error
        for name in description.joint_names:
            if not self._model.existJointName(name):
                raise RobotError(f"joint of {description.name}", name, "a joint of the URDF", "Correct the profile.")
        self._data = self._model.createData()
        self._neutral = pinocchio.neutral(self._model)
        for name, position in still.items():
            self._neutral[self._model.joints[self._model.getJointId(name)].idx_q] = position
        self._columns = [self._model.joints[self._model.getJointId(n)] for n in description.joint_names]
        self._simple = np.array([j.idx_q for j in self._columns])
        self._turning = [n for n, j in enumerate(self._columns) if j.nq == 2]  # continuous joints: (cos, sin)
        self._geometry = pinocchio.GeometryModel()
        for number, capsule in enumerate(description.capsules):
            self._geometry.addGeometryObject(_geometry_object(pinocchio, coal, self._model, number, capsule))
        for first, second in description.collision_pairs:
            self._geometry.addCollisionPair(pinocchio.CollisionPair(first, second))
        self._geometry_data = self._geometry.createData()
        self.levers = _levers(self._model, self._geometry, description)

    def distances(self, q: Array) -> Array:
        """(P,) at q (N,)."""
        self._pin.computeDistances(self._model, self._data, self._geometry, self._geometry_data, self._full(q))
        return np.array([result.min_distance for result in self._geometry_data.distanceResults])

    def distances_of(self, q: Array, pairs: npt.NDArray[np.intp]) -> Array:
        """Those of some pairs."""
        self._pin.updateGeometryPlacements(self._model, self._data, self._geometry, self._geometry_data, self._full(q))
        compute, geometry, data = self._pin.computeDistance, self._geometry, self._geometry_data
        return np.array([compute(geometry, data, pair).min_distance for pair in pairs.tolist()])

    def _full(self, q: Array) -> Array:
        full: Array = self._neutral.copy()
        full[self._simple] = q
        for n in self._turning:
            full[self._simple[n]:self._simple[n] + 2] = np.cos(q[n]), np.sin(q[n])
        return full


def _bones(urdf: str) -> tuple[str, dict[str, float]]:
    """The joints of a URDF with nothing that libraries stumble over, and where those stand that cannot be at 0."""
    bones = ET.Element("robot", name="robot")
    still: dict[str, float] = {}
    for element in ET.fromstring(urdf):
        if element.tag == "link":
            ET.SubElement(bones, "link", name=element.get("name", ""))
        elif element.tag == "joint":
            kind, name = element.get("type", ""), element.get("name", "")
            joint = ET.SubElement(bones, "joint", name=name, type=kind)
            joint.extend(e for tag in ("parent", "child", "origin", "axis") for e in element.findall(tag)[:1])
            ET.SubElement(joint, "limit", lower="-1", upper="1", effort="1", velocity="1")
            limit = element.find("limit")
            if kind in ("revolute", "prismatic") and limit is not None:
                lower, upper = (float(limit.get(key, "").strip() or end)
                                for key, end in (("lower", "-inf"), ("upper", "inf")))
                still[name] = min(max(0.0, lower), upper) if lower <= upper else 0.0
    return ET.tostring(bones, encoding="unicode"), still


def _geometry_object(pin: Any, coal: Any, model: Any, number: int, capsule: Capsule) -> Any:
    if not model.existBodyName(capsule.link):
        raise RobotError("link of a capsule", capsule.link, "a link of the URDF", "Correct the capsules.")
    frame_id = model.getBodyId(capsule.link)
    frame = model.frames[frame_id]
    start, stop = np.array(capsule.start), np.array(capsule.stop)
    length = float(np.linalg.norm(stop - start))
    z = np.array([0.0, 0.0, 1.0])
    along = (stop - start) / length if length > 0 else z
    turn = pin.Quaternion.FromTwoVectors(z, along).toRotationMatrix()
    placement = frame.placement * pin.SE3(turn, (start + stop) / 2)
    shape = coal.Capsule(capsule.radius, length) if length > 0 else coal.Sphere(capsule.radius)
    return pin.GeometryObject(f"{capsule.link}_{number}", frame.parentJoint, frame_id, placement, shape)


def _levers(model: Any, geometry: Any, description: RobotDescription) -> Array:
    """(N, P) metres by which a point of one capsule of a pair moves at most against the other, per unit of q."""
    links = [(obj.parentJoint, obj.placement, obj.geometry) for obj in geometry.geometryObjects]
    levers = np.zeros((len(description.joint_names), len(description.collision_pairs)))
    lengths = _segment_lengths(model, description)
    for p, pair in enumerate(description.collision_pairs):
        chains = [_chain(model, links[index][0]) for index in pair]
        for index, chain, other in zip(pair, chains, reversed(chains)):
            _, placement, shape = links[index]
            half = getattr(shape, "halfLength", 0.0)
            lever = float(np.linalg.norm(placement.translation)) + half
            for joint_id in chain:  # from the capsule towards the root
                name = model.names[joint_id]
                if joint_id not in other and name in description.joint_names:
                    n = description.joint_names.index(name)
                    is_prismatic = model.joints[joint_id].shortname().startswith("JointModelP")
                    levers[n, p] += 1.0 if is_prismatic else lever
                lever += lengths[joint_id]
    return levers


def _chain(model: Any, joint_id: int) -> list[int]:
    chain = []
    while joint_id > 0:
        chain.append(joint_id)
        joint_id = model.parents[joint_id]
    return chain


def _segment_lengths(model: Any, description: RobotDescription) -> Array:
    """Largest distance of each joint's origin from its parent's [m]; a sliding joint adds its travel."""
    lengths = np.array([np.linalg.norm(placement.translation) for placement in model.jointPlacements])
    travel = np.maximum(np.abs(description.limits.lower), np.abs(description.limits.upper))
    for name, reach in zip(description.joint_names, travel):
        joint_id = model.getJointId(name)
        if model.joints[joint_id].shortname().startswith("JointModelP"):
            lengths[joint_id] += reach
    return lengths
