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

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.joint_tree import FINGER, MAX_ARM_JOINTS, JointTree
from speech_gesture_ros.robot.leg_parts import is_called_leg
from speech_gesture_ros.robot.urdf import UrdfJoint

MIN_ARM_JOINTS = 3
MAX_TOOL_JOINTS = 2  # extra joints of one arm
LENGTH_SHARE, ARM_SHARE = 0.02, 0.01  # of a distance, and of the arm, by which left and right may differ
SAME_HEIGHT_M = 0.02
SHORTEST_M = 0.05
ARM = re.compile(r"arm|shoulder|elbow|wrist|hand|humerus", re.IGNORECASE)
Array = npt.NDArray[np.float64]
Limb = list[UrdfJoint]


def find_arms(tree: JointTree, notes: list[str]) -> tuple[Limb, Limb]:
    """Return the left and the right arm of a robot; adds a note if left is assumed, or if there are more pairs.

    Raises:
        RobotError: If there is no pair of arms, or if more than two like limbs start on one link.
    """
    pairs, crowds = [], []
    for link in tree.urdf.links:
        limbs = [limb for joint in tree.next_joints(link)
                 if len(limb := tree.chain(joint)) >= MIN_ARM_JOINTS and not _is_no_arm(tree, limb)]
        lengths = [_lengths(tree, limb) for limb in limbs]
        equal = [[k for k, other in enumerate(lengths) if k != i and _are_equal(one, other)]
                 for i, one in enumerate(lengths)]
        for i, found in enumerate(equal):
            if len(found) == 1 and i < found[0] and len(equal[found[0]]) == 1:
                pairs.append((limbs[i], limbs[found[0]]))
        crowd = [limb[0].name for limb, found in zip(limbs, equal) if len(found) > 1]
        crowds += [f"{len(crowd)} like chains on link {link}, from joints {', '.join(crowd)}"] if crowd else []
    if not pairs:
        remedy = "Give the description of a two-armed robot" + (": remove the other arms." if crowds else ".")
        raise RobotError(f"arms of {tree.urdf.name}", crowds[0] if crowds else "no pair of like chains",
                         f"two chains of {MIN_ARM_JOINTS} to {MAX_ARM_JOINTS} joints with like lengths, not called "
                         "legs", remedy)
    best, best_height = pairs[0], _height(tree, pairs[0])
    for pair in pairs[1:]:
        if _height(tree, pair) > best_height + SAME_HEIGHT_M:
            best, best_height = pair, _height(tree, pair)
    chosen = {limb[0].name for limb in best}
    for pair in pairs:
        if not chosen & {limb[0].name for limb in pair} and _looks_like_arms(pair):
            notes.append(f"more than two arms: those from joints {pair[0][0].name} and {pair[1][0].name} are not moved")
    count = min(map(len, best))
    return _sides(tree, (best[0][:count], best[1][:count]), notes)


def _height(tree: JointTree, pair: tuple[Limb, Limb]) -> float:
    """Return the mean height of the first joints of two limbs [m]."""
    return float(0.5 * (tree.position[pair[0][0].child] + tree.position[pair[1][0].child])[2])


def _looks_like_arms(pair: tuple[Limb, Limb]) -> bool:
    """Return whether names in a pair of limbs are those of arms."""
    names = [name for limb in pair for joint in limb for name in (joint.name, joint.child)]
    return any(ARM.search(name) for name in names)


def _is_no_arm(tree: JointTree, limb: Limb) -> bool:
    """Return whether names of a limb are those of a finger or leg."""
    return bool(FINGER.search(limb[0].name)) or is_called_leg(tree, limb[0])


def _are_equal(one: Array, other: Array) -> bool:
    """Return whether two limbs have equal lengths, apart from a tool that only one of them carries."""
    if abs(len(one) - len(other)) > MAX_TOOL_JOINTS:
        return False
    shared = len(one) if len(one) == len(other) else min(len(one), len(other)) - 1
    if shared < MIN_ARM_JOINTS - 1:
        return False
    one, other = one[:shared], other[:shared]
    allowed = LENGTH_SHARE * (one + other) + ARM_SHARE * one.sum()
    return bool(np.all(np.abs(one - other) <= allowed) and one.sum() > SHORTEST_M)


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
    names = [[name for joint in arm for name in (joint.name, joint.child)] for arm in pair]
    marks = [sum(map(_side_mark, of_arm)) for of_arm in names]
    if marks[0] == marks[1]:
        marks = [sum(_letter_mark(a, b) for a, b in zip(*names)), 0]
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


def _letter_mark(name: str, other: str) -> int:
    """Return 1 if a name has an l where the other one has an r, as in lhumerus, -1 for the opposite, 0 for neither."""
    different = [(a, b) for a, b in zip(name.lower(), other.lower()) if a != b]
    if len(name) != len(other) or len(different) != 1:
        return 0
    return {("l", "r"): 1, ("r", "l"): -1}.get(different[0], 0)
