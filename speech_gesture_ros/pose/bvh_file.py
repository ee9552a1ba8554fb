"""Reader of BVH files: joints, channels, and joint positions by forward kinematics.

    HIERARCHY  ROOT hips { OFFSET x y z  CHANNELS 6 Xposition ... JOINT spine { ... End Site { OFFSET x y z } } }
    MOTION     Frames: T   Frame Time: s   T lines of C numbers

Channels may be in any order, on any joint; rotations are applied in the order of the channels, about the axes of the
rotated joint [degrees]. A position channel replaces the joint's offset; if all position channels of a joint are always
zero and its offset is not, they are added to it. End sites are joints without channels, named after their parent. Axes
and units are those of the file; `pose/bvh.py` and `datasets/` convert them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.pose.rotations import axis_rotation

Array = npt.NDArray[np.float64]

AXIS_INDEX = {"X": 0, "Y": 1, "Z": 2}
END_SUFFIX = "_end"
_KINDS = ("position", "rotation")


@dataclass
class BvhJoint:
    """Joint of the hierarchy; the offset is in the file's axes and units."""

    name: str
    parent: int
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    channels: list[str] = field(default_factory=list)
    end_site: bool = False


@dataclass(frozen=True)
class BvhFile:
    """Content of a file. J joints, end sites included, parents first.

    Attributes:
        joints: In the order of the file.
        values: (T, C) channel values, NaN where the file has no number.
        frame_rate: [Hz].
    """

    joints: tuple[BvhJoint, ...]
    values: Array
    frame_rate: float

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
        InputError: If it is missing or not a complete BVH file; the message names the line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError("BVH file", str(path), "a readable text file", str(error)) from None
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
    joints = _parse_hierarchy(lines[:motion])
    rest = [(i, line.strip()) for i, line in enumerate(lines[motion + 1:], start=motion + 2) if line.strip()]
    if len(rest) < 2:
        raise ValueError(f"line {motion + 1}: 'Frames:' and 'Frame Time:' must follow MOTION")
    count = int(_header(rest[0], "frames:"))
    frame_time = _header(rest[1], "frame time:")
    if not frame_time > 0:
        raise ValueError(f"line {rest[1][0]}: frame time {frame_time} is not above 0")
    values = _parse_values(rest[2:], sum(len(j.channels) for j in joints))
    if len(values) != count:
        raise ValueError(f"line {rest[0][0]}: the header gives {count} frames, the file has {len(values)}")
    if count == 0:
        raise ValueError(f"line {rest[0][0]}: there are no frames")
    return BvhFile(tuple(joints), values, 1.0 / frame_time)


def _header(numbered: tuple[int, str], key: str) -> float:
    number, line = numbered
    try:
        if line.lower().startswith(key):
            return float(line[len(key):])
    except ValueError:
        pass
    raise ValueError(f"line {number}: {line[:40]!r} is not {key!r} and a number")


def _parse_hierarchy(lines: list[str]) -> list[BvhJoint]:
    joints: list[BvhJoint] = []
    stack: list[int] = []
    words = _Words(lines)
    for word in words:
        upper = word.upper()
        if upper in ("ROOT", "JOINT", "END"):
            if upper == "ROOT" and joints:
                raise ValueError(f"line {words.line}: a second ROOT; only files with one skeleton can be read")
            if upper != "ROOT" and not stack:
                raise ValueError(f"line {words.line}: {word} is outside the root")
            name = words.rest_of_line() or f"joint{len(joints)}"
            parent = stack[-1] if stack else -1
            end = upper == "END"
            joints.append(BvhJoint(joints[parent].name + END_SUFFIX if end else name, parent, end_site=end))
            stack.append(len(joints) - 1)
        elif upper == "OFFSET":
            joints[words.top(stack)].offset = (words.number(), words.number(), words.number())
        elif upper == "CHANNELS":
            joints[words.top(stack)].channels = [_channel(words) for _ in range(int(words.number()))]
        elif word == "}":
            words.top(stack)
            stack.pop()
        elif word != "{" and upper != "HIERARCHY":
            raise ValueError(f"line {words.line}: {word!r} is not expected here")
    if stack or not joints:
        raise ValueError("the hierarchy has no ROOT" if not joints else f"{len(stack)} brackets are not closed")
    return joints


class _Words:
    """Iterator over the words of lines; `line` is the line number of the last word."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = [line.replace("{", " { ").replace("}", " } ").split() for line in lines]
        self.line = 1
        self._next = 0

    def __iter__(self) -> Iterator[str]:
        while (word := self._take()) is not None:
            yield word

    def _take(self) -> str | None:
        while self.line <= len(self._lines):
            words = self._lines[self.line - 1]
            if self._next < len(words):
                self._next += 1
                return words[self._next - 1]
            self.line, self._next = self.line + 1, 0
        return None

    def word(self) -> str:
        """Return the next word.

        Raises:
            ValueError: If there is none.
        """
        word = self._take()
        if word is None:
            raise ValueError("the hierarchy ends too early")
        return word

    def number(self) -> float:
        """Return the next word as a number."""
        word = self.word()
        try:
            return float(word)
        except ValueError:
            raise ValueError(f"line {self.line}: {word!r} is not a number") from None

    def rest_of_line(self) -> str:
        """Return the words up to the end of the line or a bracket, as one name."""
        words = self._lines[self.line - 1][self._next:]
        words = words[:words.index("{")] if "{" in words else words
        self._next += len(words)
        return "_".join(words)

    def top(self, stack: list[int]) -> int:
        """Return the innermost open joint."""
        if not stack:
            raise ValueError(f"line {self.line}: no joint is open here")
        return stack[-1]


def _channel(words: _Words) -> str:
    word = words.word()
    if word[:1].upper() not in AXIS_INDEX or word[1:].lower() not in _KINDS:
        raise ValueError(f"line {words.line}: channel {word!r} is not one of Xposition, ..., Zrotation")
    return word[0].upper() + word[1:].lower()


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
            raise ValueError(f"line {number}: {line.split()[row.index(None)]!r} is not a number")
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
