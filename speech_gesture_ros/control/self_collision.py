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
from speech_gesture_ros.robot.description import Capsule, RobotDescription

Array = npt.NDArray[np.float64]

MARGIN_M = 0.01  # capsules closer than this count as touching
MANY = 0.5  # share of suspects among the pairs from which on it is quicker to compute all
FEW = 96  # pairs up to which one by one, in C++, is quicker than all at once in NumPy
BETWEEN = 4  # configurations looked at between two knots, where a pair could have passed
TINY = 1e-12


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
        """Row of the first configuration of `path` (K, N) with a pair closer than its floor; None if clear.

        Between rows it goes straight; a pair that comes too close there counts for the later row.
        """
        if self._body is None or len(path) == 0:
            return None
        suspects = self._suspects(self._body, path)
        levers, floors = self._body.levers[:, suspects], self._floors[suspects]
        row, reached = 0, np.full(len(suspects), np.inf)  # how far each pair may have come since it was computed last
        while len(suspects) and row < len(path):
            room = self._body.distances_of(path[row], suspects) - floors
            if (room < 0).any() or not self._is_clear_between(path, row, suspects[reached > room + 2 * MARGIN_M]):
                return row
            travel = np.abs(path[row + 1:] - path[row]) @ levers  # (K', S)
            is_unsure = travel >= room
            rows, left = is_unsure.any(axis=1), is_unsure.any(axis=0)
            if not rows.any():
                return None
            ahead = int(np.argmax(rows))  # until there all are clear, and those not left are clear to the end
            row, reached = row + 1 + ahead, (travel[ahead] - room)[left]
            suspects, levers, floors = suspects[left], levers[:, left], floors[left]
        return None

    def _is_clear_between(self, path: Array, row: int, suspects: npt.NDArray[np.intp]) -> bool:
        """Whether the way to a row from the one before it, straight, keeps pairs apart that may have passed."""
        if self._body is None or row == 0 or len(suspects) == 0:
            return True
        ways = np.linspace(path[row - 1], path[row], BETWEEN + 2)[1:-1]
        return all((self._body.distances_of(q, suspects) >= self._floors[suspects]).all() for q in ways)

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
    """The robot's joints in pinocchio, with the ends of all capsules."""

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
        carried = [_carried(self._model, capsule) for capsule in description.capsules]
        joints, self._carrier = np.unique([joint for joint, _ in carried], return_inverse=True)
        ends = np.array([ends for _, ends in carried])  # (C, 3, 2) in the carrier's frame
        # (C, 4, 2) the start of each capsule, which a pose turns and shifts, and the way to its end, which it turns.
        self._segments = np.zeros((len(carried), 4, 2))
        self._segments[:, :3, 0], self._segments[:, 3, 0] = ends[:, :, 0], 1.0
        self._segments[:, :3, 1] = ends[:, :, 1] - ends[:, :, 0]
        self._first, self._second = np.array(description.collision_pairs).T
        radius = np.array([capsule.radius for capsule in description.capsules])
        self._radii = radius[self._first] + radius[self._second]
        # These see into pinocchio's own memory: `forwardKinematics` changes them.
        self._rotations = [self._data.oMi[int(joint)].rotation for joint in joints]
        self._translations = [self._data.oMi[int(joint)].translation for joint in joints]
        self._poses = np.zeros((len(joints), 3, 4))
        self._geometry = pinocchio.GeometryModel()
        for number, (capsule, (joint, its_ends)) in enumerate(zip(description.capsules, carried)):
            self._geometry.addGeometryObject(_geometry_object(pinocchio, coal, number, capsule.radius, joint, its_ends))
        for pair in description.collision_pairs:
            self._geometry.addCollisionPair(pinocchio.CollisionPair(*pair))
        self._geometry_data = self._geometry.createData()
        reach = np.linalg.norm(ends, axis=1).max(axis=1)
        self.levers = _levers(self._model, joints[self._carrier], reach, description)

    def distances(self, q: Array) -> Array:
        """(P,) at q (N,)."""
        return self.distances_of(q, np.arange(len(self._radii)))

    def distances_of(self, q: Array, pairs: npt.NDArray[np.intp]) -> Array:
        """Those of some pairs: few one by one, many at once."""
        if len(pairs) > FEW:
            return self._distances_at_once(q, pairs)
        geometry, data = self._geometry, self._geometry_data
        self._pin.updateGeometryPlacements(self._model, self._data, geometry, data, self._full(q))
        return np.array([self._pin.computeDistance(geometry, data, pair).min_distance for pair in pairs.tolist()])

    def _distances_at_once(self, q: Array, pairs: npt.NDArray[np.intp]) -> Array:
        self._pin.forwardKinematics(self._model, self._data, self._full(q))
        self._poses[:, :, :3], self._poses[:, :, 3] = self._rotations, self._translations
        start, along = np.moveaxis(self._poses[self._carrier] @ self._segments, 2, 0)  # (C, 3) each
        first, second = self._first[pairs], self._second[pairs]
        gap = segment_distances(start.take(first, axis=0), along.take(first, axis=0),
                                start.take(second, axis=0), along.take(second, axis=0))
        return np.asarray(gap - self._radii[pairs])

    def _full(self, q: Array) -> Array:
        full: Array = self._neutral.copy()
        full[self._simple] = q
        for n in self._turning:
            full[self._simple[n]:self._simple[n] + 2] = np.cos(q[n]), np.sin(q[n])
        return full


