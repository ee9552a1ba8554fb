"""Reader of BVH files: joints, channels, and joint positions by forward kinematics.

    HIERARCHY  ROOT hips { OFFSET x y z  CHANNELS 6 Xposition ... JOINT spine { ... End Site { OFFSET x y z } } }
    MOTION     Frames: T   Frame Time: s   T lines of C numbers

Channels may be in any order, on any joint; rotations are applied in the order of the channels, about the axes of the
rotated joint [degrees]. A position channel replaces the joint's offset; if all position channels of a joint are always
zero and its offset is not, they are added to it. End sites are joints without channels, named after their parent. Axes
and units are those of the file; `pose/bvh.py` and `datasets/` convert them.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.pose.bvh_hierarchy import AXIS_INDEX, BvhJoint, parse_hierarchy
from speech_gesture_ros.pose.rotations import axis_rotation

Array = npt.NDArray[np.float64]

MAX_FILE_BYTES = 512 * MIB
MAX_POSES = 2**24  # frames times joints: 1.5 GiB in `BvhFile.pose`, half an hour at 120 Hz of 75 joints
MIN_FRAME_TIME_S, MAX_FRAME_TIME_S = 0.0005, 1  # [s]
MAX_HEADER_LENGTH = 100  # characters of the lines 'Frames:' and 'Frame Time:'
MAX_WRONG_COUNT = 1  # difference of announced and present frames that is accepted


@dataclass(frozen=True)
class BvhFile:
    """Content of a file. J joints, end sites included, parents first.

    Attributes:
        joints: In the order of the file.
        values: (T, C) channel values, NaN where the file has no number.
        frame_rate: [Hz].
        frame_time_step_s: Resolution of the stated frame time: 0.001 for "0.033" [s].
        notes: Differences from a correct file that were accepted.
    """

    joints: tuple[BvhJoint, ...]
    values: Array
    frame_rate: float
    frame_time_step_s: float = 0.0
    notes: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Joint names; repeated ones are numbered."""
        names: list[str] = []
        for joint in self.joints:
            again = sum(n == joint.name or n.startswith(f"{joint.name}#") for n in names)
            names.append(f"{joint.name}#{again + 1}" if again else joint.name)
        return tuple(names)

    @cached_property
    def bind_xyz(self) -> Array:
        """(J, 3) positions with all rotations at zero, root at the origin."""
        xyz = np.zeros((len(self.joints), 3))
        for i, joint in enumerate(self.joints[1:], start=1):
            xyz[i] = xyz[joint.parent] + joint.offset
        return xyz

    def pose(self) -> tuple[Array, Array]:
        """Compute positions (T, J, 3) and orientations (T, J, 3, 3) of all joints in the file's axes and units.

        The orientation is the rotation from the bind pose. Memory: 96 T J bytes.
        """
        num = len(self.values)
        xyz, turns = np.zeros((num, len(self.joints), 3)), np.zeros((num, len(self.joints), 3, 3))
        column = 0
        for i, joint in enumerate(self.joints):
            columns = self.values[:, column:column + len(joint.channels)]
            column += len(joint.channels)
            position, turn = _local(joint, columns)
            if i == 0:
                xyz[:, 0], turns[:, 0] = position, turn
            else:
                xyz[:, i] = (turns[:, joint.parent] @ position[..., None])[..., 0] + xyz[:, joint.parent]
                turns[:, i] = turns[:, joint.parent] @ turn
        return xyz, turns


def read_bvh_file(path: str | Path) -> BvhFile:
    """Read a file.

    Raises:
        InputError: If it is missing, too large or not a complete BVH file; the message names the line.
    """
    data = read_bounded(Path(path), MAX_FILE_BYTES, "BVH file")
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    try:
        return parse_bvh(text)
    except ValueError as error:
        raise InputError("BVH file", str(path), "a complete BVH file", f"Reading it failed: {error}.") from None


