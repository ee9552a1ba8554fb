"""Text about a robot description: parts, joints, notes, and command topics."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

WIDTH = 118  # [characters]
NUMBER_COLUMNS = ("lower", "upper", "rest", "speed", "accel")


def report(description: Any) -> str:
    """Format a `RobotDescription` in one or two screens."""
    from speech_gesture_ros.robot.notes import join_notes

    title = f"{description.name}: {len(description.joint_names)} commanded joints"
    checked = f"self-collision: {len(description.collision_pairs)} pairs of {len(description.capsules)} capsules"
    parts = [[title], _parts(description.body), _joints(description),
             ["notes", *_items([*join_notes(description.notes, description.groups), f"{checked} are checked"])],
             *([["warnings", *_items(description.warnings)]] if description.warnings else []),
             ["command topics", *_columns([(f"  {group}", topic) for group, topic in description.topics.items()])]]
    return "\n\n".join("\n".join(part) for part in parts)


def _parts(body: Any) -> list[str]:
    lines = _columns([("base", body.base), ("chest", body.torso), ("head", body.head or "(does not move)")])
    arms = [("arms", "shoulder", "elbow", "wrist", "hand")]
    arms += [(side, arm.shoulder, arm.elbow, arm.wrist, arm.hand or "(none)")
             for side, arm in (("left", body.left_arm), ("right", body.right_arm))]
    return [*lines, *_columns(arms)]


def _joints(description: Any) -> list[str]:
    """One row for each joint, under the name of its group."""
    limits, rows = description.limits, {name: i for i, name in enumerate(description.joint_names)}
    width = max(len(name) for name in (*rows, *description.groups)) + 4
    unit = "rad, s (m, s where a joint slides)"
    lines = ["joints".ljust(width) + "".join(f"{name:>8}" for name in NUMBER_COLUMNS) + f"   {unit}"]
    for group, names in description.groups.items():
        lines.append(group)
        for name in names:
            i = rows[name]
            values = (limits.lower[i], limits.upper[i], description.rest_q[i], limits.velocity[i],
                      limits.acceleration[i])
            lines.append(f"  {name}".ljust(width) + "".join(f"{round(v, 2) + 0.0:8.2f}" for v in values))
    return lines


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _items(notes: Sequence[str]) -> list[str]:
    return [line for note in notes for line in textwrap.wrap(
        note, WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)]
