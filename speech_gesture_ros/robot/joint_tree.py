"""Tree of movable joints of a robot, and the limbs in it, through fixed joints in between.

All joints are locked: at 0, or at the position nearest to it that their limits allow.

    base ── joint ── joint ┬─ joint ── joint ── joint      a limb: no branching, until fingers begin
                           └─ joint ── joint ── joint
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.link_poses import link_poses
from speech_gesture_ros.robot.urdf import Urdf, UrdfJoint

MAX_ARM_JOINTS = 8
PARALLEL = 0.05  # squared sine of an angle below which axes are parallel
FINGER = re.compile(r"finger|thumb|gripper|index|middle|ring|pinky|little|grip|claw|knuckle", re.IGNORECASE)
Array = npt.NDArray[np.float64]


class JointTree:
    """Joints of a robot, and the poses of its links while all joints are locked.

    Attributes:
        urdf: The robot.
        position: Link name to (3,) its origin [m].
        rotation: Link name to (3, 3) its orientation.
        parent_joint: Link name to the joint that carries it.
    """

    def __init__(self, urdf: Urdf) -> None:
        self.urdf = urdf
        poses, _ = link_poses(urdf)
        self.position = {link: pose[:3, 3] for link, (_, pose) in poses.items()}
        self.rotation = {link: pose[:3, :3] for link, (_, pose) in poses.items()}
        self.parent_joint = urdf.parent_joint
        self._leaders = {joint.mimic for joint in urdf.joints if joint.mimic}  # they open a hand
        self._children: dict[str, list[UrdfJoint]] = {}
        for joint in urdf.joints:
            self._children.setdefault(joint.parent, []).append(joint)

    def children(self, link: str) -> list[UrdfJoint]:
        """Return the joints on a link, fixed ones included."""
        return self._children.get(link, [])

    def next_joints(self, link: str) -> list[UrdfJoint]:
        """Return the first movable joints below a link, through fixed ones."""
        found: list[UrdfJoint] = []
        for joint in self._children.get(link, []):
            found += [joint] if joint.is_movable else self.next_joints(joint.child)
        return found

    def rigid_links(self, link: str) -> list[str]:
        """Return a link and all links fixed to it below."""
        links = [link]
        for joint in self._children.get(link, []):
            if joint.kind == "fixed":
                links += self.rigid_links(joint.child)
        return links

    def rigid_root(self, link: str) -> str:
        """Return the first of the links that are fixed to a link above it, and carry it."""
        while link in self.parent_joint and self.parent_joint[link].kind == "fixed":
            link = self.parent_joint[link].parent
        return link

    def all_links(self, link: str) -> list[str]:
        """Return a link and all links below it."""
        return [link, *(name for j in self._children.get(link, []) for name in self.all_links(j.child))]

    def chain(self, joint: UrdfJoint) -> list[UrdfJoint]:
        """Return the limb that starts with a joint: to the next branching, fingers, the end, or `MAX_ARM_JOINTS`."""
        limb = [joint]
        while len(limb) < MAX_ARM_JOINTS:
            onwards = [j for j in self.next_joints(limb[-1].child) if j.kind != "prismatic"]
            long = [j for j in onwards if len(self._longest(j)) > 1]
            if len(onwards) != 1 and len(long) == 1:
                onwards = long
            if len(onwards) != 1 or onwards[0].name in self._leaders \
                    or FINGER.search(onwards[0].name) or FINGER.search(onwards[0].child):
                break
            limb += onwards
        return limb

    def axis(self, joint: UrdfJoint) -> Array:
        """Return the (3,) unit axis of a joint in the root link's frame."""
        return np.asarray(self.rotation[joint.child] @ joint.axis)

    def meeting(self, joint: UrdfJoint, after: UrdfJoint, otherwise: Array) -> Array:
        """Return the point (3,) of a joint's axis nearest to the next axis, to `otherwise` for parallel axes [m]."""
        axis, next_axis, start = self.axis(joint), self.axis(after), self.position[joint.child]
        cosine = float(axis @ next_axis)
        if 1 - cosine**2 <= PARALLEL:
            return np.asarray(start + axis * (axis @ (otherwise - start)))
        between = start - self.position[after.child]
        return np.asarray(start + axis * float(cosine * (next_axis @ between) - axis @ between) / (1 - cosine**2))

    def _longest(self, joint: UrdfJoint) -> list[UrdfJoint]:
        tails = [self._longest(j) for j in self.next_joints(joint.child)]
        return [joint, *max(tails, key=len, default=[])]
