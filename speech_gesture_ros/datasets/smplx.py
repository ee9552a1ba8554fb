"""Reader of BEAT2's .npz: rotations of the 55 joints of SMPL-X, applied to an average skeleton.

    poses (T, 165) axis-angle [rad], 55 x 3       betas, trans: not needed       mocap_frame_rate: 30

Joint positions in SMPL-X come from a regressor over the body's mesh, whose licence does not allow to ship it. Gestures
need only the directions of the bones, which follow from the rotations and the rest directions: the offsets below, an
average adult in the model's T pose (y up, facing +z, x to the left) [m], rounded to 5 mm and written from general
anatomy. Rest directions of real bodies differ from it by a few degrees, which is the error of an arm; that of fingers
is larger. The order of joints and their parents are facts of the format (SMPL-X, Pavlakos et al. 2019).
"""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.pose.rotations import rotate

Array = npt.NDArray[np.float64]

NUM_JOINTS = 55
DEFAULT_RATE = 30.0  # [Hz] of BEAT2, where the file does not state it

_BODY: tuple[tuple[str, str, tuple[float, float, float]], ...] = (
    ("pelvis", "", (0.0, 0.0, 0.0)),
    ("left_hip", "pelvis", (0.06, -0.095, -0.005)),
    ("right_hip", "pelvis", (-0.06, -0.095, -0.005)),
    ("spine1", "pelvis", (0.0, 0.11, -0.025)),
    ("left_knee", "left_hip", (0.055, -0.38, -0.005)),
    ("right_knee", "right_hip", (-0.055, -0.38, -0.005)),
    ("spine2", "spine1", (0.0, 0.14, 0.0)),
    ("left_ankle", "left_knee", (-0.02, -0.41, -0.035)),
    ("right_ankle", "right_knee", (0.02, -0.41, -0.035)),
    ("spine3", "spine2", (0.0, 0.055, 0.025)),
    ("left_foot", "left_ankle", (0.045, -0.06, 0.125)),
    ("right_foot", "right_ankle", (-0.045, -0.06, 0.125)),
    ("neck", "spine3", (0.0, 0.165, -0.025)),
    ("left_collar", "spine3", (0.045, 0.085, -0.01)),
    ("right_collar", "spine3", (-0.045, 0.085, -0.01)),
    ("head", "neck", (0.0, 0.165, 0.02)),
    ("left_shoulder", "left_collar", (0.115, 0.04, -0.01)),
    ("right_shoulder", "right_collar", (-0.115, 0.04, -0.01)),
    ("left_elbow", "left_shoulder", (0.255, -0.02, -0.025)),
    ("right_elbow", "right_shoulder", (-0.255, -0.02, -0.025)),
    ("left_wrist", "left_elbow", (0.255, 0.01, 0.0)),
    ("right_wrist", "right_elbow", (-0.255, 0.01, 0.0)),
    ("jaw", "head", (0.0, 0.0, 0.02)),
    ("left_eye", "head", (0.03, 0.06, 0.08)),
    ("right_eye", "head", (-0.03, 0.06, 0.08)),
)
# First joint of each finger from the left wrist, and the step to the next two.
_FINGERS: tuple[tuple[str, tuple[float, float, float], tuple[float, float, float]], ...] = (
    ("index", (0.1, -0.005, 0.02), (0.03, 0.0, 0.0)),
    ("middle", (0.105, 0.0, -0.005), (0.03, 0.0, 0.0)),
    ("pinky", (0.085, -0.01, -0.045), (0.02, 0.0, -0.005)),
    ("ring", (0.095, -0.005, -0.025), (0.03, 0.0, -0.005)),
    ("thumb", (0.04, -0.01, 0.025), (0.025, -0.01, 0.025)),
)


def rest_skeleton() -> tuple[tuple[str, ...], npt.NDArray[np.int64], Array]:
    """Return names (55,), parents (55,) and rest offsets (55, 3) [m] in the order of SMPL-X."""
    joints = list(_BODY)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for finger, first, step in _FINGERS:
            for number, offset in enumerate((first, step, step), start=1):
                parent = f"{side}_wrist" if number == 1 else f"{side}_{finger}{number - 1}"
                joints.append((f"{side}_{finger}{number}", parent, (sign * offset[0], offset[1], offset[2])))
    names = tuple(name for name, _, _ in joints)
    parents = np.array([names.index(parent) if parent else -1 for _, parent, _ in joints], dtype=np.int64)
    return names, parents, np.array([offset for _, _, offset in joints])


def read_smplx(path: Path) -> SourceMotion:
    """Read a motion of BEAT2.

    Raises:
        InputError: If the file has no poses (T, 165).
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            poses = np.asarray(arrays["poses"], dtype=np.float64)
            rate = float(arrays["mocap_frame_rate"]) if "mocap_frame_rate" in arrays else DEFAULT_RATE
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise InputError("SMPL-X motion", str(path), "an .npz with poses (T, 165)", str(error)) from None
    if poses.ndim != 2 or poses.shape[1] != 3 * NUM_JOINTS or not len(poses):
        raise InputError(f"poses of {path}", poses.shape, f"(T, {3 * NUM_JOINTS}), T above 0",
                         "Export SMPL-X with hands and face.")
    if not rate > 0:
        raise InputError(f"mocap_frame_rate of {path}", rate, "above 0 Hz", "BEAT2 has 30.")
    return pose_smplx(poses, rate)


def pose_smplx(poses: Array, frame_rate: float) -> SourceMotion:
    """Return the motion of poses (T, 165) [rad] on the rest skeleton, pelvis at the origin."""
    names, parents, offsets = rest_skeleton()
    num = len(poses)
    vectors = poses.reshape(num, NUM_JOINTS, 3)
    # The columns of a rotation matrix are the rotated axes.
    local = np.stack([rotate(vectors, np.broadcast_to(axis, vectors.shape)) for axis in np.eye(3)], axis=-1)
    xyz, turns = np.zeros((num, NUM_JOINTS, 3)), local.copy()
    bind = np.zeros((NUM_JOINTS, 3))
    for i, parent in enumerate(parents[1:], start=1):
        turns[:, i] = turns[:, parent] @ local[:, i]
        xyz[:, i] = xyz[:, parent] + turns[:, parent] @ offsets[i]
        bind[i] = bind[parent] + offsets[i]
    return SourceMotion(names, parents, xyz, frame_rate, turns, bind)