def parse_bvh(text: str) -> BvhFile:
    """Read the content of a file.

    Raises:
        ValueError: If it is not a complete BVH file; the message names the line and the mistake.
    """
    lines = text.splitlines()
    motion = next((i for i, line in enumerate(lines) if line.strip().upper() == "MOTION"), None)
    if motion is None:
        raise ValueError("there is no MOTION section")
    joints = parse_hierarchy(lines[:motion])
    rest = [(i, line.strip()) for i, line in enumerate(lines[motion + 1:], start=motion + 2) if line.strip()]
    if len(rest) < 2:
        raise ValueError(f"line {motion + 1}: 'Frames:' and 'Frame Time:' must follow MOTION")
    count, frame_time = _header(rest[0], "frames"), _header(rest[1], "frame time")
    if not frame_time > 0:
        raise ValueError(f"line {rest[1][0]}: frame time {float(frame_time)} is not above 0")
    if not MIN_FRAME_TIME_S <= frame_time <= MAX_FRAME_TIME_S:
        raise ValueError(f"line {rest[1][0]}: frame time {frame_time} is not from {MIN_FRAME_TIME_S} to "
                         f"{MAX_FRAME_TIME_S} s")
    if (len(rest) - 2) * len(joints) > MAX_POSES:
        raise ValueError(f"{len(rest) - 2} frames of {len(joints)} joints are more than {MAX_POSES} positions")
    rows, width, notes = rest[2:], sum(len(j.channels) for j in joints), []
    if len(rows) > 1 and len(rows[-1][1].split()) < width:
        notes.append(f"line {rows[-1][0]}, the last, is torn: left out")
        rows = rows[:-1]
    values = _parse_values(rows, width)
    if abs(len(values) - count) > MAX_WRONG_COUNT:
        raise ValueError(f"line {rest[0][0]}: the header gives {count} frames, the file has {len(values)}")
    if not len(values):
        raise ValueError(f"line {rest[0][0]}: there are no frames")
    if len(values) != count:
        notes.append(f"the header gives {count} frames, the file has {len(values)}")
    return BvhFile(tuple(joints), values, float(1 / frame_time), _step(frame_time), tuple(notes))


def _step(number: Decimal) -> float:
    """Return the value of the last digit of a number as it is written."""
    return float(Decimal(1).scaleb(int(number.as_tuple().exponent)))


def _header(numbered: tuple[int, str], key: str) -> Decimal:
    number, line = numbered
    name, _, text = line[:MAX_HEADER_LENGTH].partition(":")
    try:
        if "".join(name.lower().split()) == key.replace(" ", "") and len(line) < MAX_HEADER_LENGTH:
            value = Decimal(text.strip())
            if value.is_finite() and abs(value.adjusted()) < MAX_HEADER_LENGTH:
                return value
    except InvalidOperation:
        pass
    raise ValueError(f"line {number}: {line[:40]!r} is not '{key}:' and a number")


def _parse_values(numbered: list[tuple[int, str]], width: int) -> Array:
    """(T, C) values; one frame a line."""
    try:
        values = np.loadtxt([line for _, line in numbered], dtype=np.float64, ndmin=2) if numbered else np.empty((0, 0))
    except ValueError:
        values = np.empty((0, 0))
    if values.shape == (len(numbered), width):
        return np.where(np.isfinite(values), values, np.nan)
    # There is a mistake, or numbers are written as words (-nan(ind), 1.#QNAN): read line by line.
    rows: list[list[float | None]] = []
    for number, line in numbered:
        row = [_number(word) for word in line.split()]
        if len(row) != width:
            raise ValueError(f"line {number}: {len(row)} numbers for {width} channels")
        if None in row:
            raise ValueError(f"line {number}: {line.split()[row.index(None)][:40]!r} is not a number")
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(-1, width)


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return float("nan") if any(mark in word.lower() for mark in ("nan", "#", "inf")) else None


def _local(joint: BvhJoint, columns: Array) -> tuple[Array, Array]:
    """(T, 3) position and (T, 3, 3) rotation of a joint relative to its parent."""
    num = len(columns)
    position, turn = np.tile(np.array(joint.offset), (num, 1)), np.tile(np.eye(3), (num, 1, 1))
    positions = [i for i, channel in enumerate(joint.channels) if channel.endswith("position")]
    unused = joint.parent >= 0 and any(joint.offset) and not np.any(columns[:, positions])
    for i, channel in enumerate(joint.channels):
        axis = AXIS_INDEX[channel[0]]
        if channel.endswith("rotation"):
            turn = turn @ axis_rotation(axis, np.radians(columns[:, i]))
        elif not unused:
            position[:, axis] = columns[:, i]
    return position, turn
