"""Notes about a robot, with those that differ only in joint and numbers joined to one.

Three notes on three joints, "velocity limit 37 rad/s ... replaced by 8 rad/s" and the same with 22 and 37, become
"all 3 joints: velocity limit 22..37 rad/s ... replaced by 8 rad/s".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

OF_A_JOINT = re.compile(r"joint (\S+): (.*)")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")
MAX_NAMED_JOINTS = 6  # of more joints, the number is given
UNREAD_MESHES, GUESSED_CAPSULES = "could not be read", "capsules are guessed from joint origins"


def is_doubtful(note: str) -> bool:
    """Return whether a note says that self-collision is checked with less than the robot's own shapes."""
    return UNREAD_MESHES in note or GUESSED_CAPSULES in note


def join_notes(notes: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Join notes that differ only in joint and numbers.

    Args:
        notes: One line each; those of one joint begin with "joint <name>: ".
        groups: Of the robot: group to its joints.
    """
    about_joints: dict[str, list[tuple[str, list[str]]]] = {}  # text without numbers to joints and their numbers
    others: list[str] = []
    for note in notes:
        match = OF_A_JOINT.fullmatch(note)
        if match is None:
            others.append(note)
            continue
        joint, text = match.groups()
        about_joints.setdefault(NUMBER.sub("#", text), []).append((joint, NUMBER.findall(text)))
    joined: dict[str, list[str]] = {}  # names of joints to the texts about them
    for text, found in about_joints.items():
        ranges = [_range(values) for values in zip(*(numbers for _, numbers in found))]
        joined.setdefault(_names([joint for joint, _ in found], groups), []).append(_filled(text, ranges))
    return [*(f"{joints}: {'; '.join(texts)}" for joints, texts in joined.items()), *others]


def _filled(text: str, numbers: list[str]) -> str:
    """Return the text with its numbers inserted."""
    parts = text.split("#")
    return "".join(part + number for part, number in zip(parts, [*numbers, *[""] * len(parts)]))


def _range(values: Iterable[str]) -> str:
    ordered = sorted(dict.fromkeys(values), key=float)
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]}..{ordered[-1]}"


def _names(joints: list[str], groups: Mapping[str, tuple[str, ...]]) -> str:
    """Return the shortest name of some joints: all, whole groups, or their names."""
    named = list(dict.fromkeys(joints))
    every = [name for names in groups.values() for name in names]
    if len(every) > 1 and set(named) == set(every):
        return f"all {len(every)} joints"
    whole = [group for group, names in groups.items() if len(names) > 1 and set(names) <= set(named)]
    left = [name for name in named if not any(name in groups[group] for group in whole)]
    if len(left) > MAX_NAMED_JOINTS:
        left = [*left[:MAX_NAMED_JOINTS - 1], f"{len(left) - MAX_NAMED_JOINTS + 1} more"]
    return ", ".join([*(f"all of {group}" for group in whole), *left])
