"""Shoulder, elbow, wrist and hand of an arm, for any zero pose and any place of joint origins on their axes.

The hand is the link fixed beyond the last joint, or the middle of the fingers.

    elbow      the joint that changes the distance from shoulder to hand most; the upper arm is rigid: of several that
               change it much, as with a long hand, the first
    shoulder   the last joint before it whose axis meets the next one at a distance from the elbow of most of the upper
               arm; joints before three axes through one point move the shoulder, as collar bones do, and do not count
    wrist      the first joint after the elbow that bends the hand instead of turning the forearm
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.arm_points import continued
from speech_gesture_ros.robot.description import ArmLinks
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.limits import position_range
from speech_gesture_ros.robot.link_poses import joint_motions, link_poses
from speech_gesture_ros.robot.urdf import UrdfJoint

UPPER_ARM_SHARE = 0.7  # of the largest distance of such a point from the elbow
ELBOW_SHARE = 0.5  # of the largest change of the reach by one joint
SAME_PLACE_M = 0.005
MAX_COLLAR_JOINTS, MIN_FREE_JOINTS = 2, 4  # joints that move the shoulder, and joints of the arm without them
COLLAR_M = 0.03  # shortest distance of the shoulder from the joint that moves it
SPHERICAL = 0.2  # smallest volume spanned by the unit axes of a shoulder with three axes through one point
SAMPLES, STEPS = 12, 5  # random configurations of the arm, and positions of each joint in them
Array = npt.NDArray[np.float64]


def arm_links(tree: JointTree, arm: list[UrdfJoint], notes: list[str], side: str) -> ArmLinks:
    """Return the links whose origins are shoulder, elbow, wrist and knuckles."""
    tail = _hand_link(tree, arm)
    first = _collar_joints(tree, arm)
    change = _reach_change(tree, arm, first, _arm_end(tree, arm, tail))
    elbow = max(int(np.flatnonzero(change >= ELBOW_SHARE * change.max())[0]), first + 1)
    away = np.linalg.norm(np.array(_meetings(tree, arm[:elbow + 1])) - tree.position[arm[elbow].child], axis=1)
    shoulder = first + int(np.flatnonzero(away[first:] >= UPPER_ARM_SHARE * away[first:].max())[-1])
    origins = np.array([tree.position[j.child] for j in arm[:elbow]])
    is_there = np.linalg.norm(origins - origins[shoulder], axis=1) < SAME_PLACE_M
    shoulder = int(np.flatnonzero(is_there)[-1])  # of links in one place the one that carries the upper arm
    wrist = _wrist_index(tree, arm, elbow)
    if wrist is None:
        wrist_link = tail or arm[-1].child
        notes.append(f"{side} arm: no joint bends the wrist; the forearm ends at link {wrist_link}")
        return ArmLinks(arm[shoulder].child, arm[elbow].child, wrist_link, None)
    return ArmLinks(arm[shoulder].child, arm[elbow].child, arm[wrist].child, tail)


def _collar_joints(tree: JointTree, arm: list[UrdfJoint]) -> int:
    """Return the number of joints that move the shoulder: those before the first three axes through one point."""
    for first in range(MAX_COLLAR_JOINTS + 1):
        triple = arm[first:first + 3]
        if len(arm) - first < MIN_FREE_JOINTS:
            break
        places = np.array(_meetings(tree, triple))
        axes = np.array([tree.axis(j) for j in triple])
        last = tree.position[triple[-1].child] - places[0]
        meets = np.linalg.norm(places[1] - places[0]) < SAME_PLACE_M \
            and np.linalg.norm(last - axes[2] * (axes[2] @ last)) < SAME_PLACE_M
        if meets and abs(np.linalg.det(axes)) > SPHERICAL:
            before = tree.position[arm[first - 1].child] - places[0]
            return first if np.linalg.norm(before) > COLLAR_M else 0
    return 0


def _reach_change(tree: JointTree, arm: list[UrdfJoint], first: int, end: Array) -> Array:
    """Return (n,) for each joint how much it changes the distance from the first joint to the end of the arm [m].

    Where the first joint turns about the upper arm, the second one has the same place; its origin is used.
    """
    _, origins = link_poses(tree.urdf, [j.name for j in arm])
    ranges = np.array([position_range(j, []) for j in arm])
    samples = np.random.default_rng(0).uniform(ranges[:, 0], ranges[:, 1], (SAMPLES, len(arm)))
    q = np.tile(samples[:, None, None], (1, len(arm), STEPS, 1))  # (samples, joint that moves, steps, n)
    for i, (low, high) in enumerate(ranges):
        q[:, i, :, i] = np.linspace(low, high, STEPS)
    pose, points = np.eye(4), []
    for i, joint in enumerate(arm):
        pose = pose @ origins[joint.name][1] @ joint_motions(joint, q[..., i].ravel())
        points.append(pose[:, :3, 3])
    start = points[min(first + 1, len(arm) - 1)]
    reach = np.linalg.norm(pose[:, :3, :3] @ end + points[-1] - start, axis=1)
    return np.asarray(np.ptp(reach.reshape(q.shape[:3]), axis=2).sum(axis=0))


def _meetings(tree: JointTree, joints: list[UrdfJoint]) -> list[Array]:
    """Return for each joint but the last the point (3,) of its axis nearest to the axis of the next joint [m]."""
    return [tree.meeting(joint, after, tree.position[joint.child]) for joint, after in pairwise(joints)]


def _arm_end(tree: JointTree, arm: list[UrdfJoint], tail: str | None) -> Array:
    """Return the end (3,) of an arm in the frame of its last link [m].

    It is the hand, else twice the centre of mass, else the last bone continued by its own length.
    """
    last = arm[-1].child
    if tail is not None:
        return np.asarray(tree.rotation[last].T @ (tree.position[tail] - tree.position[last]))
    centre = 2.0 * tree.urdf.centres.get(last, np.zeros(3))
    return centre if np.linalg.norm(centre) > SAME_PLACE_M else continued(tree, arm)


def _wrist_index(tree: JointTree, arm: list[UrdfJoint], elbow: int) -> int | None:
    """Return the first joint after the elbow that bends the hand instead of turning it about the forearm."""
    elbow_at, along = tree.position[arm[elbow].child], tree.axis(arm[elbow])
    for i in range(elbow + 1, len(arm)):
        forearm = tree.position[arm[i].child] - elbow_at
        forearm = forearm - along * (along @ forearm)  # the place of the elbow's origin on its axis does not matter
        length = np.linalg.norm(forearm)
        if length >= 0.04 and abs(tree.axis(arm[i]) @ forearm) / length < 0.7:
            return i
    return None


def _hand_link(tree: JointTree, arm: list[UrdfJoint]) -> str | None:
    """Return a link whose origin is in the hand, beyond the last joint; None if there is no such link."""
    wrist = tree.position[arm[-1].child]
    beyond = [n for n in tree.all_links(arm[-1].child)[1:] if np.linalg.norm(tree.position[n] - wrist) > 0.02]
    if not beyond:
        return None
    fixed = [n for n in tree.rigid_links(arm[-1].child)[1:] if n in beyond
             and not re.search("thumb|camera|imu", n, re.IGNORECASE)]
    if fixed:
        return max(fixed, key=lambda n: float(np.linalg.norm(tree.position[n] - wrist)))
    middle = np.mean([tree.position[n] for n in beyond], axis=0)
    fingers = [n for n in beyond if "thumb" not in n.lower()] or beyond
    return min(fingers, key=lambda n: float(np.linalg.norm(tree.position[n] - middle)))
