"""Where points of the robot are and how they move: pinocchio's forward kinematics, for many points at once.

The model is built joint by joint from the parsed URDF, with only the joints that gestures move; every other joint is
welded where it stands (0, or the nearest position it can have). Nothing is parsed twice, no reduced model is needed,
and the order of `q` is ours.

A point or axis fixed to a link moves with the columns of the spatial Jacobian J (6, N), given at the world origin:

    dp = (v_k + w_k x p) dq_k        da = (w_k x a) dq_k        for every joint k that carries the link

One multiplication gives all points of a robot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pinocchio as pin

from speech_gesture_ros.retargeting.urdf import Urdf, UrdfJoint

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def locked_position(joint: UrdfJoint) -> float:
    """Where a joint stands that gestures do not move: 0, or the position nearest to it that its limits allow."""
    low = -np.inf if joint.lower is None else joint.lower
    high = np.inf if joint.upper is None else joint.upper
    if joint.kind not in ("revolute", "prismatic") or low > high:
        return 0.0
    return float(np.clip(0.0, low, high))


@dataclass(frozen=True)
class Points:
    """Places fixed to links, in one array.

    Attributes:
        body: (P,) pinocchio joint that carries each.
        local: (P, 3) position, or direction, in that joint's frame.
        carried: (P, N) 1 where joint k moves the point, else 0.
    """

    body: Indices
    local: Array
    carried: Array


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
        self._rotations = np.zeros((self._model.njoints, 3, 3))
        self._translations = np.zeros((self._model.njoints, 3))
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

    def update(self, q: Array) -> None:
        """Set the configuration (N,) that the other methods speak of."""
        pin.computeJointJacobians(self._model, self._data, q)
        for i, pose in enumerate(self._data.oMi):
            self._rotations[i] = pose.rotation
            self._translations[i] = pose.translation
        self._jacobian[:] = self._data.J

    def points(self, links: Sequence[str], offsets: Array) -> Points:
        """Points (P, 3) given in the frames of links [m]."""
        placed = [self.placement[link] for link in links]
        local = [pose[:3, :3] @ o + pose[:3, 3] for (_, pose), o in zip(placed, np.asarray(offsets))]
        return self._at([body for body, _ in placed], local)

    def axes(self, links: Sequence[str], directions: Array) -> Points:
        """Directions (P, 3) given in the frames of links."""
        placed = [self.placement[link] for link in links]
        return self._at([b for b, _ in placed], [p[:3, :3] @ d for (_, p), d in zip(placed, np.asarray(directions))])

    def _at(self, bodies: list[int], local: list[Array]) -> Points:
        body = np.array(bodies, dtype=np.int64)
        return Points(body, np.array(local, dtype=np.float64).reshape(-1, 3), self._supports[body])

    def positions(self, points: Points) -> Array:
        """(P, 3) points in the root link's frame [m]."""
        return self.directions(points) + self._translations[points.body]

    def directions(self, axes: Points) -> Array:
        """(P, 3) directions in the root link's frame."""
        return np.asarray((self._rotations[axes.body] @ axes.local[:, :, None])[:, :, 0])

    def rotation(self, link: str) -> Array:
        """(3, 3) orientation of a link in the root link's frame."""
        body, pose = self.placement[link]
        return np.asarray(self._rotations[body] @ pose[:3, :3])

    def position_jacobian(self, positions: Array, carried: Array) -> Array:
        """(P, 3, N) how points at (P, 3) positions [m] move, carried by the joints that (P, N) says."""
        return (skew(positions, -1.0) @ self._jacobian[3:] + self._jacobian[:3]) * carried[:, None, :]

    def direction_jacobian(self, directions: Array, carried: Array) -> Array:
        """(P, 3, N) how (P, 3) directions turn, carried by the joints that (P, N) says."""
        return (skew(directions, -1.0) @ self._jacobian[3:]) * carried[:, None, :]


def skew(vectors: Array, sign: float = 1.0) -> Array:
    """(P, 3, 3) matrices S with S w = sign * (v x w)."""
    matrices = np.zeros((len(vectors), 3, 3))
    x, y, z = vectors[:, 0] * sign, vectors[:, 1] * sign, vectors[:, 2] * sign
    matrices[:, 0, 1], matrices[:, 0, 2], matrices[:, 1, 2] = -z, y, -x
    matrices[:, 1, 0], matrices[:, 2, 0], matrices[:, 2, 1] = z, -y, x
    return matrices


def joint_motion(joint: UrdfJoint, position: float) -> Array:
    """(4, 4) what a joint adds to its origin when it stands at a position [rad or m]."""
    motion = np.eye(4)
    if joint.kind == "prismatic":
        motion[:3, 3] = position * joint.axis
    else:
        motion[:3, :3] = pin.exp3(position * joint.axis)
    return motion
