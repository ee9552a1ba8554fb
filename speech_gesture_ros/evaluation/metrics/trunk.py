"""Motion of head and torso: turning speeds, nods, lean. Positions (T, J, 3) in metres, low-passed at 6 Hz first.

        nose            head axes: ahead to the nose, up from the neck
    head o--            torso axis: from the pelvis to between the shoulders
     neck |
          o pelvis

The human values of the head come from two speakers: a rough guide only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import Floats, low_pass
from speech_gesture_ros.evaluation.metrics.body_frame import between_shoulders

NOD_DEG = 4.0


def head_speeds(joint_xyz: npt.NDArray[np.floating], fps: float, skeleton: Skeleton) -> Floats:
    """(T - 1,) speed of the head's rotation about any axis [deg/s]."""
    xyz = low_pass(joint_xyz, fps)
    ahead = _unit(xyz[:, skeleton.index["nose"]] - xyz[:, skeleton.index["head"]])
    left = _unit(np.cross(xyz[:, skeleton.index["head"]] - xyz[:, skeleton.index["neck"]], ahead))
    frames = Rotation.from_matrix(np.stack([ahead, left, np.cross(ahead, left)], axis=-1))
    return np.asarray(np.degrees((frames[1:] * frames[:-1].inv()).magnitude()) * fps)


def nods(joint_xyz: npt.NDArray[np.floating], fps: float, skeleton: Skeleton) -> int:
    """Number of times the nose moves down by at least `NOD_DEG` and up again."""
    xyz = low_pass(joint_xyz, fps)
    ahead = _unit(xyz[:, skeleton.index["nose"]] - xyz[:, skeleton.index["head"]])
    pitch = np.degrees(np.arcsin(np.clip(ahead[:, 2], -1.0, 1.0)))
    return len(signal.find_peaks(-pitch, prominence=NOD_DEG)[0])


def lean_speeds(joint_xyz: npt.NDArray[np.floating], fps: float, skeleton: Skeleton) -> Floats:
    """(T - 1,) speed at which the torso axis turns [deg/s]."""
    axis = _torso(low_pass(joint_xyz, fps), skeleton)
    turn = np.arctan2(np.linalg.norm(np.cross(axis[1:], axis[:-1]), axis=1), np.sum(axis[1:] * axis[:-1], axis=1))
    return np.asarray(np.degrees(turn) * fps)


def yaw_speeds(joint_xyz: npt.NDArray[np.floating], fps: float, skeleton: Skeleton) -> Floats:
    """(T - 1,) speed at which the line of the shoulders turns about the vertical [deg/s]."""
    xyz = low_pass(joint_xyz, fps)
    across = xyz[:, skeleton.index["left_shoulder"]] - xyz[:, skeleton.index["right_shoulder"]]
    return np.asarray(np.degrees(np.abs(np.diff(np.unwrap(np.arctan2(across[:, 1], across[:, 0]))))) * fps)


def lean_deg(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> Floats:
    """(T,) forward lean of the torso axis from the vertical [deg]; backward is negative."""
    axis = _torso(np.asarray(joint_xyz, dtype=np.float64), skeleton)
    return np.asarray(np.degrees(np.arctan2(axis[:, 0], axis[:, 2])))


def _torso(xyz: Floats, skeleton: Skeleton) -> Floats:
    return _unit(between_shoulders(xyz, skeleton) - xyz[:, skeleton.index["pelvis"]])


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