def segment_distances(start: Array, along: Array, other_start: Array, across: Array) -> Array:
    """(P,) distances between segments, each given by its start and the way to its end, all (P, 3) [m].

    The closest points are those of the lines, brought back to the segments one after the other (Ericson, Real-Time
    Collision Detection, 2005, section 5.1.9).
    """
    apart = start - other_start
    a, e = np.maximum(_dot(along, along), TINY), np.maximum(_dot(across, across), TINY)
    b, c, f = _dot(along, across), _dot(along, apart), _dot(across, apart)
    ae = a * e
    s = _share((b * f - c * e) / np.maximum(ae - b * b, TINY * ae))
    t = _share((b * s + f) / e)
    s = _share((b * t - c) / a)
    between = apart + s[:, None] * along - t[:, None] * across
    return np.sqrt(_dot(between, between))


def _dot(one: Array, other: Array) -> Array:
    return np.asarray(np.einsum("pc,pc->p", one, other))


def _share(value: Array) -> Array:
    return np.minimum(np.maximum(value, 0.0), 1.0)


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


def _carried(model: Any, capsule: Capsule) -> tuple[int, Array]:
    """The joint that carries a capsule, and the capsule's ends (3, 2) in that joint's frame."""
    if not model.existBodyName(capsule.link):
        raise RobotError("link of a capsule", capsule.link, "a link of the URDF", "Correct the capsules.")
    frame = model.frames[model.getBodyId(capsule.link)]
    ends = np.array([capsule.start, capsule.stop], dtype=np.float64).T
    return int(frame.parentJoint), frame.placement.rotation @ ends + frame.placement.translation[:, None]


def _geometry_object(pin: Any, coal: Any, number: int, radius: float, joint: int, ends: Array) -> Any:
    """A capsule between two ends (3, 2) in its joint's frame."""
    along = ends[:, 1] - ends[:, 0]
    length = float(np.linalg.norm(along))
    z = np.array([0.0, 0.0, 1.0])
    turn = pin.Quaternion.FromTwoVectors(z, along / length if length > 0 else z).toRotationMatrix()
    shape = coal.Capsule(radius, length) if length > 0 else coal.Sphere(radius)
    return pin.GeometryObject(f"capsule_{number}", joint, pin.SE3(turn, ends.mean(axis=1)), shape)


def _levers(model: Any, carriers: npt.NDArray[np.intp], reach: Array, description: RobotDescription) -> Array:
    """(N, P) metres by which a point of one capsule of a pair moves at most against the other, per unit of q.

    Args:
        model: The robot in pinocchio.
        carriers: (C,) joint that carries each capsule.
        reach: (C,) distance of its farther end from that joint [m].
        description: Joints and pairs.
    """
    levers = np.zeros((len(description.joint_names), len(description.collision_pairs)))
    lengths = _segment_lengths(model, description)
    column = {model.getJointId(name): n for n, name in enumerate(description.joint_names)}
    slides = [model.joints[i].shortname().startswith("JointModelP") for i in range(model.njoints)]
    chains = [_chain(model, int(joint)) for joint in carriers]
    for p, pair in enumerate(description.collision_pairs):
        for index, other in zip(pair, reversed(pair)):
            lever = float(reach[index])
            for joint_id in chains[index]:  # from the capsule towards the root
                if joint_id in column and joint_id not in chains[other]:
                    levers[column[joint_id], p] += 1.0 if slides[joint_id] else lever
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
