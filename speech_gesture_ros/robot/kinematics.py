"""Where points of the robot are and how they move: pinocchio's forward kinematics, for many points at once.

The model is built joint by joint from the parsed URDF, with only the joints that gestures move; every other joint is
welded where it stands (0, or the nearest position it can have). Nothing is parsed twice, no reduced model is needed,
and the order of `q` is ours.

Points and directions are both *places* with four numbers: (x, y, z, 1) is a point, (x, y, z, 0) a direction, which
turns but does not shift. A place p fixed to a link moves with the columns of the spatial Jacobian J (6, N), given at
the world origin:

    dp = (p_4 v_k + w_k x p) dq_k        for every joint k that carries the link

One multiplication gives all places of a robot, another how they move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pinocchio as pin

from speech_gesture_ros.robot.urdf import Urdf, UrdfJoint

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def _place_to_motion() -> Array:
    """(4, 3, 6) from a place p to the matrix [p_4 I, -p x] that turns a twist (v, w) into its motion."""
    matrices = np.zeros((4, 3, 6))
    matrices[3, :, :3] = np.eye(3)
    matrices[:3, :, 3:] = np.cross(np.eye(3), np.eye(3)[:, None]).swapaxes(1, 2)
    return matrices


PLACE_TO_MOTION = _place_to_motion()


def locked_position(joint: UrdfJoint) -> float:
    """Where a joint stands that gestures do not move: 0, or the position nearest to it that its limits allow."""
    low = -np.inf if joint.lower is None else joint.lower
    high = np.inf if joint.upper is None else joint.upper
    if joint.kind not in ("revolute", "prismatic") or low > high:
        return 0.0
    return float(np.clip(0.0, low, high))


@dataclass(frozen=True)
class Places:
    """Places fixed to links, in one array.

    Attributes:
        body: (P,) pinocchio joint that carries each.
        local: (P, 4) point or direction in that joint's frame.
        carried: (P, N) 1 where joint k moves the place, else 0.
    """

    body: Indices
    local: Array
    carried: Array


def join(*parts: Places) -> Places:
    """All places of several, in their order."""
    return Places(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("body", "local", "carried")))


class Kinematics:
    """Forward kinematics of the joints that gestures move.

    Attributes:
        joint_names: The N joints in the order of `q`.
        placement: Link name to the pinocchio joint that carries it and its (4, 4) pose in that joint's frame.
    """

    def __init__(self, urdf: Urdf, joint_names: Sequence[str]) -> None:
        self.joint_names = tuple(joint_names)
        self._model = pin.Model()
        self.placement: dict[str, tuple[int, Array]] = {urdf.root: (0, np.eye(4))}
        self._add_joints(urdf)
        self._data = self._model.createData()
        self._supports = np.zeros((self._model.njoints, len(joint_names)))
        for i in range(1, self._model.njoints):
            self._supports[i] = self._supports[self._model.parents[i]]
            self._supports[i, i - 1] = 1.0
        # These see into pinocchio's own memory: `computeJointJacobians` changes them.
        self._rotations = [pose.rotation for pose in self._data.oMi]
        self._translations = [pose.translation for pose in self._data.oMi]
        self._poses = np.zeros((self._model.njoints, 3, 4))
        self._jacobian = np.zeros((6, len(joint_names)))
        self.update(np.zeros(len(joint_names)))

    def _add_joints(self, urdf: Urdf) -> None:
        """Joints in the order of `joint_names`, each link on the last moved joint above it."""
        carried = urdf.parent_joint()

        def place(link: str) -> tuple[int, Array]:
            if link not in self.placement:
                joint = carried[link]
                body, pose = place(joint.parent)
                pose = pose @ joint.origin
                if joint.name in self.joint_names:
                    model = pin.JointModelPrismaticUnaligned if joint.kind == "prismatic" \
                        else pin.JointModelRevoluteUnaligned
                    body = self._model.addJoint(body, model(joint.axis), pin.SE3(pose), joint.name)
                    pose = np.eye(4)
                elif joint.kind in ("revolute", "prismatic"):
                    pose = pose @ joint_motion(joint, locked_position(joint))
                self.placement[link] = (body, pose)
            return self.placement[link]

        children = {j.name: j.child for j in urdf.joints}
        for name in self.joint_names:
            place(children[name])
        for link in urdf.links:
            place(link)
        if tuple(self._model.names)[1:] != self.joint_names:
            raise ValueError(f"joints must be given parents first, got {self.joint_names}")

    def are_neighbours(self, body: int, other: int) -> bool:
        """Whether one pinocchio joint carries the other directly."""
        parents = self._model.parents
        return bool(parents[body] == other or parents[other] == body)

    def slides(self, body: int) -> bool:
        """Whether a pinocchio joint is prismatic."""
        return "Prismatic" in self._model.joints[body].shortname()

    def seat(self, body: int) -> tuple[int, Array]:
        """The pinocchio joint that carries another, and where that one sits in it (3,) [m]."""
        return int(self._model.parents[body]), np.array(self._model.jointPlacements[body].translation)

    def update(self, q: Array) -> None:
        """Set the configuration (N,) that the other methods speak of."""
        pin.computeJointJacobians(self._model, self._data, q)
        self._poses[:, :, :3] = self._rotations
        self._poses[:, :, 3] = self._translations
        self._jacobian[:] = self._data.J

    def points(self, links: Sequence[str], offsets: Array) -> Places:
        """Points (P, 3) given in the frames of links [m]."""
        return self._at(links, offsets, 1.0)

    def axes(self, links: Sequence[str], directions: Array) -> Places:
        """Directions (P, 3) given in the frames of links."""
        return self._at(links, directions, 0.0)

    def _at(self, links: Sequence[str], vectors: Array, fourth: float) -> Places:
        placed = [self.placement[link] for link in links]
        body = np.array([body for body, _ in placed], dtype=np.int64)
        local = np.array([pose @ [*vector, fourth] for (_, pose), vector in zip(placed, np.asarray(vectors))])
        return Places(body, local.reshape(-1, 4), self._supports[body])

    def positions(self, places: Places) -> Array:
        """(P, 3) where points are [m], or directions point, in the root link's frame."""
        return np.asarray((self._poses.take(places.body, axis=0) @ places.local[:, :, None])[:, :, 0])

    def rotation(self, link: str) -> Array:
        """(3, 3) orientation of a link in the root link's frame."""
        body, pose = self.placement[link]
        return np.asarray(self._rotations[body] @ pose[:3, :3])

    def motions(self, positions: Array, places: Places) -> Array:
        """(P, 3, N) how places at (P, 3) `positions` move with `q`; `carried` may weigh the joints."""
        present = np.concatenate([positions, places.local[:, 3:]], axis=1)
        motion = (present @ PLACE_TO_MOTION.reshape(4, 18)).reshape(-1, 6) @ self._jacobian
        return np.asarray(motion.reshape(len(positions), 3, -1) * places.carried[:, None, :])

    def efforts(self, points: Array, forces: Array) -> Array:
        """(P, N) what each joint feels of (P, 3) forces at (P, 3) points [m]: the motion along each, carried by all."""
        places = np.ones((len(points), 4))
        places[:, :3] = points
        wrenches = (places[:, :, None] * forces[:, None, :]).reshape(-1, 12) @ PLACE_TO_MOTION.reshape(12, 6)
        return np.asarray(wrenches @ self._jacobian)


def joint_motion(joint: UrdfJoint, position: float) -> Array:
    """(4, 4) what a joint adds to its origin when it stands at a position [rad or m]."""
    motion = np.eye(4)
    if joint.kind == "prismatic":
        motion[:3, 3] = position * joint.axis
    else:
        motion[:3, :3] = pin.exp3(position * joint.axis)
    return motion
