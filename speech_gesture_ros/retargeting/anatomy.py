"""Finds torso, head and the two arms in a tree of joints, whatever their names and wherever zero is.

What is looked at is what does not depend on the zero pose:

    limbs      two sub-trees of one branching with the same distances from joint to joint are a pair; of the pairs, the
               arms are the one that starts highest, and the chest is the link that carries both
    elbow      the only joint of an arm that changes the distance from shoulder to hand: the one that changes it most
    shoulder   the last joint before it whose axis meets the next one off the elbow by most of the upper arm: where
               along its axis the origin of a joint lies says nothing
    wrist      the first joint after the elbow that bends the hand instead of turning the forearm
    sides      names, where they say left and right; else left is +y, as REP-103 has it
    head       the chain beside the arms that reaches highest

"Up" is z of the root link; "forward" is what is left of up and the line through the shoulders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.core.robot import ArmLinks, BodyLinks
from speech_gesture_ros.retargeting.kinematics import Kinematics
from speech_gesture_ros.retargeting.limits import position_range
from speech_gesture_ros.retargeting.urdf import Urdf, UrdfJoint

MIN_ARM_JOINTS, MAX_ARM_JOINTS = 3, 8
MAX_NECK_JOINTS, MAX_TORSO_JOINTS = 3, 4
UPPER_ARM_SHARE = 0.7  # of the way from the first joint to the elbow
SAME_PLACE_M = 0.005
NOT_PARALLEL = 0.05  # squared sine of the angle between two axes
SAME_LENGTH = 0.02  # share by which distances of left and right may differ
FINGER = re.compile(r"finger|thumb|gripper|index|middle|ring|pinky|little|grip|claw|knuckle", re.IGNORECASE)
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Anatomy:
    """Body parts and the joints that move them, from the body outwards."""

    body: BodyLinks
    torso: tuple[UrdfJoint, ...]
    head: tuple[UrdfJoint, ...]
    left_arm: tuple[UrdfJoint, ...]
    right_arm: tuple[UrdfJoint, ...]
    notes: tuple[str, ...]

    @property
    def groups(self) -> dict[str, tuple[UrdfJoint, ...]]:
        """Group name to joints; parts that the robot does not have are left out."""
        named = {"torso": self.torso, "head": self.head, "left_arm": self.left_arm, "right_arm": self.right_arm}
        return {name: joints for name, joints in named.items() if joints}


class _Tree:
    """The joints of a robot with the pose each has while all stand at their locked position."""

    def __init__(self, urdf: Urdf) -> None:
        self.urdf = urdf
        still = Kinematics(urdf, ())
        self.position = {link: still.placement[link][1][:3, 3] for link in urdf.links}
        self.parent_joint = urdf.parent_joint()
        self.leaders = {joint.mimic for joint in urdf.joints if joint.mimic}  # a joint that others follow opens a hand
        self.below: dict[str, list[UrdfJoint]] = {}
        for joint in urdf.joints:
            self.below.setdefault(joint.parent, []).append(joint)

    def next_joints(self, link: str) -> list[UrdfJoint]:
        """The first movable joints found below a link, through fixed ones."""
        found: list[UrdfJoint] = []
        for joint in self.below.get(link, []):
            found += [joint] if joint.is_movable else self.next_joints(joint.child)
        return found

    def rigid_links(self, link: str) -> list[str]:
        """A link and all that is fixed to it below."""
        links = [link]
        for joint in self.below.get(link, []):
            if joint.kind == "fixed":
                links += self.rigid_links(joint.child)
        return links

    def all_links(self, link: str) -> list[str]:
        """A link and everything below it."""
        return [link, *(name for j in self.below.get(link, []) for name in self.all_links(j.child))]

    def chain(self, joint: UrdfJoint) -> list[UrdfJoint]:
        """The limb that starts with a joint: straight on until fingers begin, an end, or `MAX_ARM_JOINTS`."""
        limb = [joint]
        while len(limb) < MAX_ARM_JOINTS:
            onwards = [j for j in self.next_joints(limb[-1].child) if j.kind != "prismatic"]
            long = [j for j in onwards if len(self._longest(j)) > 1]
            if len(onwards) != 1 and len(long) == 1:
                onwards = long
            if len(onwards) != 1 or onwards[0].name in self.leaders \
                    or FINGER.search(onwards[0].name) or FINGER.search(onwards[0].child):
                break
            limb += onwards
        return limb

    def _longest(self, joint: UrdfJoint) -> list[UrdfJoint]:
        tails = [self._longest(j) for j in self.next_joints(joint.child)]
        return [joint, *max(tails, key=len, default=[])]


def find_anatomy(urdf: Urdf) -> Anatomy:
    """Find the body parts of a robot.

    Raises:
        RobotError: If it has no pair of arms.
    """
    tree = _Tree(urdf)
    notes: list[str] = []
    pair = _arm_pair(tree)
    if pair is None:
        raise RobotError(f"arms of {urdf.name}", "no pair of like chains", f"two chains of {MIN_ARM_JOINTS} to "
                         f"{MAX_ARM_JOINTS} joints with like lengths", "Give the description of a two-armed robot.")
    left, right = _sides(tree, pair, notes)
    chest = _common_link(urdf, left[0], right[0])
    torso = tuple(j for j in urdf.path(chest) if j.is_movable and j.kind != "prismatic")[-MAX_TORSO_JOINTS:]
    head = _head(tree, chest, {left[0].name, right[0].name}, torso)
    arms = [_arm_links(tree, arm, notes, side) for arm, side in ((left, "left"), (right, "right"))]
    head_link = head[-1].child if head else None
    if head_link is None:
        notes.append("no neck that could be moved was found: the head stays still")
    if not torso:
        notes.append("no waist that could be moved was found: the torso stays still")
    body = BodyLinks(base=urdf.root, torso=chest, head=head_link, left_arm=arms[0], right_arm=arms[1])
    return Anatomy(body, torso, tuple(head), tuple(left), tuple(right), tuple(notes))


# --- arms -------------------------------------------------------------------------------------------------------------


def _lengths(tree: _Tree, limb: list[UrdfJoint]) -> Array:
    places = np.array([tree.position[j.child] for j in limb])
    return np.asarray(np.linalg.norm(np.diff(places, axis=0), axis=1))


def _arm_pair(tree: _Tree) -> tuple[list[UrdfJoint], list[UrdfJoint]] | None:
    """The highest pair of like limbs that start at one branching and lie apart."""
    best, best_height = None, -np.inf
    for link in tree.urdf.links:
        limbs = [tree.chain(j) for j in tree.next_joints(link)]
        for i, first in enumerate(limbs):
            for second in limbs[i + 1:]:
                if _are_like(tree, first, second):
                    height = 0.5 * sum(tree.position[limb[0].child][2] for limb in (first, second))
                    if height > best_height + 0.02:
                        best, best_height = (first, second), height
    return best


def _are_like(tree: _Tree, first: list[UrdfJoint], second: list[UrdfJoint]) -> bool:
    if len(first) != len(second) or len(first) < MIN_ARM_JOINTS:
        return False
    if any(FINGER.search(limb[0].name) for limb in (first, second)):
        return False
    one, other = _lengths(tree, first), _lengths(tree, second)
    return bool(np.all(np.abs(one - other) <= SAME_LENGTH * (one + other) + 2e-3)) and one.sum() > 0.05


def _sides(tree: _Tree, pair: tuple[list[UrdfJoint], list[UrdfJoint]], notes: list[str]
           ) -> tuple[list[UrdfJoint], list[UrdfJoint]]:
    """The pair as (left, right)."""
    by_name = [_named_side([j.name for j in arm] + [j.child for j in arm]) for arm in pair]
    if by_name[0] * by_name[1] < 0:
        return (pair[0], pair[1]) if by_name[0] > 0 else (pair[1], pair[0])
    offset = tree.position[pair[0][0].child] - tree.position[pair[1][0].child]
    notes.append("names do not tell left from right: left is taken to be +y of the root link (REP-103)")
    return (pair[0], pair[1]) if offset[1] > 0 else (pair[1], pair[0])


def _named_side(names: list[str]) -> int:
    """1 if most names say left, -1 if right, 0 if neither."""
    votes = 0
    for name in names:
        low = name.lower()
        votes += ("left" in low) - ("right" in low)
        votes += bool(re.search(r"(^|[_\-/.])l([_\-/.]|$)|^L[A-Z]", name)) \
            - bool(re.search(r"(^|[_\-/.])r([_\-/.]|$)|^R[A-Z]", name))
    return int(np.sign(votes))


def _common_link(urdf: Urdf, left: UrdfJoint, right: UrdfJoint) -> str:
    """The last link that carries both joints."""
    link = urdf.root
    for a, b in zip(urdf.path(left.child), urdf.path(right.child)):
        if a.name != b.name:
            break
        link = a.child
    return link


def _reach_change(tree: _Tree, arm: list[UrdfJoint], end: Array) -> Array:
    """(n,) for each joint how much its motion changes the distance from the first joint to the end of the arm [m]."""
    joints = Kinematics(tree.urdf, [j.name for j in arm])
    tip = joints.points([arm[-1].child], end[None])
    first = joints.points([arm[min(1, len(arm) - 1)].child], np.zeros((1, 3)))
    ranges = np.array([position_range(j, []) for j in arm])
    random = np.random.default_rng(0)
    change = np.zeros(len(arm))
    for _ in range(12):
        q = random.uniform(ranges[:, 0], ranges[:, 1])
        for i in range(len(arm)):
            reach = []
            for value in np.linspace(ranges[i, 0], ranges[i, 1], 5):
                q_i = q.copy()
                q_i[i] = value
                joints.update(q_i)
                reach.append(np.linalg.norm(joints.positions(tip) - joints.positions(first)))
            change[i] += np.ptp(reach)
    return change


def _arm_links(tree: _Tree, arm: list[UrdfJoint], notes: list[str], side: str) -> ArmLinks:
    """The links whose origins are shoulder, elbow, wrist and knuckles."""
    tail = _hand_link(tree, arm)
    elbow = max(int(np.argmax(_reach_change(tree, arm, _arm_end(tree, arm[-1].child, tail)))), 1)
    elbow_at = tree.position[arm[elbow].child]
    away = np.linalg.norm(np.array(_meetings(tree, arm[:elbow + 1])) - elbow_at, axis=1)
    shoulder = int(np.flatnonzero(away >= UPPER_ARM_SHARE * away.max())[-1])
    places = np.array([tree.position[j.child] for j in arm[:elbow]])
    at_it = np.linalg.norm(places - places[shoulder], axis=1) < SAME_PLACE_M
    shoulder = int(np.flatnonzero(at_it)[-1])  # of links in one place the one that carries the upper arm
    wrist = _wrist_index(tree, arm, elbow)
    if wrist is None:
        wrist_link = tail or arm[-1].child
        notes.append(f"{side} arm: no joint bends the wrist; the forearm ends at link {wrist_link}")
        return ArmLinks(arm[shoulder].child, arm[elbow].child, wrist_link, None)
    return ArmLinks(arm[shoulder].child, arm[elbow].child, arm[wrist].child, tail)


def _meetings(tree: _Tree, joints: list[UrdfJoint]) -> list[Array]:
    """(3,) for each joint but the last the point of its axis that is nearest to the next joint's axis."""
    still = Kinematics(tree.urdf, [])
    axes = [still.placement[j.child][1][:3, :3] @ j.axis for j in joints]
    points = []
    for joint, after, axis, next_axis in zip(joints, joints[1:], axes, axes[1:]):
        start = tree.position[joint.child]
        between = start - tree.position[after.child]
        cosine = float(axis @ next_axis)
        along = 0.0  # axes that are nearly parallel meet anywhere
        if 1 - cosine**2 > NOT_PARALLEL:
            along = float(cosine * (next_axis @ between) - axis @ between) / (1 - cosine**2)
        points.append(start + along * axis)
    return points


