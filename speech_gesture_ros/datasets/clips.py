"""One clip of a prepared corpus: sound with its motion, its conditions, and its file.

    clips/<name>.npz   samples int16, joint_xyz float32, keypoints float32, speaker

The file is written completely or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.bounded_arrays import read_arrays
from speech_gesture_ros.core.bounded_files import MIB
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.keypoints import KEYPOINT_RATE, NUM_KEYPOINTS
from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton

SPLITS = ("train", "validation", "test")
LENGTH_TOLERANCE_M = 1e-3
_FULL_SCALE = 32767
MOTION_ARRAYS = ("joint_xyz", "keypoints")
MAX_CLIP_BYTES = 256 * MIB  # an hour of sound with its motion
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+=-]*")


@dataclass(frozen=True)
class Clip:
    """Sound with its motion. T frames at 25 Hz, N = 640 T samples.

    Attributes:
        name: Unique in its corpus, valid as a file name.
        speaker: Name of the speaker (with the style, where the data set has styles).
        split: "train", "validation" or "test".
        samples: (N,) float32 mono at 16 kHz in [-1, 1].
        joint_xyz: (T, J, 3) float32 [m], canonical skeleton with its bone lengths; None if only keypoints are known.
        keypoints: (T15, 49, 3) float32 x, y [pixels] and confidence at 15 Hz in Speech2Gesture's order, or None.
    """

    name: str
    speaker: str
    split: str
    samples: npt.NDArray[np.float32]
    joint_xyz: npt.NDArray[np.float32] | None = None
    keypoints: npt.NDArray[np.float32] | None = None

    @property
    def num_frames(self) -> int:
        """Frames at 25 Hz."""
        return len(self.samples) // SAMPLES_PER_POSE

    @property
    def seconds(self) -> float:
        """Length [s]."""
        return len(self.samples) / SAMPLE_RATE


def clip_path(folder: Path, name: str) -> Path:
    """Return the file of a clip of a corpus.

    Raises:
        InputError: If the name is not that of a clip, such as a path out of the corpus.
    """
    if not NAME.fullmatch(name):
        raise InputError("clip name", name, "letters, digits and ._@+=- only", "Rename it.")
    return folder / "clips" / f"{name}.npz"


def write_clip(folder: Path, clip: Clip, skeleton: Skeleton) -> Path:
    """Write a clip, completely or not at all.

    Raises:
        InputError: If it is malformed.
    """
    check_clip(clip, skeleton)
    arrays: dict[str, Any] = {"speaker": np.array(clip.speaker),
                              "samples": np.round(clip.samples * _FULL_SCALE).astype(np.int16)}
    arrays |= {name: np.asarray(value, dtype=np.float32)
               for name, value in zip(MOTION_ARRAYS, (clip.joint_xyz, clip.keypoints)) if value is not None}
    path = clip_path(folder, clip.name)
    with atomic_write(path) as file:
        np.savez(file, **arrays)
    return path


def read_clip(path: Path) -> Clip:
    """Read the file of a clip; it does not contain the split, which is set to "train".

    Raises:
        ConfigError: If the file is not a clip, or too large.
    """
    try:
        arrays = read_arrays(path, "clip file", ("speaker", "samples", "joint_xyz", "keypoints"), MAX_CLIP_BYTES)
        samples, speaker = arrays["samples"], str(arrays["speaker"])
        if samples.dtype != np.int16 or any(arrays[n].dtype != np.float32 for n in MOTION_ARRAYS if n in arrays):
            raise ValueError("its arrays have other types")
    except (InputError, KeyError, ValueError) as error:
        raise ConfigError("clip file", str(path), "a clip written by this package",
                          f"Delete it and prepare again. ({error})") from error
    scaled = np.asarray(samples.astype(np.float32) / _FULL_SCALE, dtype=np.float32)
    return Clip(path.stem, speaker, "train", scaled, arrays.get("joint_xyz"), arrays.get("keypoints"))


def check_clip(clip: Clip, skeleton: Skeleton) -> None:
    """Check the conditions of a clip.

    Raises:
        InputError: If one is violated; names the clip and the condition.
    """
    where = f"clip {clip.name!r}"
    remedy = "Repair or drop it before it is written."
    if not NAME.fullmatch(clip.name):
        raise InputError("clip name", clip.name, "letters, digits and ._@+=- only", "Rename it.")
    if clip.split not in SPLITS:
        raise InputError(f"split of {where}", clip.split, f"one of {list(SPLITS)}", remedy)
    count = len(clip.samples)
    if np.ndim(clip.samples) != 1 or not count or count % SAMPLES_PER_POSE:
        raise InputError(f"samples of {where}", np.shape(clip.samples), f"(N,), N a multiple of {SAMPLES_PER_POSE}",
                         remedy)
    if not np.all(np.abs(clip.samples) <= 1.0):
        raise InputError(f"samples of {where}", "beyond full scale, or NaN", "in [-1, 1]", remedy)
    if clip.joint_xyz is None and clip.keypoints is None:
        raise InputError(f"motion of {where}", None, "joint_xyz or keypoints", remedy)
    if clip.joint_xyz is not None:
        _check_motion(clip.joint_xyz, clip.num_frames, skeleton, where, remedy)
    if clip.keypoints is not None:
        _check_keypoints(clip.keypoints, clip.seconds, where, remedy)


def _check_motion(joint_xyz: npt.NDArray[np.float32], num_frames: int, skeleton: Skeleton, where: str,
                  remedy: str) -> None:
    if np.shape(joint_xyz) != (num_frames, len(skeleton), 3):
        raise InputError(f"joint_xyz of {where}", np.shape(joint_xyz), str((num_frames, len(skeleton), 3)), remedy)
    if not np.all(np.isfinite(joint_xyz)):
        raise InputError(f"joint_xyz of {where}", "NaN or infinity", "finite", remedy)
    lengths = np.linalg.norm(skeleton.bones_from_xyz(joint_xyz), axis=-1)
    error = np.abs(lengths - skeleton.bone_lengths)[:, 1:].max()
    if error > LENGTH_TOLERANCE_M:
        raise InputError(f"bones of {where}", f"{error * 1000:.1f} mm off",
                         f"within {LENGTH_TOLERANCE_M * 1000:.0f} mm of the skeleton {skeleton.name!r}", remedy)


def _check_keypoints(keypoints: npt.NDArray[np.float32], seconds: float, where: str, remedy: str) -> None:
    expected = seconds * KEYPOINT_RATE
    shape = np.shape(keypoints)
    if len(shape) != 3 or shape[1:] != (NUM_KEYPOINTS, 3) or abs(shape[0] - expected) > 1.0:
        raise InputError(f"keypoints of {where}", shape, f"about {(round(expected), NUM_KEYPOINTS, 3)}", remedy)
    if not np.all(np.isfinite(keypoints)):
        raise InputError(f"keypoints of {where}", "NaN or infinity", "finite, confidence 0 where unknown", remedy)
