"""Motion of a source file: any skeleton, axes, units and frame rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.pose.bvh_file import read_bvh_file

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SourceMotion:
    """T frames of J joints in the source's axes and units; NaN where a position is unknown.

    Attributes:
        names: (J,) joint names.
        parents: (J,) index of each joint's parent, -1 for none; parents come first.
        xyz: (T, J, 3) positions.
        frame_rate: [Hz].
        turns: (T, J, 3, 3) rotation of each joint from the bind pose, or None if only positions are known.
        bind_xyz: (J, 3) positions in the bind pose, or None.
        frame_time_step_s: Resolution of the frame time that the file states; 0 if the frame rate is exact [s].
        notes: Differences from a correct file that were accepted.
    """

    names: tuple[str, ...]
    parents: npt.NDArray[np.int64]
    xyz: Array
    frame_rate: float
    turns: Array | None = None
    bind_xyz: Array | None = None
    frame_time_step_s: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length [s]."""
        return len(self.xyz) / self.frame_rate

    def ancestors(self, joint: int) -> list[int]:
        """Return the joint, its parent, and so on to the root."""
        chain = []
        while joint >= 0:
            chain.append(joint)
            joint = int(self.parents[joint])
        return chain

    def distance(self, first: int, second: int) -> float:
        """Return the mean distance of two joints in the source's unit; NaN if they are never known together."""
        distances = np.linalg.norm(self.xyz[:, first] - self.xyz[:, second], axis=-1)
        known = distances[np.isfinite(distances)]
        return float(known.mean()) if len(known) else float("nan")

    def apart(self, joint: int, start: int, least: float) -> int:
        """Return a joint, or its first descendant that is at least so far from `start`; the joint if there is none."""
        found = joint
        while self.distance(found, start) < least:
            children = np.flatnonzero(self.parents == found)
            if not len(children):
                return joint
            found = int(children[0])
        return found


def read_bvh_motion(path: Path) -> SourceMotion:
    """Read a BVH file.

    Raises:
        InputError: If it is no complete BVH file.
    """
    file = read_bvh_file(path)
    xyz, turns = file.pose()
    parents = np.array([joint.parent for joint in file.joints], dtype=np.int64)
    return SourceMotion(file.names, parents, xyz, file.frame_rate, turns, file.bind_xyz, file.frame_time_step_s,
                        file.notes)


def read_positions(path: Path) -> SourceMotion:
    """Read joint positions in a .npz: joint_xyz (T, J, 3), names (J,), frame_rate, and parents (J,) if they are known.

    Raises:
        InputError: If the file has other content.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            xyz = np.asarray(arrays["joint_xyz"], dtype=np.float64)
            names = tuple(str(name) for name in arrays["names"])
            rate = float(arrays["frame_rate"])
            parents = np.asarray(arrays["parents"] if "parents" in arrays else -np.ones(len(names)), dtype=np.int64)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise InputError("motion file", str(path), "an .npz with joint_xyz, names and frame_rate", str(error)) from None
    if xyz.ndim != 3 or xyz.shape[1:] != (len(names), 3) or len(parents) != len(names):
        raise InputError(f"joint_xyz of {path}", xyz.shape, f"(T, {len(names)}, 3)", "Give one joint for each name.")
    if not len(xyz) or not rate > 0:
        raise InputError(f"frames, frame_rate of {path}", (len(xyz), rate), "above 0", "Write it again.")
    return SourceMotion(names, parents, xyz, rate)