def _arm_end(tree: _Tree, last: str, tail: str | None) -> Array:
    """(3,) the end of an arm in the frame of its last link: the hand, else twice as far as the centre of mass."""
    if tail is None:
        return 2.0 * tree.urdf.centres.get(last, np.zeros(3))
    rotation = Kinematics(tree.urdf, []).placement[last][1][:3, :3]
    return np.asarray(rotation.T @ (tree.position[tail] - tree.position[last]))


def _wrist_index(tree: _Tree, arm: list[UrdfJoint], elbow: int) -> int | None:
    """The first joint after the elbow that bends the hand rather than turning it about the forearm."""
    elbow_at = tree.position[arm[elbow].child]
    still = Kinematics(tree.urdf, [])
    for i in range(elbow + 1, len(arm)):
        forearm = tree.position[arm[i].child] - elbow_at
        length = np.linalg.norm(forearm)
        if length < 0.04:
            continue
        axis = still.placement[arm[i].child][1][:3, :3] @ arm[i].axis
        if abs(axis @ forearm) / length < 0.7:
            return i
    return None


def _hand_link(tree: _Tree, arm: list[UrdfJoint]) -> str | None:
    """A link whose origin lies in the hand, beyond the last joint; None if there is nothing there."""
    wrist = tree.position[arm[-1].child]
    beyond = [n for n in tree.all_links(arm[-1].child)[1:] if np.linalg.norm(tree.position[n] - wrist) > 0.02]
    if not beyond:
        return None
    fixed = [n for n in tree.rigid_links(arm[-1].child)[1:] if n in beyond
             and not re.search("thumb|camera|imu", n, re.IGNORECASE)]
    if fixed:
        return max(fixed, key=lambda n: float(np.linalg.norm(tree.position[n] - wrist)))
    middle = np.mean([tree.position[n] for n in beyond], axis=0)
    return min(beyond, key=lambda n: float(np.linalg.norm(tree.position[n] - middle)))


# --- head -------------------------------------------------------------------------------------------------------------


def _head(tree: _Tree, chest: str, arms: set[str], torso: tuple[UrdfJoint, ...]) -> list[UrdfJoint]:
    """The chain beside the arms that reaches highest; empty if none reaches above the shoulders."""
    carriers = [chest, *(j.parent for j in reversed(torso))]
    starts = {j.name: j for link in carriers for j in tree.next_joints(link)}
    candidates = [j for j in starts.values() if j.name not in arms and j not in torso and j.kind != "prismatic"]
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


def _neck(tree: _Tree, joint: UrdfJoint) -> list[UrdfJoint]:
    chain = [joint]
    while len(chain) < MAX_NECK_JOINTS:
        onwards = tree.next_joints(chain[-1].child)
        if len(onwards) != 1 or re.search("eye|antenna|jaw|mouth|ear", onwards[0].name, re.IGNORECASE):
            break
        chain += onwards
    return chain
