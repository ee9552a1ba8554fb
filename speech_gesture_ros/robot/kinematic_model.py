"""Kinematic model of a robot in pinocchio: the commanded joints; all other joints are locked.

It is built joint by joint from the parsed URDF, so that the order of `q` is that of the description and nothing is
parsed a second time. Points and directions fixed to links have homogeneous coordinates: (x, y, z, 1) is a point,
(x, y, z, 0) a direction, which turns with its link but does not shift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import MissingDependencyError, RobotError
from speech_gesture_ros.robot.link_poses import link_poses
from speech_gesture_ros.robot.urdf import Urdf

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LinkVectors:
    """Points and directions fixed to links, in one array.

    Attributes:
        body: (P,) pinocchio joint that carries each.
        local: (P, 4) homogeneous coordinates in that joint's frame.
        moved_by: (P, N) 1 where joint n moves the vector, else 0.
    """

    body: Indices
    local: Array
    moved_by: Array


def join(*parts: LinkVectors) -> LinkVectors:
    """Return the vectors of several, in their order."""
    return LinkVectors(*(np.concatenate([getattr(part, name) for part in parts])
                         for name in ("body", "local", "moved_by")))


class KinematicModel:
    """Commanded joints of a robot and the links that they carry; never changed after construction.

    Args:
        urdf: The robot.
        joint_names: The N joints in the order of `q`, parents before children.

    Attributes:
        joint_names: The same.
        link_pose: Link name to the pinocchio joint that carries it and its (4, 4) pose in that joint's frame.
        pinocchio: The module.
        model: The `pinocchio.Model`; its joint n + 1 is joint n of `q`.

    Raises:
        RobotError: If the URDF does not have a joint.
        ValueError: If a joint comes before one that carries it.
        MissingDependencyError: If pinocchio is not installed.
    """

    def __init__(self, urdf: Urdf, joint_names: Sequence[str]) -> None:
        try:
            import pinocchio
        except ImportError as error:
            raise MissingDependencyError("pinocchio", "Robot kinematics", "pip install pin") from error
        self.pinocchio: Any = pinocchio
        self.joint_names = tuple(joint_names)
        self.model: Any = pinocchio.Model()
        poses, origins = link_poses(urdf, self.joint_names)
        joints = {joint.name: joint for joint in urdf.joints}
        bodies: dict[str | None, int] = {None: 0}
        for name in self.joint_names:
            if name not in joints:
                raise RobotError(f"joint of {urdf.name}", name, "a joint of the URDF", "Correct the profile.")
            carrier, origin = origins[name]
            if carrier not in bodies:
                raise ValueError(f"joints must be given parents first, got {self.joint_names}")
            kind = pinocchio.JointModelPrismaticUnaligned if joints[name].kind == "prismatic" \
                else pinocchio.JointModelRevoluteUnaligned
            bodies[name] = self.model.addJoint(bodies[carrier], kind(joints[name].axis), pinocchio.SE3(origin), name)
        self.link_pose = {link: (bodies[carrier], pose) for link, (carrier, pose) in poses.items()}
        self._supports = np.zeros((self.model.njoints, len(self.joint_names)))
        for body in range(1, self.model.njoints):
            self._supports[body] = self._supports[self.model.parents[body]]
            self._supports[body, body - 1] = 1.0

    def body(self, link: str) -> int:
        """Return the pinocchio joint that carries a link, 0 for the root."""
        return self.link_pose[link][0]

    def parent(self, body: int) -> int:
        """Return the pinocchio joint that carries another one."""
        return int(self.model.parents[body])

    def origin(self, body: int) -> Array:
        """Return the (3,) origin of a pinocchio joint in the frame of its parent [m]."""
        return np.array(self.model.jointPlacements[body].translation)

    def are_neighbours(self, body: int, other: int) -> bool:
        """Return whether one pinocchio joint carries the other directly."""
        return self.parent(body) == other or self.parent(other) == body

    def is_prismatic(self, body: int) -> bool:
        """Return whether a pinocchio joint is prismatic."""
        return "Prismatic" in self.model.joints[body].shortname()

    def points(self, links: Sequence[str], offsets: Array) -> LinkVectors:
        """Return points (P, 3) given in the frames of links [m]."""
        return self._vectors(links, offsets, 1.0)

    def axes(self, links: Sequence[str], directions: Array) -> LinkVectors:
        """Return directions (P, 3) given in the frames of links."""
        return self._vectors(links, directions, 0.0)

    def _vectors(self, links: Sequence[str], vectors: Array, fourth: float) -> LinkVectors:
        for link in links:
            if link not in self.link_pose:
                raise RobotError("link", link, "a link of the URDF", "Correct the name.")
        placed = [self.link_pose[link] for link in links]
        body = np.array([body for body, _ in placed], dtype=np.int64)
        local = np.array([pose @ [*vector, fourth] for (_, pose), vector in zip(placed, np.asarray(vectors))])
        return LinkVectors(body, local.reshape(-1, 4), self._supports[body])
