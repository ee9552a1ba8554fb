"""Forward kinematics: positions of many points of a robot at once, and how they change with `q`.

A vector p fixed to a link, in homogeneous coordinates (see `kinematic_model`), moves with the columns of the spatial
Jacobian J (6, N), given at the origin of the root link:

    dp = (p_4 v_n + w_n x p) dq_n        for every joint n that carries the link

One multiplication gives all points of a robot, another their derivatives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.kinematic_model import KinematicModel, LinkVectors

Array = npt.NDArray[np.float64]


def _vector_to_motion() -> Array:
    """(4, 3, 6) from a vector p to the matrix [p_4 I, -p x] that turns a twist (v, w) into its motion."""
    matrices = np.zeros((4, 3, 6))
    matrices[3, :, :3] = np.eye(3)
    matrices[:3, :, 3:] = np.cross(np.eye(3), np.eye(3)[:, None]).swapaxes(1, 2)
    return matrices


VECTOR_TO_MOTION = _vector_to_motion()


class Kinematics:
    """Forward kinematics in one configuration at a time; several may share one model.

    Attributes:
        model: The joints and links.
    """

    def __init__(self, model: KinematicModel) -> None:
        self.model = model
        self._data = model.model.createData()
        # Views of pinocchio's memory: `computeJointJacobians` changes them.
        self._rotations = [pose.rotation for pose in self._data.oMi]
        self._translations = [pose.translation for pose in self._data.oMi]
        self._poses = np.zeros((len(self._rotations), 3, 4))
        self._jacobian = np.zeros((6, len(model.joint_names)))
        self.update(np.zeros(len(model.joint_names)))

    def update(self, q: Array) -> None:
        """Set the configuration (N,) for which the other methods compute; it is zero at first."""
        self.model.pinocchio.computeJointJacobians(self.model.model, self._data, q)
        self._is_copied = False

    def _copy(self) -> None:
        """Copy poses and Jacobian out of pinocchio's memory, once a configuration and only if they are needed."""
        if not self._is_copied:
            self._poses[:, :, :3] = self._rotations
            self._poses[:, :, 3] = self._translations
            self._jacobian[:] = np.reshape(self._data.J, self._jacobian.shape)  # of one joint it is (6,)
            self._is_copied = True

    def place(self, geometry: Any, geometry_data: Any) -> None:
        """Move the objects of a `pinocchio.GeometryModel` of this model to the present configuration."""
        self.model.pinocchio.updateGeometryPlacements(self.model.model, self._data, geometry, geometry_data)

    def positions(self, vectors: LinkVectors) -> Array:
        """Return (P, 3) points [m], or directions, in the root link's frame."""
        self._copy()
        return np.asarray((self._poses.take(vectors.body, axis=0) @ vectors.local[:, :, None])[:, :, 0])

    def origins(self, *links: str) -> Array:
        """Return (L, 3) origins of links in the root link's frame [m]."""
        return self.positions(self.model.points(links, np.zeros((len(links), 3))))

    def rotation(self, link: str) -> Array:
        """Return the (3, 3) orientation of a link in the root link's frame."""
        body, pose = self.model.link_pose[link]
        return np.asarray(self._rotations[body] @ pose[:3, :3])

    def motions(self, positions: Array, vectors: LinkVectors) -> Array:
        """Return (P, 3, N) derivatives of vectors at (P, 3) `positions`; `moved_by` may weigh the joints."""
        self._copy()
        present = np.concatenate([positions, vectors.local[:, 3:]], axis=1)
        motion = (present @ VECTOR_TO_MOTION.reshape(4, 18)).reshape(3 * len(positions), 6) @ self._jacobian
        return np.asarray(motion.reshape(len(positions), 3, self._jacobian.shape[1]) * vectors.moved_by[:, None, :])

    def efforts(self, points: Array, forces: Array) -> Array:
        """Return (P, N) generalised forces of (P, 3) forces at (P, 3) points [m], as if all joints carried them."""
        self._copy()
        vectors = np.ones((len(points), 4))
        vectors[:, :3] = points
        wrenches = (vectors[:, :, None] * forces[:, None, :]).reshape(len(points), 12) @ VECTOR_TO_MOTION.reshape(12, 6)
        return np.asarray(wrenches @ self._jacobian)
