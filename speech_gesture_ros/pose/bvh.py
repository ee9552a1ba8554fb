"""Writer of BVH files, the motion format that animation programs read, from joint positions.

BVH stores rotations, a pose stream stores positions. If a joint has one child, its rotation is the shortest arc from
the child's rest direction to its bone, relative to the parent's orientation, which adds no twist. If it has several
(chest: neck and shoulders; wrist: hand and thumb), their common rotation is fitted (Kabsch 1976) and the remaining
translation, such as a shrug, goes into position channels of those children:

        chest ──fit──► neck, left_shoulder, right_shoulder      (6 channels each: position, rotation)
                          left_shoulder ──arc──► left_elbow     (3 channels: rotation)

Axes. The stream is x forward, y left, z up, in metres (REP-103). The file has the axes that animation programs expect:
Y up, facing +Z, X to the left, in centimetres; that is, (x, y, z) file = (y, z, x) stream. Blender's importer, with its
default axes, shows the body upright and facing the front view. Rotations are written in the order Z X Y.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.rotations import common_rotation, euler_zxy, shortest_arc

Array = npt.NDArray[np.float64]

CM_PER_M = 100.0
TO_FILE = [1, 2, 0]  # stream axes in the order of the file's: left, up, forward
POSITION_CHANNELS = ("Xposition", "Yposition", "Zposition")
ROTATION_CHANNELS = ("Zrotation", "Xrotation", "Yrotation")
LENGTH_TOLERANCE_M = 1e-3
END_SITE_CM = 2.0  # length of the end sites, without which programs do not draw the last bone


def write_bvh(path: str | Path, joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton, frame_rate: float) -> None:
    """Write a motion to a file.

    Args:
        path: File to write.
        joint_xyz: (T, J, 3) joint positions [m], x forward, y left, z up.
        skeleton: Skeleton with the bone lengths of the motion.
        frame_rate: [Hz].

    Raises:
        InputError: If the motion has the wrong shape, no frames, NaN, or bones of other lengths than the skeleton.
    """
    _check(joint_xyz, skeleton, frame_rate)
    children = _children(skeleton)
    has_position = [i == 0 or len(children[skeleton.parents[i]]) > 1 for i in range(len(skeleton))]
    order, lines = [], ["HIERARCHY"]
    for joint, depth, opening in _walk(children, 0):
        if opening:
            order.append(joint)
        lines += _hierarchy_lines(skeleton, joint, depth, opening, has_position[joint], not children[joint])
    columns = _columns(skeleton, np.asarray(joint_xyz, dtype=np.float64), children, has_position, order)
    lines += ["MOTION", f"Frames: {len(columns)}", f"Frame Time: {1.0 / frame_rate:.9g}"]
    lines += [" ".join(f"{value:.5f}" for value in row) for row in columns]
    write_text(Path(path), "\n".join(lines) + "\n")


def _check(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton, frame_rate: float) -> None:
    shape = np.shape(joint_xyz)
    if len(shape) != 3 or shape[0] == 0 or shape[1:] != (len(skeleton), 3):
        raise InputError("shape of the motion", shape, f"(T, {len(skeleton)}, 3) with T above 0",
                         "Pass joint positions of this skeleton.")
    if not np.all(np.isfinite(joint_xyz)):
        raise InputError("motion", "NaN or infinity", "finite", "Fill the gaps first.")
    if not frame_rate > 0:
        raise InputError("frame_rate", frame_rate, "above 0 Hz", f"Poses of the pipeline are at {POSE_RATE} Hz.")
    lengths = np.linalg.norm(skeleton.bones_from_xyz(joint_xyz), axis=-1)
    error = np.abs(lengths - skeleton.bone_lengths)[:, 1:].max(axis=0)
    if error.max() > LENGTH_TOLERANCE_M:
        worst = skeleton.names[1 + int(np.argmax(error))]
        raise InputError(f"length of the bone to {worst!r}", f"{error.max() * 1000:.1f} mm off",
                         f"within {LENGTH_TOLERANCE_M * 1000:.0f} mm of the skeleton's",
                         "Pass a skeleton with the motion's bone lengths.")


def _children(skeleton: Skeleton) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in skeleton.names]
    for i, parent in enumerate(skeleton.parents[1:], start=1):
        children[parent].append(i)
    return children


def _walk(children: list[list[int]], joint: int, depth: int = 0) -> Iterator[tuple[int, int, bool]]:
    """Depth first: (joint, depth, True) before and (joint, depth, False) after the children."""
    yield joint, depth, True
    for child in children[joint]:
        yield from _walk(children, child, depth + 1)
    yield joint, depth, False


def _hierarchy_lines(skeleton: Skeleton, joint: int, depth: int, opening: bool, has_position: bool,
                     leaf: bool) -> list[str]:
    pad = "\t" * depth
    if not opening:
        return [pad + "}"]
    channels = (*POSITION_CHANNELS, *ROTATION_CHANNELS) if has_position else ROTATION_CHANNELS
    offset = skeleton.offsets[joint][TO_FILE] * CM_PER_M
    lines = [f"{'JOINT' if depth else 'ROOT'} {skeleton.names[joint]}", "{", "\t" + _offset_line(offset),
             f"\tCHANNELS {len(channels)} {' '.join(channels)}"]
    if leaf:
        end = offset / np.linalg.norm(offset) * END_SITE_CM if joint else np.array([0.0, END_SITE_CM, 0.0])
        lines += ["\tEnd Site", "\t{", "\t\t" + _offset_line(end), "\t}"]
    return [pad + line for line in lines]


def _offset_line(offset: Array) -> str:
    return "OFFSET " + " ".join(f"{value:.6f}" for value in offset)


def _columns(skeleton: Skeleton, joint_xyz: Array, children: list[list[int]], has_position: list[bool],
             order: list[int]) -> Array:
    """(T, C) channel values in file order."""
    rest = skeleton.offsets[:, TO_FILE]
    bones = skeleton.bones_from_xyz(joint_xyz)[..., TO_FILE]
    turns = _global_rotations(rest, bones, skeleton, children)
    columns = []
    for joint in order:
        parent = turns[:, skeleton.parents[joint]] if joint else np.tile(np.eye(3), (len(bones), 1, 1))
        to_parent = np.swapaxes(parent, -1, -2)
        if has_position[joint]:
            columns.append((to_parent @ bones[:, joint, :, None])[..., 0] * CM_PER_M)
        columns.append(np.degrees(euler_zxy(to_parent @ turns[:, joint])))
    return np.concatenate(columns, axis=1)


def _global_rotations(rest: Array, bones: Array, skeleton: Skeleton, children: list[list[int]]) -> Array:
    """(T, J, 3, 3) orientation of each joint, which maps the rest offsets of its children onto their bones."""
    turns = np.tile(np.eye(3), (*bones.shape[:2], 1, 1))
    for joint, below in enumerate(children):
        if joint:
            turns[:, joint] = turns[:, skeleton.parents[joint]]
        if len(below) == 1:
            expected = turns[:, joint] @ rest[below[0]]
            turns[:, joint] = shortest_arc(expected, bones[:, below[0]]) @ turns[:, joint]
        elif below:
            turns[:, joint] = common_rotation(rest[below], bones[:, below])
    return turns

