"""Joint angles and frames of a human body after REP-155 (ROS4HRI), from joint positions.

The kinematic model of REP-155 (https://ros.org/reps/rep-0155.html; axes and signs as in its reference URDF, package
human_description). s is 1 on the left and -1 on the right; arms hang along -z; R is a rotation about an axis:

    body ─ waist: Ry(w) ─ torso ┬─ head: Rx(r) Rz(y) Ry(-p)
                                ├─ shoulder: Rz(-s y) Rx(s p) Rz(s r) ─ elbow: Ry(-e) ─ wrist
                                └─ (legs: straight)

The model's waist has one axis, so turning and leaning sideways of the trunk are in the frame `body`: its rotation is
Rz Rx, and that of the torso Rz Rx Ry(w). Where an arm hangs or an elbow is straight, one angle is undetermined: it
keeps its last value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.rotations import axis_rotation, euler_zxy, orthogonal, unit

Array = npt.NDArray[np.float64]

X, Y, Z = 0, 1, 2
SIDES = (("l", "left", 1.0), ("r", "right", -1.0))
MIN_SINE = 0.02  # of the angle between two bones below which the angle about them is undetermined
LEG_JOINTS = tuple(f"{side}_{joint}" for side, _, _ in SIDES for joint in ("y_hip", "p_hip", "r_hip", "knee"))
# Frame to its parent, parents first.
PARENTS = {"waist": "body", "torso": "waist", "head": "torso",
           **{f"{side}_{part}": parent for side, _, _ in SIDES
              for part, parent in (("shoulder", "torso"), ("elbow", f"{side}_shoulder"), ("wrist", f"{side}_elbow"))}}


@dataclass(frozen=True)
class Frame:
    """Place of a body part in the skeleton's frame.

    Attributes:
        origin: (3,) [m].
        rotation: (3, 3) axes of the part as columns.
    """

    origin: Array
    rotation: Array

    def below(self, parent: Frame) -> Frame:
        """Return the same place in the frame of a parent."""
        return Frame(parent.rotation.T @ (self.origin - parent.origin), parent.rotation.T @ self.rotation)


@dataclass(frozen=True)
class BodyState:
    """One pose of a body.

    Attributes:
        angles: Joint of REP-155, without an identifier, to its angle [rad].
        frames: Link of REP-155, without an identifier, to its place; `body` and those of `PARENTS`.
    """

    angles: dict[str, float]
    frames: dict[str, Frame]


class BodyAngles:
    """Converts the poses of one stream.

    Args:
        skeleton: With the joints of the upper body.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._index = {name: i for i, name in enumerate(skeleton.names)}
        self._last = {side: (0.0, 0.0) for side, _, _ in SIDES}  # angles y and r of each shoulder

    def read(self, joint_xyz: npt.NDArray[np.floating]) -> BodyState:
        """Convert one pose (J, 3) [m]."""
        at = {name: np.asarray(joint_xyz[i], dtype=np.float64) for name, i in self._index.items()}
        torso = _axes(at["left_shoulder"] - at["right_shoulder"], at["neck"] - at["pelvis"])
        turn, lean, waist = euler_zxy(torso[None])[0]
        body = (axis_rotation(Z, np.array([turn])) @ axis_rotation(X, np.array([lean])))[0]
        head = _head(at)
        frames = {"body": Frame(at["pelvis"], body), "waist": Frame(at["pelvis"], torso),
                  "torso": Frame((at["left_shoulder"] + at["right_shoulder"]) / 2, torso),
                  "head": Frame(at["head"], head)}
        angles = {"waist": float(waist), **_head_angles(torso.T @ head)}
        for side, name, sign in SIDES:
            upper = unit(torso.T @ (at[f"{name}_elbow"] - at[f"{name}_shoulder"]))
            fore = unit(torso.T @ (at[f"{name}_wrist"] - at[f"{name}_elbow"]))
            y, p, r, e = self._arm(side, sign, upper, fore)
            shoulder = torso @ _shoulder(sign, y, p) @ _turn(Z, sign * r)
            elbow = shoulder @ _turn(Y, -e)
            angles |= {f"{side}_y_shoulder": y, f"{side}_p_shoulder": p, f"{side}_r_shoulder": r, f"{side}_elbow": e}
            frames |= {f"{side}_shoulder": Frame(at[f"{name}_shoulder"], shoulder),
                       f"{side}_elbow": Frame(at[f"{name}_elbow"], elbow),
                       f"{side}_wrist": Frame(at[f"{name}_wrist"], elbow)}
        return BodyState({**angles, **dict.fromkeys(LEG_JOINTS, 0.0)}, frames)

    def _arm(self, side: str, sign: float, upper: Array, fore: Array) -> tuple[float, float, float, float]:
        """Angles y, p, r of a shoulder and e of its elbow, of directions (3,) in the torso's frame."""
        y, r = self._last[side]
        if math.hypot(upper[X], upper[Y]) > MIN_SINE:
            y = math.atan2(upper[X], sign * upper[Y])
        p = _arc_cosine(-upper[Z])
        local = _shoulder(sign, y, p).T @ fore
        if math.hypot(local[X], local[Y]) > MIN_SINE:
            r = sign * math.atan2(local[Y], local[X])
        self._last[side] = y, r
        return y, p, r, _arc_cosine(-local[Z])


def _head(at: dict[str, Array]) -> Array:
    """(3, 3) axes of the head: x to the nose, z away from the neck."""
    z = at["head"] - at["neck"]
    x = unit(at["nose"] - at["head"])
    return _axes(np.cross(z, x), z - np.dot(z, x) * x)


def _axes(left: Array, up: Array) -> Array:
    """(3, 3) axes of which `up` is kept, and left is made perpendicular to it."""
    z = unit(up)
    y = unit(orthogonal(left, z))
    return np.stack([np.cross(y, z), y, z], axis=-1)


def _head_angles(turn: Array) -> dict[str, float]:
    """Angles of Rx(r) Rz(y) Ry(-p)."""
    y = -math.asin(max(-1.0, min(1.0, float(turn[X, Y]))))
    return {"r_head": math.atan2(turn[Z, Y], turn[Y, Y]), "y_head": y,
            "p_head": -math.atan2(turn[X, Z], turn[X, X])}


def _shoulder(sign: float, y: float, p: float) -> Array:
    """(3, 3) Rz(-s y) Rx(s p)."""
    return np.asarray(_turn(Z, -sign * y) @ _turn(X, sign * p))


def _turn(axis: int, angle: float) -> Array:
    return np.asarray(axis_rotation(axis, np.array([angle]))[0])


def _arc_cosine(value: float) -> float:
    return math.acos(max(-1.0, min(1.0, float(value))))
