"""Motion in .npz files: which arrays hold it, under the names that are in use.

joint positions   joint_xyz (T, J, 3), names (J,), frame_rate, and parents (J,) if they are known; see `_POSITIONS` ...
as `generate` writes them: joint_xyz, skeleton_joints, rate_hz
as `data prepare` writes them: joint_xyz of the canonical skeleton with samples, at 25 Hz
rotations         of SMPL and its successors, see `smplx`
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_arrays import Arrays, array_names, read_arrays
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.smplx import BODY_MODEL, ROTATIONS, rest_skeleton
from speech_gesture_ros.datasets.source_motion import SourceMotion

KIND = "motion file"
# Names in any case of letters, in the order of preference.
_POSITIONS = ("joint_xyz", "joints_xyz", "positions", "global_positions", "world_positions", "joint_positions",
              "joints_positions", "pos", "joints_3d", "joints3d", "pos3d", "pose_3d", "pose3d", "keypoints_3d",
              "keypoints3d", "keypoints", "jtr", "xyz", "joints", "poses", "motion", "data", "arr_0")
_NAMES = ("names", "skeleton_joints", "skeleton", "joint_names", "joints", "joints_names", "joint_labels",
          "keypoint_names", "bone_names", "bones", "labels", "markers")
_PARENTS = ("parents", "parent", "joint_parents", "skeleton_parents")
_RATES = ("frame_rate", "rate_hz", "fps", "framerate", "frame_rate_hz", "mocap_framerate", "mocap_frame_rate",
          "sampling_rate", "sample_rate_hz", "rate")
_FRAME_TIMES = ("frame_time", "frametime", "frame_time_s", "dt", "timestep")
_TIMES = ("times", "timestamps", "time", "time_s", "t")
_SOUND = "samples"  # that a clip of a corpus has
_SMPLX_COUNTS = (22, 24, 52, 55)  # joints that SMPL and its successors have; the first 22 are the same
MAX_TIME_STEP_ERROR = 0.02  # of the mean step: times must be evenly spaced
TIME_UNITS_S = (1.0, 1e-3, 1e-6, 1e-9)  # the first that gives a usual rate
USUAL_RATES = (5.0, 1000.0)  # [Hz]


def motion_kind(path: Path) -> str:
    """Return "smplx" if a file holds rotations, else "positions"; the file may be damaged."""
    try:
        names = array_names(path, KIND)
    except InputError:
        return "positions"
    has_rotations = any(group[0] in names for group in ROTATIONS)
    is_body_model = any(name in names for name in BODY_MODEL) or not any(name.lower() in _NAMES for name in names)
    return "smplx" if has_rotations and is_body_model else "positions"


def read_positions(path: Path) -> SourceMotion:
    """Read joint positions.

    Raises:
        InputError: If the file is damaged or too large, or positions, names or frame rate are missing.
    """
    wanted = {*_POSITIONS, *_NAMES, *_PARENTS, *_RATES, *_FRAME_TIMES, *_TIMES}
    present = array_names(path, KIND)
    stored = read_arrays(path, KIND, [name for name in present if name.lower() in wanted])
    arrays = {name.lower(): array for name, array in reversed(stored.items())}
    notes: list[str] = []
    xyz = _positions(arrays, path, notes)
    names, parents = _skeleton(arrays, xyz.shape[1], _SOUND in present, path, notes)
    rate = float(POSE_RATE) if _SOUND in present and not _has_rate(arrays) else frame_rate(arrays, len(xyz), path)
    return SourceMotion(names, parents, xyz, rate, notes=tuple(notes))


def frame_rate(arrays: Arrays, num_frames: int, path: Path) -> float:
    """Return the frame rate that arrays of a file state [Hz].

    Raises:
        InputError: If they state none, or it is not above 0.
    """
    rate = _scalar(arrays, _RATES)
    if rate is None and (frame_time := _scalar(arrays, _FRAME_TIMES)):
        rate = 1.0 / frame_time
    if rate is None:
        rate = _rate_of_times(arrays, num_frames)
    if rate is None:
        raise InputError(f"frame rate of {path}", None, f"one of {list(_RATES + _FRAME_TIMES + _TIMES)}",
                         "Save it with the motion.")
    if not 0.0 < rate < np.inf:
        raise InputError(f"frame rate of {path}", rate, "above 0 Hz", "Write the file again.")
    return rate


def _has_rate(arrays: Arrays) -> bool:
    return any(name in arrays for name in (*_RATES, *_FRAME_TIMES, *_TIMES))


def _scalar(arrays: Arrays, names: Sequence[str]) -> float | None:
    found = next((arrays[name] for name in names if name in arrays and arrays[name].size == 1), None)
    try:
        return None if found is None else float(found.reshape(-1)[0])
    except (TypeError, ValueError):
        return None


def _rate_of_times(arrays: Arrays, num_frames: int) -> float | None:
    times = next((arrays[n] for n in _TIMES if n in arrays and arrays[n].shape == (num_frames,)), None)
    if times is None or num_frames < 2 or times.dtype.kind not in "fiu":
        return None
    steps = np.diff(times.astype(np.float64))
    step = float(steps.mean())
    if not (0 < step < np.inf and np.all(np.abs(steps - step) <= MAX_TIME_STEP_ERROR * step)):
        return None
    rates = [1.0 / (step * unit) for unit in TIME_UNITS_S]
    return next((rate for rate in rates if USUAL_RATES[0] <= rate <= USUAL_RATES[1]), rates[0])


def _positions(arrays: Arrays, path: Path, notes: list[str]) -> npt.NDArray[np.float64]:
    """Return (T, J, 3); a fourth column is a confidence, and where it is 0 the joint is unknown."""
    counts = {len(array.reshape(-1)) for name, array in arrays.items() if name in _NAMES and array.dtype.kind in "US"}
    found = next((arrays[name] for name in _POSITIONS if name in arrays and _is_positions(arrays[name])), None)
    if found is None or (counts and found.shape[-2] not in counts):
        named = ((name, _by_count(arrays[name], count)) for name in _POSITIONS if name in arrays for count in counts)
        name, other = next(((name, array) for name, array in named if array is not None), ("", None))
        if other is not None:
            notes.append(f"{name} {arrays[name].shape} is read as (T, J, 3) by the number of names")
            found = other
    if found is None:
        raise InputError(KIND, str(path), "an .npz with joint positions (T, J, 3) as joint_xyz, names and frame_rate",
                         f"It has {({n: a.shape for n, a in arrays.items()})}.")
    values = np.array(found, dtype=np.float64).reshape(found.shape[-3:])
    if found.shape[-1] == 4:
        values[values[..., 3] <= 0] = np.nan
    return np.asarray(values[..., :3])


def _by_count(array: npt.NDArray[Any], count: int) -> npt.NDArray[Any] | None:
    """Return (T, J, 3) of an array (T, 3 J), (T, 3, J) or (J, T, 3) of J joints; None if it is none of these."""
    if array.dtype.kind not in "fiu":
        return None
    if array.ndim == 2 and array.shape[1] == 3 * count:
        return array.reshape(-1, count, 3)
    if array.ndim == 3 and array.shape[1:] == (3, count):
        return np.swapaxes(array, 1, 2)
    return np.swapaxes(array, 0, 1) if array.ndim == 3 and array.shape[::2] == (count, 3) else None


def _is_positions(array: npt.NDArray[Any]) -> bool:
    """Return whether an array is (T, J, 3) or (T, J, 4), or the only element of one with more axes."""
    shape: tuple[int, ...] = array.shape
    return array.dtype.kind in "fiu" and len(shape) >= 3 and shape[-1] in (3, 4) and math.prod(shape[:-3]) == 1


def _skeleton(arrays: Arrays, num_joints: int, is_clip: bool, path: Path,
              notes: list[str]) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Return names and parents (J,), -1 where they are not known."""
    texts = {name: array.reshape(-1) for name, array in arrays.items() if array.dtype.kind in "US"}
    found = next((texts[n] for n in _NAMES if n in texts and len(texts[n]) == num_joints), None)
    unknown = -np.ones(num_joints, dtype=np.int64)
    if found is not None:
        names = tuple(n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in found.tolist())
        return names, _parents(arrays, num_joints, notes)
    canonical = load_skeleton()
    if is_clip and num_joints == len(canonical):
        return canonical.names, canonical.parents
    if num_joints in _SMPLX_COUNTS:
        notes.append(f"no joint names: {num_joints} joints are taken for those of SMPL")
        names, parents, _ = rest_skeleton()
        return (*names[:22], *(f"joint{i}" for i in range(22, num_joints))), np.append(parents[:22], unknown[22:])
    raise InputError(f"joint names of {path}", {n: a.shape for n, a in texts.items()}, f"{num_joints} names as one of "
                     f"{list(_NAMES)}", "Save a name for each joint.")


def _parents(arrays: Arrays, num_joints: int, notes: list[str]) -> npt.NDArray[np.int64]:
    parents = next((arrays[n] for n in _PARENTS if n in arrays), None)
    if parents is None:
        return -np.ones(num_joints, dtype=np.int64)
    if parents.shape == (num_joints,) and parents.dtype.kind in "iu" and all(
            -1 <= int(parent) < i for i, parent in enumerate(parents)):
        return np.asarray(parents, dtype=np.int64)
    notes.append("the parents are not those of the joints before them: left out")
    return -np.ones(num_joints, dtype=np.int64)
