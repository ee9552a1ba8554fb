"""Arms of a robot: the two limbs that are a pair, and which of them is the left one.

Limbs are compared by the points at which each joint's axis is nearest to the next one. The distances of these points
depend neither on the zero pose nor on the place of a joint's origin on its axis, which often differs left and right.

    limbs      two sub-trees of one branching are a pair if these distances are equal
    arms       the pair that starts highest and is not called legs; one may carry a tool that turns; three equal limbs,
               such as fingers, are not a pair
    sides      by names; else left is +y (REP-103)
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.joint_tree import FINGER, JointTree
from speech_gesture_ros.robot.urdf import UrdfJoint

MIN_ARM_JOINTS = 3
MAX_TOOL_JOINTS = 2  # extra joints of one arm
LENGTH_SHARE = 0.02  # by which distances of left and right may differ
SAME_HEIGHT_M = 0.02
SHORTEST_M = 0.05
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # of l_hip2_link, LHipRoll, LLEG_JOINT0
LEG = re.compile(r"hip|knee|ankle|thigh|shank|calf|foot|feet|toes?$|[lr]?legs?$|haa$|hfe$|kfe$", re.IGNORECASE)
Array = npt.NDArray[np.float64]
Limb = list[UrdfJoint]


def find_arms(tree: JointTree, notes: list[str]) -> tuple[Limb, Limb] | None:
    """Return the left and the right arm of a robot, None without a pair; adds a note if left is assumed."""
    best, best_height = None, -np.inf
    for link in tree.urdf.links:
        limbs = [limb for joint in tree.next_joints(link)
                 if len(limb := tree.chain(joint)) >= MIN_ARM_JOINTS and not _is_no_arm(tree, limb)]
        lengths = [_lengths(tree, limb) for limb in limbs]
        equal = [[k for k, other in enumerate(lengths) if k != i and _are_equal(one, other)]
                 for i, one in enumerate(lengths)]
        for i, second in ((i, found[0]) for i, found in enumerate(equal) if len(found) == 1 and i < found[0]):
            height = 0.5 * (tree.position[limbs[i][0].child] + tree.position[limbs[second][0].child])[2]
            if len(equal[second]) == 1 and height > best_height + SAME_HEIGHT_M:
                count = min(len(limbs[i]), len(limbs[second]))
                best, best_height = (limbs[i][:count], limbs[second][:count]), height
    return None if best is None else _sides(tree, best, notes)


def _is_no_arm(tree: JointTree, limb: Limb) -> bool:
    """Return whether names of a limb are those of a finger or leg."""
    links = tree.all_links(limb[0].child)
    words = [word for link in links for name in (tree.parent_joint[link].name, link) for word in WORD.findall(name)]
    return bool(FINGER.search(limb[0].name)) or any(LEG.match(word) for word in words)


def _are_equal(one: Array, other: Array) -> bool:
    """Return whether two limbs have equal lengths, apart from a tool that only one of them carries."""
    if abs(len(one) - len(other)) > MAX_TOOL_JOINTS:
        return False
    shared = len(one) if len(one) == len(other) else min(len(one), len(other)) - 1
    if shared < MIN_ARM_JOINTS - 1:
        return False
    one, other = one[:shared], other[:shared]
    return bool(np.all(np.abs(one - other) <= LENGTH_SHARE * (one + other) + 2e-3) and one.sum() > SHORTEST_M)


def _lengths(tree: JointTree, limb: Limb) -> Array:
    """Return (n - 1,) distances along a limb from one axis to the next [m], the same in any configuration."""
    points = [tree.position[limb[0].child]]
    for joint, after in pairwise(limb):
        points.append(tree.meeting(joint, after, points[-1]))
    last, axis = tree.position[limb[-1].child], tree.axis(limb[-1])
    points.append(last + axis * (axis @ (points[-1] - last)))
    return np.asarray(np.linalg.norm(np.diff(np.array(points[1:]), axis=0), axis=1))


def _sides(tree: JointTree, pair: tuple[Limb, Limb], notes: list[str]) -> tuple[Limb, Limb]:
    """Return the pair as (left, right)."""
    marks = [sum(_side_mark(name) for joint in arm for name in (joint.name, joint.child)) for arm in pair]
    if marks[0] != marks[1]:
        return pair if marks[0] > marks[1] else pair[::-1]
    offset = tree.position[pair[0][0].child] - tree.position[pair[1][0].child]
    notes.append("names do not distinguish left from right: left is assumed to be +y of the root link (REP-103)")
    return pair if offset[1] > 0 else pair[::-1]


def _side_mark(name: str) -> int:
    """Return the count of marks for left in a name, less those for right."""
    def count(word: str, small: str, large: str) -> int:
        alone = re.search(rf"(^|[_\-/.])[{small}{large}]\d*([_\-/.]|$)|^{large}[A-Z]", name)  # l_hip, zarm_l1, LHip
        return (word in name.lower()) + bool(alone)

    return count("left", "l", "L") - count("right", "r", "R")
