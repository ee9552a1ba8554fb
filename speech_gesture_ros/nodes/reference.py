"""Reference pages and default YAML, generated from the tables of parameters and gestures by `make docs`."""

from __future__ import annotations

import logging
from pathlib import Path

import yaml

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.nodes.parameters import TYPE_NAMES, parameter_rows
from speech_gesture_ros.nodes.settings import NODE_SETTINGS
from speech_gesture_ros.pose.gesture_library import load_gestures
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.gesture_tracks import make_tracks

log = logging.getLogger(__name__)


def parameter_page() -> str:
    """Return docs/reference/parameters.md."""
    lines = ["# Parameters", "",
             "Written from `speech_gesture_ros/nodes/settings.py` by `make docs`; do not edit.",
             "*Live* parameters may be set while the node runs; the others are read when it is configured.", ""]
    for node, settings in NODE_SETTINGS.items():
        lines += [f"## {node}", "", "| parameter | type | default | allowed | meaning |", "|---|---|---|---|---|"]
        for row in parameter_rows(settings):
            default = f"`{row.default!r}`".replace("'", '"')
            live = " *Live.*" if row.is_live else ""
            lines.append(f"| `{row.name}` | {TYPE_NAMES[row.kind]} | {default} | {row.bounds} | "
                         f"{row.description}{live} |")
        lines.append("")
    return "\n".join(lines)


def default_yaml(node: str) -> str:
    """Return config/nodes/<node>.yaml: every parameter with its default and description, to be copied and changed."""
    lines = [f"# Every parameter of {node} with its default. Written by `make docs`; copy it, change the copy.",
             f"/**/{node}:", "  ros__parameters:"]
    groups: dict[str, list[str]] = {}
    for row in parameter_rows(NODE_SETTINGS[node]):
        group, _, leaf = row.name.rpartition(".")
        text = yaml.safe_dump({leaf: row.default}, default_flow_style=False).strip()
        groups.setdefault(group, []).extend([f"# {row.description}", text])
    for group, entries in groups.items():
        if group:
            lines.append(f"    {group}:")
        lines += [("      " if group else "    ") + entry for entry in entries]
    return "\n".join(lines) + "\n"


def gesture_page() -> str:
    """Return docs/reference/gestures.md: the gestures, and lines for the system prompt of a language model."""
    lines = ["# Gestures by name", "",
             "Written from `config/gestures.yaml` by `make docs`; do not edit. Requests: "
             "[guide](../guides/gestures.md).", "",
             "| name | meaning | phase on the word | side, others allowed | preparation [s] |", "|---|---|---|---|---|"]
    for name, gesture in load_gestures().items():
        others = [side for side in gesture.sides if side != gesture.side]
        sides = ", ".join([f"**{gesture.side}**", *others]) if gesture.arm or others else gesture.side
        start_s = max(-track.start_s for track in make_tracks(gesture, GestureRequest(name)).values())
        lines.append(f"| `{name}` | {gesture.meaning} | {gesture.on_word} | {sides} | {start_s:.2f} |")
    lines += ["", "*Preparation*: the gesture begins this long before its word. A request that arrives later than that "
              "is performed late by the difference.", "",
              "## For a system prompt", "", "```text", *_prompt_lines(), "```"]
    return "\n".join(lines) + "\n"


def _prompt_lines() -> list[str]:
    return ["You speak through a robot. Where a gesture helps, write its name in square brackets directly before the",
            'word it belongs to, like: "[welcome] Hello! The exit is [point_left] over there." At most one gesture',
            "in five words; most sentences need none, because the robot moves its hands to your voice by itself.",
            "Gestures:", *(f"  [{name}] {gesture.meaning}" for name, gesture in load_gestures().items())]


def files(root: Path) -> dict[Path, str]:
    """Return the content of each file, by path below the checkout."""
    made = {root / "docs" / "reference" / "parameters.md": parameter_page()}
    made[root / "docs" / "reference" / "gestures.md"] = gesture_page()
    made[root / "config" / "nodes" / "gesture_node.yaml"] = default_yaml("gesture_node")
    return made


def main() -> None:
    """Write all files."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for path, text in files(share_folder()).items():
        write_text(path, text)
        log.info("wrote %s", path)


if __name__ == "__main__":
    main()
