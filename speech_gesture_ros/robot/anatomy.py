"""Anatomy of a robot: torso, head and the two arms in its tree of joints, for any names and any zero pose.

The criteria do not depend on the zero pose:

    arms       the highest pair of limbs with equal distances between axes (`arm_pair`), and their parts (`arm_parts`)
    chest      the link that carries both; the waist carries the chest, without the joints of a mobile base
    head       the chain beside the arms that reaches highest
    legs       limbs called legs (`leg_parts`)

"Up" is z of the root link; "forward" is square to up and to the line through the shoulders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.robot.arm_pair import find_arms
from speech_gesture_ros.robot.arm_parts import arm_links
from speech_gesture_ros.robot.description import BodyLinks
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.leg_parts import find_legs
from speech_gesture_ros.robot.urdf import Urdf, UrdfJoint

MAX_NECK_JOINTS, MAX_TORSO_JOINTS = 3, 4
UPRIGHT = 0.9  # smallest z of an upright unit axis
SAME_PLACE_M = 0.01
NO_HEAD = re.compile("velodyne|lidar|laser|radar|scan", re.IGNORECASE)  # turning sensors, often on top of a head


@dataclass(frozen=True)
class Anatomy:
    """Links of the body parts and the joints that move them, from the body outwards."""

    body: BodyLinks
    torso: tuple[UrdfJoint, ...]
    head: tuple[UrdfJoint, ...]
    left_arm: tuple[UrdfJoint, ...]
    right_arm: tuple[UrdfJoint, ...]
    notes: tuple[str, ...]

    @property
    def groups(self) -> dict[str, tuple[UrdfJoint, ...]]:
        """Group name to joints, without parts that the robot does not have."""
        named = {"torso": self.torso, "head": self.head, "left_arm": self.left_arm, "right_arm": self.right_arm}
        return {name: joints for name, joints in named.items() if joints}


def find_anatomy(tree: JointTree) -> Anatomy:
    """Find the body parts of a robot.

    Raises:
        RobotError: If it has no pair of arms, or more like arms than two.
    """
    urdf = tree.urdf
    notes: list[str] = []
    left, right = find_arms(tree, notes)
    chest = _common_link(urdf, left[0], right[0])
    torso = _waist(tree, chest)
    head = _head(tree, chest, {left[0].name, right[0].name}, torso)
    parts = [arm_links(tree, arm, notes, side) for arm, side in ((left, "left"), (right, "right"))]
    head_link = head[-1].child if head else None
    if head_link is None:
        notes.append("no movable neck found: the head is not moved")
    if not torso:
        notes.append("no movable waist found: the torso is not moved")
    body = BodyLinks(base=urdf.root, torso=chest, head=head_link, left_arm=parts[0], right_arm=parts[1],
                     legs=find_legs(tree, chest))
    return Anatomy(body, torso, tuple(head), tuple(left), tuple(right), tuple(notes))


def _common_link(urdf: Urdf, left: UrdfJoint, right: UrdfJoint) -> str:
    """Return the last link that carries both joints."""
    link = urdf.root
    for a, b in zip(urdf.path(left.child), urdf.path(right.child)):
        if a.name != b.name:
            break
        link = a.child
    return link


def _waist(tree: JointTree, chest: str) -> tuple[UrdfJoint, ...]:
    """Return the joints that turn the chest, without those of a mobile base, which slides and turns on the floor."""
    path = [j for j in tree.urdf.path(chest) if j.is_movable]
    slides = [i for i, j in enumerate(path) if j.kind == "prismatic" and abs(tree.axis(j)[2]) < UPRIGHT]
    first = slides[-1] + 1 if slides else 0
    while 0 < first < len(path) and abs(tree.axis(path[first])[2]) > UPRIGHT and path[first].kind != "prismatic" \
            and np.allclose(tree.position[path[first].child], tree.position[path[first - 1].child], atol=SAME_PLACE_M):
        first += 1
    return tuple(j for j in path[first:] if j.kind != "prismatic")[-MAX_TORSO_JOINTS:]


def _head(tree: JointTree, chest: str, arms: set[str], torso: tuple[UrdfJoint, ...]) -> list[UrdfJoint]:
    """Return the chain beside the arms that reaches highest; empty if none reaches above the shoulders."""
    carriers = [tree.rigid_root(link) for link in (chest, *(j.parent for j in reversed(torso)))]
    starts = {j.name: j for link in carriers for j in tree.next_joints(link)}
    candidates = [j for j in starts.values() if j.name not in arms and j not in torso
                  and j.kind != "prismatic" and not NO_HEAD.search(j.name)]
    shoulder_height = np.mean([tree.position[tree.parent_joint[c].child][2] for c in tree.urdf.links
                               if tree.parent_joint.get(c) is not None and tree.parent_joint[c].name in arms])
    best: list[UrdfJoint] = []
    best_height = float(shoulder_height) - 0.05
    for joint in candidates:
        chain = _neck(tree, joint)
        named = any(re.search("head|neck", n, re.IGNORECASE) for n in (joint.name, joint.child))
        height = max(tree.position[n][2] for n in tree.all_links(joint.child)) + (1.0 if named else 0.0)
        if height > best_height:
            best, best_height = chain, height
    return best


def _neck(tree: JointTree, joint: UrdfJoint) -> list[UrdfJoint]:
    chain = [joint]
    while len(chain) < MAX_NECK_JOINTS:
        onwards = tree.next_joints(chain[-1].child)
        if len(onwards) != 1 or re.search("eye|antenna|jaw|mouth|ear", onwards[0].name, re.IGNORECASE):
            break
        chain += onwards
    return chain
