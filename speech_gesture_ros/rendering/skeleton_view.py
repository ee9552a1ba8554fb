"""Human skeleton drawn as a human: rounded limbs, a head with a face, hands with thumbs.

Only joints of the canonical upper body are used; parts whose joints a skeleton lacks are left out. Legs are not part of
the motion: they are drawn straight under the pelvis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.shapes import Shape, Vector, capsule, ellipsoid, frame_along

SKIN = (0.87, 0.67, 0.56)
PULLOVER = (0.15, 0.38, 0.50)
SLEEVE = (0.21, 0.50, 0.64)  # lighter, so that an arm is visible in front of the body
TROUSERS = (0.24, 0.26, 0.31)
HAIR = (0.23, 0.17, 0.14)
DARK = (0.10, 0.09, 0.09)
SHOE = (0.15, 0.15, 0.16)


@dataclass(frozen=True)
class HumanPlacement:
    """Place of the human in the scene.

    Attributes:
        origin: (3,) position of the pelvis [m].
        yaw: Heading about z [rad].
        scale: Size relative to the skeleton.
    """

    origin: tuple[float, float, float] = (0.0, 0.0, 0.95)
    yaw: float = 0.0
    scale: float = 1.0

    def apply(self, xyz: npt.NDArray[np.floating]) -> Vector:
        """Skeleton frame to scene, (..., 3) [m]."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        return np.asarray(self.scale * np.asarray(xyz, dtype=np.float64) @ turn.T + np.array(self.origin))


def human_shapes(skeleton: Skeleton, joint_xyz: npt.NDArray[np.floating], placement: HumanPlacement) -> list[Shape]:
    """Make the shapes of one pose.

    Args:
        skeleton: Names the joints.
        joint_xyz: (J, 3) skeleton joint positions [m]; frames with NaN draw the rest pose.
        placement: Place of the human.

    Returns:
        Shapes in the scene's frame.
    """
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    if not np.all(np.isfinite(xyz)):
        xyz = skeleton.rest_xyz
    at = dict(zip(skeleton.names, placement.apply(xyz)))
    k = placement.scale
    shapes = _torso(at, k) + _head(at, k) + _legs(placement)
    for side in ("left", "right"):
        shapes += _arm(at, side, k)
    return shapes


def _torso(at: dict[str, Vector], k: float) -> list[Shape]:
    if not {"pelvis", "chest", "left_shoulder", "right_shoulder"} <= at.keys():
        return []
    left, right = at["left_shoulder"], at["right_shoulder"]
    across = left - right
    collar = (left + right) / 2
    frame = frame_along(collar - at["pelvis"], across)
    half = float(np.linalg.norm(across)) / 2
    belly = (at["pelvis"] + at["chest"]) / 2
    shapes = [
        capsule(left - 0.1 * across, right + 0.1 * across, 0.066 * k, PULLOVER),
        ellipsoid(at["chest"] - 0.04 * k * frame[:, 2], frame, (0.90 * half, 0.112 * k, 0.20 * k), PULLOVER),
        ellipsoid(belly + 0.02 * k * frame[:, 2], frame, (0.82 * half, 0.106 * k, 0.30 * k), PULLOVER),
        ellipsoid(at["pelvis"] + 0.005 * k * frame[:, 2], frame, (0.80 * half, 0.110 * k, 0.13 * k), TROUSERS),
    ]
    if "neck" in at:
        shapes.append(capsule(collar, at["neck"], 0.052 * k, SKIN))
    return shapes


def _head(at: dict[str, Vector], k: float) -> list[Shape]:
    if not {"head", "nose", "neck"} <= at.keys():
        return []
    ahead = at["nose"] - at["head"]
    up = at["head"] - at["neck"]
    frame = frame_along(up, ahead)  # x ahead, y left, z up
    x, y, z = frame.T
    middle = at["head"] + k * (0.012 * x + 0.035 * z)
    shapes = [
        capsule(at["neck"], at["head"], 0.048 * k, SKIN),
        ellipsoid(middle, frame, (0.093 * k, 0.076 * k, 0.115 * k), SKIN),
        ellipsoid(middle + k * (-0.020 * x + 0.026 * z), frame, (0.092 * k, 0.081 * k, 0.104 * k), HAIR),
        ellipsoid(middle + k * (0.088 * x - 0.016 * z), frame, (0.016 * k, 0.012 * k, 0.021 * k), SKIN),
    ]
    for side in (1.0, -1.0):
        eye = middle + k * (0.0835 * x + side * 0.029 * y + 0.014 * z)
        shapes.append(ellipsoid(eye, frame, (0.008 * k, 0.009 * k, 0.009 * k), DARK))
        shapes.append(ellipsoid(middle + k * (side * 0.077 * y - 0.004 * x), frame, (0.017 * k, 0.009 * k, 0.027 * k),
                                SKIN))
    return shapes


def _arm(at: dict[str, Vector], side: str, k: float) -> list[Shape]:
    if not {f"{side}_{n}" for n in ("shoulder", "elbow", "wrist")} <= at.keys():
        return []
    shoulder, elbow, wrist = (at[f"{side}_{n}"] for n in ("shoulder", "elbow", "wrist"))
    shapes = [
        capsule(shoulder, elbow, 0.050 * k, SLEEVE),
        capsule(elbow, wrist + 0.12 * (elbow - wrist), 0.041 * k, SLEEVE),
        capsule(elbow + 0.7 * (wrist - elbow), wrist, 0.028 * k, SKIN),
    ]
    if f"{side}_hand" not in at:
        return shapes
    hand = at[f"{side}_hand"]
    thumb = at.get(f"{side}_thumb")
    along = hand - wrist
    frame = frame_along(along, None if thumb is None else thumb - wrist)  # x towards the thumb, across the palm
    shapes.append(ellipsoid(wrist + 0.62 * along, frame, (0.043 * k, 0.020 * k, 0.062 * k), SKIN))
    for offset in (-0.027, -0.009, 0.009, 0.027):  # four fingers, slightly spread
        knuckle = wrist + 0.95 * along + offset * k * frame[:, 0]
        tip = knuckle + 0.75 * along + 0.45 * offset * k * frame[:, 0]
        shapes.append(capsule(knuckle, tip, 0.0105 * k, SKIN))
    if thumb is not None:
        shapes.append(capsule(wrist + 0.35 * along + 0.02 * k * frame[:, 0], thumb + 0.1 * along, 0.0125 * k, SKIN))
    return shapes


def _legs(placement: HumanPlacement) -> list[Shape]:
    shapes = []
    for side in (1.0, -1.0):
        points = np.array([[0.0, 0.095, -0.04], [0.01, 0.105, -0.48], [-0.01, 0.11, -0.88], [0.11, 0.125, -0.915]])
        hip, knee, ankle, toe = placement.apply(points * np.array([1.0, side, 1.0]))
        shapes += [capsule(hip, knee, 0.078 * placement.scale, TROUSERS),
                   capsule(knee, ankle, 0.058 * placement.scale, TROUSERS),
                   capsule(ankle, toe, 0.040 * placement.scale, SHOE)]
    return shapes
