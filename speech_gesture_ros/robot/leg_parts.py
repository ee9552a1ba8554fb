"""Legs of a robot: limbs that are called so, with the links of hip and knee."""

from __future__ import annotations

import re

import numpy as np

from speech_gesture_ros.robot.description import LegLinks
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.urdf import UrdfJoint

SAME_PLACE_M = 0.01
KNEE_SHARE = 0.35  # of the distance from hip to ankle, at least, that the knee is away from the hip
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # of l_hip2_link, LHipRoll, LLEG_JOINT0
LEG = re.compile(r"[lr]?(hip|knee|ankle|thigh|femur|shank|shin|tibia|calf|foot|feet|toes?$|legs?$)|haa$|hfe$|kfe$",
                 re.IGNORECASE)


def is_called_leg(tree: JointTree, first: UrdfJoint) -> bool:
    """Return whether names in the sub-tree that starts with a joint are those of a leg."""
    return any(_is_leg_name(name) for link in tree.all_links(first.child)
               for name in (tree.parent_joint[link].name, link))


def find_legs(tree: JointTree, chest: str) -> tuple[LegLinks, ...]:
    """Return the legs of a robot; a limb that carries the chest is not a leg."""
    carrying = {joint.name for joint in tree.urdf.path(chest)}
    legs: dict[str, LegLinks] = {}
    below: set[str] = set()  # links of the legs found
    for joint in tree.urdf.joints:  # parents first
        if not joint.is_movable or joint.name in carrying or joint.child in below \
                or not (_is_leg_name(joint.name) or _is_leg_name(joint.child)):
            continue
        links = tree.all_links(joint.child)
        moved = [link for link in links[1:] if tree.parent_joint[link].kind != "fixed"]
        away = [float(np.linalg.norm(tree.position[link] - tree.position[joint.child])) for link in moved]
        knees = [link for link, distance in zip(moved, away) if distance >= KNEE_SHARE * max(away)]
        if knees and max(away) > SAME_PLACE_M:
            legs[joint.child] = LegLinks(joint.child, knees[0])
        below |= set(links)
    return tuple(legs.values())


def _is_leg_name(name: str) -> bool:
    return any(LEG.match(word) for word in WORD.findall(name))
