"""Reader of rotations of SMPL-X and its predecessors in .npz files, applied to an average skeleton.

    poses (T, 165), (T, 156), (T, 72), (T, 66)    axis-angle [rad] of SMPL-X, SMPL-H, SMPL, the body only; or (T, J, 3),
                                                  or rotation matrices (T, J, 3, 3); also as fullpose, smpl_poses ...
    global_orient, body_pose, left_hand_pose, right_hand_pose          as the SMPL-X package names them
    root_orient, pose_body, pose_hand                                  as AMASS names them
    mocap_frame_rate, mocap_framerate, fps ...    30 Hz, as BEAT2, if the file states none; betas, trans: not needed

Joint positions in SMPL-X come from a regressor over the body's mesh, whose licence does not allow to ship it. Gestures
need only the directions of the bones, which follow from the rotations and the rest directions: the offsets below, an
average adult in the model's T pose (y up, facing +z, x to the left) [m], rounded to 5 mm and written from general
anatomy. Rest directions of real bodies differ from it by a few degrees, which is the error of an arm; that of fingers
is larger. The order of joints and their parents are facts of the format (SMPL-X, Pavlakos et al. 2019).
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.bounded_arrays import Arrays, array_names, read_arrays
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.pose.rotations import rotate

Array = npt.NDArray[np.float64]

NUM_JOINTS = 55
MAX_MATRIX_ERROR = 1e-2  # of a rotation matrix times its transpose
DEFAULT_RATE = 30.0  # [Hz] of BEAT2, where the file does not state it
KIND = "SMPL-X motion"
# Names of the arrays: the root or all joints, then body, left hand, right hand or both.
WHOLE = ("poses", "fullpose", "full_pose", "smpl_poses", "smplx_poses", "thetas", "pose")
ROTATIONS = (*((name,) for name in WHOLE), ("global_orient", "body_pose", "left_hand_pose", "right_hand_pose"),
             ("root_orient", "pose_body", "pose_hand"))
BODY_MODEL = ("betas", "trans", "transl", "gender", "surface_model_type", "smpl_trans")  # only files of SMPL have these
ROOTS = ("global_orient", "root_orient")  # of one joint each
RATES = ("mocap_frame_rate", "mocap_framerate", "frame_rate", "fps", "rate_hz", "framerate")
BODY_JOINTS, LEFT_HAND, RIGHT_HAND, HAND_JOINTS = 22, 25, 40, 15  # root and body; first joint of each hand
# Joints of `poses` to those of SMPL-X: SMPL-H has no jaw and eyes, SMPL two joints in the hands, which are left out.
_ORDERS = {55: np.arange(55), 52: np.r_[0:22, 25:55], 24: np.arange(22), 22: np.arange(22)}

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
    """Read a motion.

    Raises:
        InputError: If the file is damaged or too large, or has no rotations of a known form.
    """
    present = array_names(path, KIND)
    wanted = {*RATES, *(name for group in ROTATIONS for name in group)}
    arrays = {name: array for name, array in read_arrays(path, KIND, [n for n in present if n in wanted]).items()
              if array.dtype.kind in "fiu"}
    notes: list[str] = []
    poses = _poses(arrays, path, notes)
    stated = next((arrays[name] for name in RATES if name in arrays and arrays[name].size == 1), None)
    if stated is None:
        notes.append(f"the file states no frame rate: {DEFAULT_RATE:g} Hz")
    rate = DEFAULT_RATE if stated is None else float(stated.reshape(-1)[0])
    if not rate > 0:
        raise InputError(f"frame rate of {path}", rate, "above 0 Hz", "BEAT2 has 30.")
    return replace(pose_smplx(poses, rate), notes=tuple(notes))


def _poses(arrays: Arrays, path: Path, notes: list[str]) -> Array:
    """Return rotations (T, 165); joints that the file does not have are not rotated."""
    group = next((names for names in ROTATIONS if names[0] in arrays), None)
    if group is None:
        raise InputError(KIND, str(path), "an .npz with poses (T, 165)", f"It has {sorted(arrays)}.")
    vectors = [_vectors(arrays[name], name, path) for name in group if name in arrays]
    if not len(vectors[0]) or len({len(part) for part in vectors}) > 1:
        raise InputError(f"{' and '.join(group)} of {path}", [part.shape for part in vectors],
                         "of the same number of frames, T above 0", "Export them again.")
    out = np.zeros((len(vectors[0]), NUM_JOINTS, 3))
    if len(group) == 1:
        order = _ORDERS.get(vectors[0].shape[1])
        if order is None:
            raise InputError(f"{group[0]} of {path}", arrays[group[0]].shape,
                             f"(T, {3 * NUM_JOINTS}), or of {sorted(_ORDERS)} joints",
                             "Export SMPL-X with hands and face.")
        out[:, order] = vectors[0][:, :len(order)]
    else:
        trunk = np.concatenate(vectors[:2], axis=1)
        if np.shape(trunk)[1] < BODY_JOINTS:
            raise InputError(f"{' and '.join(group[:2])} of {path}", np.shape(trunk), f"(T, {BODY_JOINTS}, 3) together",
                             "Export the whole body.")
        out[:, :BODY_JOINTS] = trunk[:, :BODY_JOINTS]
        hands = np.concatenate([np.zeros((len(out), 0, 3)), *vectors[2:]], axis=1)
        if hands.shape[1] == 2 * HAND_JOINTS:
            out[:, LEFT_HAND:RIGHT_HAND + HAND_JOINTS] = hands
        else:
            notes.append("no rotations of all fingers: the hands are open")
    return out.reshape(len(out), -1)


def _vectors(array: npt.NDArray[np.generic], name: str, path: Path) -> Array:
    """Return (T, J, 3) of (T, 3 J), (T, J, 3), or rotation matrices (T, J, 3, 3)."""
    if array.shape[-2:] == (3, 3) and (array.ndim == 4 or name in ROOTS):
        matrices = np.asarray(array, dtype=np.float64).reshape(-1, 3, 3)
        wrong = ~(np.abs(matrices @ np.swapaxes(matrices, 1, 2) - np.eye(3)).max(axis=(1, 2)) < MAX_MATRIX_ERROR)
        wrong[~wrong] = np.linalg.det(matrices[~wrong]) < 0
        if wrong.any():
            raise InputError(f"{name} of {path}", f"{int(wrong.sum())} matrices that are no rotations", "rotations",
                             "Export it again.")
        return np.asarray(Rotation.from_matrix(matrices).as_rotvec()).reshape(len(array), -1, 3)
    if (array.ndim == 3 and array.shape[-1] == 3) or (array.ndim == 2 and array.shape[1] % 3 == 0):
        return np.asarray(array, dtype=np.float64).reshape(len(array), math.prod(array.shape[1:]) // 3, 3)
    if "hand" in name and array.ndim == 2:  # principal components of hand poses
        return np.zeros((len(array), 0, 3))
    raise InputError(f"{name} of {path}", array.shape, "(T, 3 J), (T, J, 3) or (T, J, 3, 3)",
                     "Export axis-angle rotations or rotation matrices.")


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
