"""Body parts of links, and the pairs of parts that must be kept apart for a robot to gesture safely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from speech_gesture_ros.robot.bones import Bone
from speech_gesture_ros.robot.joint_tree import JointTree

TRUNK = "trunk"
ARM_PARTS = ("upper arm", "forearm", "hand")


def body_parts(tree: JointTree, bones: Sequence[Bone]) -> dict[str, str]:
    """Return link to body part: those of `bones`, legs as a whole as thighs, and all others as trunk."""
    parts = dict.fromkeys(tree.urdf.links, TRUNK)
    for bone in bones:
        links = tree.all_links(bone.link) if bone.part.endswith("thigh") else bone.links
        parts |= {link: bone.part for link in links if parts[link] == TRUNK or bone.part.endswith(ARM_PARTS)}
    return parts


def must_be_apart(part: str, other: str) -> bool:
    """Return whether two parts are of both arms, or of an arm and of trunk, pelvis, head or thighs."""
    arms = [p.endswith(ARM_PARTS) for p in (part, other)]
    return any(arms) and not (all(arms) and part.split()[0] == other.split()[0])


def named_pair(link: str, other: str, parts: Mapping[str, str]) -> str:
    """Return the name of a pair of links for messages, the same in both orders: trunk, pelvis, head and legs first."""
    first, second = sorted((link, other), key=lambda name: (parts[name].endswith(ARM_PARTS), parts[name], name))
    return f"{parts[first]} and {parts[second]} ({first}, {second})"
