"""What was found, assumed or replaced on a robot, told once for all joints that it is true of.

Said of three joints, "velocity limit 37 ...; 8 used", "velocity limit 22 ...; 8 used" and the same again, it becomes
"all 3 joints: velocity limit 22..37 ...; 8 used".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

OF_A_JOINT = re.compile(r"joint (\S+): (.*)")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")
MANY = 6  # joints are named, up to so many


def grouped(notes: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Fewer notes that say the same.

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
    said: dict[str, list[str]] = {}  # joints to what is said of them
    for text, found in about_joints.items():
        ranges = [_range(values) for values in zip(*(numbers for _, numbers in found))]
        said.setdefault(_names([joint for joint, _ in found], groups), []).append(_filled(text, ranges))
    return [*(f"{joints}: {'; '.join(texts)}" for joints, texts in said.items()), *others]


def _filled(text: str, numbers: list[str]) -> str:
    """The text with its numbers in their places."""
    parts = text.split("#")
    return "".join(part + number for part, number in zip(parts, [*numbers, *[""] * len(parts)]))


def _range(values: Iterable[str]) -> str:
    ordered = sorted(dict.fromkeys(values), key=float)
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]}..{ordered[-1]}"


def _names(joints: list[str], groups: Mapping[str, tuple[str, ...]]) -> str:
    """As short as it can be said: all, whole groups, or names."""
    named = list(dict.fromkeys(joints))
    every = [name for names in groups.values() for name in names]
    if len(every) > 1 and set(named) == set(every):
        return f"all {len(every)} joints"
    whole = [group for group, names in groups.items() if len(names) > 1 and set(names) <= set(named)]
    left = [name for name in named if not any(name in groups[group] for group in whole)]
    if len(left) > MANY:
        left = [*left[:MANY - 1], f"{len(left) - MANY + 1} more"]
    return ", ".join([*(f"all of {group}" for group in whole), *left])
