"""Bones: segments of the body that capsules must cover, with their usual thickness.

    upper arm, forearm, hand    between shoulder, elbow, wrist and the farthest origin in the hand
    trunk                       from the shoulders down to the waist, else to the hips
    pelvis                      from the waist to the hips
    head                        above the origin of the head; a fixed one above the shoulders
    thigh                       from hip to knee

All in the root link's frame while the joints are locked. Radii are those of a person, scaled by the length of the arms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.arm_points import MIN_SEGMENT_M, wrist_point
from speech_gesture_ros.robot.description import ArmLinks, BodyLinks
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]
SIDES = ("left", "right")
HUMAN_ARM_M = 0.53  # shoulder to wrist of the human skeleton, to which the lengths and radii below belong
LIMB_RADIUS_M, TRUNK_RADIUS_M, HEAD_RADIUS_M, THIGH_RADIUS_M = 0.045, 0.10, 0.10, 0.07
TRUNK_LENGTH_M = 0.42  # from the neck downwards
PELVIS_LENGTH_M = 0.15  # from the waist downwards, on a robot without legs
HAND_LENGTH_M = 0.10, 0.25  # without a link beyond the wrist; the longest, of what belongs to a hand and not to a tool
FIXED_HEAD_M = 0.22  # height of the middle of a head above the shoulders
HEAD = re.compile("head|skull|face", re.IGNORECASE)


@dataclass(frozen=True)
class Bone:
    """One segment.

    Attributes:
        part: Name of the body part, for messages.
        link: Link that carries it.
        links: Links whose shapes may cover it.
        start: (3,) where it begins [m].
        stop: (3,) where it ends; equal to `start` for a head [m].
        radius: Usual radius of the part [m].
    """

    part: str
    link: str
    links: frozenset[str]
    start: Array
    stop: Array
    radius: float


def find_bones(tree: JointTree, kinematics: Kinematics, body: BodyLinks) -> list[Bone]:
    """Return the bones of a robot with two arms; none of other robots.

    Args:
        tree: The joints of the robot.
        kinematics: At zero.
        body: Links of the body parts.
    """
    arms = [a for a in (body.left_arm, body.right_arm) if a is not None]
    if len(arms) < 2:
        return []
    points = [kinematics.origins(arm.shoulder, arm.elbow, arm.wrist) for arm in arms]
    scale = float(np.mean([np.linalg.norm(np.diff(p, axis=0), axis=1).sum() for p in points])) / HUMAN_ARM_M
    bones = list(_trunk(tree, kinematics, body, points[0][0], points[1][0], scale))
    for side, arm, other in zip(SIDES, arms, arms[::-1]):
        bones += _arm(tree, kinematics, arm, other, side, scale)
    bones += _head(tree, kinematics, body, 0.5 * (points[0][0] + points[1][0]), scale)
    hips = kinematics.origins(*(leg.hip for leg in body.legs))
    for leg, hip in zip(body.legs, hips):
        ends = kinematics.origins(leg.hip, leg.knee)
        side = "left" if (hip - hips.mean(axis=0)) @ (points[0][0] - points[1][0]) > 0 else "right"
        bones.append(Bone(f"{side} thigh", leg.hip, _between(tree, leg.hip, leg.knee), ends[0], ends[1],
                          THIGH_RADIUS_M * scale))
    return bones


def _trunk(tree: JointTree, kinematics: Kinematics, body: BodyLinks, left: Array, right: Array, scale: float
           ) -> Iterator[Bone]:
    """Yield trunk and pelvis."""
    neck = 0.5 * (left + right)
    radius = min(TRUNK_RADIUS_M * scale, 0.3 * float(np.linalg.norm(left - right)))
    model, down = kinematics.model, np.array([0.0, 0.0, -1.0])
    chest = model.body(body.torso)
    waist = [j for j in tree.urdf.path(body.torso) if j.name in model.joint_names]
    legs = {link for leg in body.legs for link in tree.all_links(leg.hip)}
    links = frozenset(n for n in tree.urdf.links if model.body(n) == chest and n not in legs and not HEAD.search(n))
    hips = [float(kinematics.origins(leg.hip)[0][2]) for leg in body.legs]
    long = TRUNK_LENGTH_M * scale
    first = tree.position[waist[0].child] if waist else None
    if first is not None and 0 < neck[2] - first[2] < 2 * long:
        long = min(long, float(neck[2] - first[2]))
    elif hips:
        long = min(long, max(float(neck[2] - np.mean(hips)), radius))
    yield Bone("trunk", body.torso, links, neck + radius * down, neck + max(long, 2 * radius) * down, radius)
    if first is None:
        return
    base = waist[0].parent
    links = frozenset(n for n in tree.urdf.links if model.body(n) == model.body(base) and n not in legs)
    length = max(float(first[2] - np.mean(hips)), 0.0) if hips else PELVIS_LENGTH_M * scale
    yield Bone("pelvis", base, links, first, first + length * down, radius)


def _arm(tree: JointTree, kinematics: Kinematics, arm: ArmLinks, other: ArmLinks, side: str, scale: float
         ) -> Iterator[Bone]:
    """Yield upper arm, forearm and hand."""
    shoulder, elbow = kinematics.origins(arm.shoulder, arm.elbow)
    link_of_wrist, offset = wrist_point(tree, kinematics, arm)
    wrist = kinematics.positions(kinematics.model.points([link_of_wrist], offset[None]))[0]
    radius = LIMB_RADIUS_M * scale
    first = arm.shoulder
    while other.shoulder not in tree.all_links(tree.parent_joint[first].parent):
        first = tree.parent_joint[first].parent
    yield Bone(f"{side} upper arm", arm.shoulder, _between(tree, first, arm.elbow), shoulder, elbow, radius)
    has_wrist = link_of_wrist == arm.wrist and not offset.any()
    yield Bone(f"{side} forearm", arm.elbow, _between(tree, arm.elbow, arm.wrist if has_wrist else None), elbow, wrist,
               radius)
    if has_wrist:
        yield Bone(f"{side} hand", arm.wrist, _between(tree, arm.wrist, None), wrist,
                   _fingertips(tree, kinematics, arm, elbow, wrist, scale), radius)


def _fingertips(tree: JointTree, kinematics: Kinematics, arm: ArmLinks, elbow: Array, wrist: Array, scale: float
                ) -> Array:
    """Return the (3,) farthest origin in a hand along its axis, at least a usual length from the wrist [m]."""
    links = sorted(_between(tree, arm.wrist, None))
    origins = kinematics.origins(*links)
    axis = kinematics.origins(arm.hand)[0] - wrist if arm.hand is not None else wrist - elbow
    axis = axis / max(float(np.linalg.norm(axis)), MIN_SEGMENT_M)
    length = np.clip(float(((origins - wrist) @ axis).max()), scale * HAND_LENGTH_M[0], scale * HAND_LENGTH_M[1])
    return np.asarray(wrist + length * axis)


def _head(tree: JointTree, kinematics: Kinematics, body: BodyLinks, neck: Array, scale: float) -> Iterator[Bone]:
    """Yield the head: the movable one, else one that is called so on the chest."""
    radius = HEAD_RADIUS_M * min(scale, 1.2)
    chest = kinematics.model.body(body.torso)
    named = [link for link in tree.urdf.links if HEAD.search(link) and kinematics.model.body(link) == chest]
    if body.head is not None:
        centre = kinematics.origins(body.head)[0] + np.array([0, 0, 0.5 * radius])
        yield Bone("head", body.head, _between(tree, body.head, None), centre, centre, radius)
    elif named:
        centre = neck + np.array([0, 0, FIXED_HEAD_M * scale])
        yield Bone("head", named[0], frozenset(named), centre, centre, radius)


def _between(tree: JointTree, first: str, beyond: str | None) -> frozenset[str]:
    """Return a link and those below it, without another one and those below that."""
    return frozenset(tree.all_links(first)) - (frozenset(tree.all_links(beyond)) if beyond else frozenset())
