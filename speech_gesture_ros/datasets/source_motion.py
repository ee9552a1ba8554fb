"""Motion of a source file: any skeleton, axes, units and frame rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.pose.bvh_file import MAX_POSES, read_bvh_file

Array = npt.NDArray[np.float64]

MIN_RATE, MAX_RATE = 1.0, 2000.0  # [Hz]


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

    Raises:
        InputError: If there are no frames or too many, or the frame rate is out of range.
    """

    names: tuple[str, ...]
    parents: npt.NDArray[np.int64]
    xyz: Array
    frame_rate: float
    turns: Array | None = None
    bind_xyz: Array | None = None
    frame_time_step_s: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        num_frames, num_joints = self.xyz.shape[:2]
        if not 1 <= num_frames <= MAX_POSES // max(1, num_joints):
            raise InputError("frames of the motion", num_frames, f"1 to {MAX_POSES // max(1, num_joints)} with "
                             f"{num_joints} joints", "Cut the recording into parts.")
        if not MIN_RATE <= self.frame_rate <= MAX_RATE:
            raise InputError("frame rate of the motion", self.frame_rate, f"{MIN_RATE:g} to {MAX_RATE:g} Hz",
                             "Correct the file.")

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
