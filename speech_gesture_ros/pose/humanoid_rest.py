"""Directions of an avatar's bones in its bind pose, from which the performed human turns them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.humanoid_bones import BONES, FINGER_BONES, SIDES

Array = npt.NDArray[np.float64]

MIN_LENGTH = 1e-4  # of a bone that has a direction [m]
PARALLEL = 0.02  # sine of the angle of two directions below which they span no plane


def frame(primary: Array, secondary: Array) -> Array:
    """(3, 3) rotation with columns along `primary`, along what of `secondary` is across it, and across both."""
    x = primary / np.linalg.norm(primary)
    y = secondary - (secondary @ x) * x
    y = y / np.linalg.norm(y)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def rotation_about(axis: Array, angle: float) -> Array:
    """(3, 3) rotation about a unit axis (3,) by an angle [rad] (Rodrigues' formula)."""
    x, y, z = axis
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * (k @ k))


@dataclass(frozen=True)
class ArmRest:
    """One arm in the bind pose.

    Attributes:
        upper: (3, 3) frame of the upper arm: along it, along the axis of the elbow, across.
        lower: (3, 3) frame of the forearm: the same.
        hand: (3, 3) frame of the hand: along it, towards the side of the thumb, across.
        fingers: Bone of a finger to the unit axis (3,) about which it closes and its angle when closed [rad].
    """

    upper: Array
    lower: Array
    hand: Array
    fingers: dict[str, tuple[Array, float]]


@dataclass(frozen=True)
class HumanoidRest:
    """Avatar in its bind pose; Y up, Z ahead, X to its left.

    Attributes:
        neck: (3,) from the joint of the neck to that of the head [m].
        arms: Side to its arm.
    """

    neck: Array
    arms: dict[str, ArmRest]


CLOSED_DEG = {"Thumb": (18.0, 35.0, 55.0), "Index": (75.0, 95.0, 55.0), "Middle": (80.0, 95.0, 55.0),
              "Ring": (82.0, 95.0, 55.0), "Little": (85.0, 90.0, 55.0)}  # of the bones of a finger
INWARD_AXIS = np.array([1.0, 0.0, 0.0])  # minus this: axis of both elbows where straight arms do not point sideways


def humanoid_rest(bones: Sequence[str], joints: npt.NDArray[np.floating]) -> HumanoidRest:
    """Read the bind pose of an avatar whose bones have the axes of the world in it.

    Args:
        bones: (B,) names of VRM; the avatar may have others, too.
        joints: (B, 3) origins of the bones [m].

    Raises:
        InputError: If a bone is missing, or two joints that give a direction are in one place.
    """
    at = {name: np.asarray(joint, dtype=np.float64) for name, joint in zip(bones, joints)}
    missing = [name for name in BONES if name not in at]
    if missing:
        raise InputError("bones of the avatar", f"without {missing[0]}",
                         "all humanoid bones of VRM 1.0 but eyes and jaw", "Take an avatar with hands.")
    return HumanoidRest(_between(at, "neck", "head"), {side: _arm(at, side) for side in SIDES})


def _arm(at: Mapping[str, Array], side: str) -> ArmRest:
    upper = _between(at, f"{side}UpperArm", f"{side}LowerArm")
    lower = _between(at, f"{side}LowerArm", f"{side}Hand")
    along = _between(at, f"{side}Hand", f"{side}MiddleProximal")
    thumb_side = at[f"{side}IndexProximal"] - at[f"{side}LittleProximal"]
    axis = np.cross(upper, lower)
    if np.linalg.norm(axis) < PARALLEL * np.linalg.norm(upper) * np.linalg.norm(lower):
        axis = -INWARD_AXIS if abs(upper[0]) < 0.9 * np.linalg.norm(upper) else np.array([0.0, -np.sign(upper[0]), 0.0])
    hand = frame(along, thumb_side)
    palm = hand[:, 2] if side == "left" else -hand[:, 2]  # out of the palm
    fingers = {}
    for finger, parts in FINGER_BONES.items():
        for i, part in enumerate(parts):
            bone = f"{side}{finger}{part}"
            way = (_between(at, bone, f"{side}{finger}{parts[i + 1]}") if i + 1 < len(parts)
                   else _between(at, f"{side}{finger}{parts[i - 1]}", bone))
            inwards = palm if finger != "Thumb" else palm - 0.9 * hand[:, 1]
            turn = np.cross(way, inwards - (inwards @ way) / (way @ way) * way)
            fingers[bone] = turn / np.linalg.norm(turn), float(np.radians(CLOSED_DEG[finger][i]))
    return ArmRest(frame(upper, axis), frame(lower, axis), hand, fingers)


def _between(at: Mapping[str, Array], start: str, stop: str) -> Array:
    way = at[stop] - at[start]
    if not np.linalg.norm(way) > MIN_LENGTH:
        raise InputError(f"joints {start} and {stop} of the avatar", "in one place", f"{MIN_LENGTH} m apart or more",
                         "Repair the skeleton of the avatar.")
    return np.asarray(way)
