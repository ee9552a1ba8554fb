"""Finger joints of a robot: which joints beyond a wrist move fingers, and at which end of its range each is closed.

A joint is closed at the end at which the tips that it moves are nearer to the wrist, with the other joints in the
middle of their range. Where that does not decide, as with fingers that follow by mimic, a joint is closed at the end
that is farther from zero, or, if its name ends with "hand", at the other: it states how far the hand is open (NAO,
Pepper).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.hand_shapes import FINGERS
from speech_gesture_ros.robot.description import ArmLinks, RobotDescription
from speech_gesture_ros.robot.urdf import Urdf, UrdfJoint

Array = npt.NDArray[np.float64]

KINDS = (re.compile("thumb", re.IGNORECASE), re.compile("index|forefinger", re.IGNORECASE))
OPENING = re.compile("hand(_joint)?$", re.IGNORECASE)
SMALLEST_CHANGE_M = 1e-4  # of a tip's distance from the wrist that decides


@dataclass(frozen=True)
class FingerJoint:
    """One commanded finger joint.

    Attributes:
        index: In the robot's configuration.
        side: 0 left, 1 right.
        finger: Index in `FINGERS`.
        straight: Position of a straight finger [rad, or m].
        closed: Position of a closed one.
    """

    index: int
    side: int
    finger: int
    straight: float
    closed: float


def joints_beyond(urdf: Urdf, arm: Sequence[UrdfJoint]) -> tuple[UrdfJoint, ...]:
    """Return the movable joints beyond the last joint of an arm."""
    return tuple(j for j in urdf.joints if j.is_movable and any(p.name == arm[-1].name for p in urdf.path(j.parent)))


def finger_joints(description: RobotDescription) -> tuple[FingerJoint, ...]:
    """Return the commanded joints of both hands: those in the groups left_hand and right_hand."""
    arms = (description.body.left_arm, description.body.right_arm)
    found: list[FingerJoint] = []
    for side, (name, arm) in enumerate(zip(("left_hand", "right_hand"), arms)):
        if arm is not None:
            found += [_finger_joint(description, joint, side, arm) for joint in description.groups.get(name, ())]
    return tuple(found)


def _finger_joint(description: RobotDescription, name: str, side: int, arm: ArmLinks) -> FingerJoint:
    index, limits = description.joint_names.index(name), description.limits
    ends = limits.lower[index], limits.upper[index]
    tips = _tips(description.model.urdf, name)
    distances = [_distance(description, index, end, arm.wrist, tips) for end in ends]
    closed = int(np.argmin(distances))
    if abs(distances[0] - distances[1]) < SMALLEST_CHANGE_M:
        closed = int(np.argmin(np.abs(ends)) if OPENING.search(name) else np.argmax(np.abs(ends)))
    straight = float(np.clip(0.0, *ends)) if ends[0] < -0.1 and ends[1] > 0.1 else ends[1 - closed]
    finger = next((k for k, kind in enumerate(KINDS) if kind.search(name)), len(FINGERS) - 1)
    return FingerJoint(index, side, finger, float(straight), float(ends[closed]))


def _tips(urdf: Urdf, joint: str) -> list[str]:
    """Return the last links of the fingers that a joint moves."""
    parents = {j.parent for j in urdf.joints}
    moved = [link for link in urdf.links if any(joint in (j.name, j.mimic) for j in urdf.path(link))]
    return [link for link in moved if link not in parents]


def _distance(description: RobotDescription, index: int, position: float, wrist: str, tips: list[str]) -> float:
    """Return the mean distance of tips from the wrist with one joint at a position [m]."""
    if not tips:
        return 0.0
    kinematics = description.kinematics()
    q = np.array(description.rest_q)
    q[index] = position
    kinematics.update(q)
    origins = kinematics.origins(wrist, *tips)
    return float(np.linalg.norm(origins[1:] - origins[0], axis=1).mean())
