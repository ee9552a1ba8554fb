"""The reference pages and the default YAML, written from the tables of parameters and gestures: `make docs`."""

from __future__ import annotations

import logging
from pathlib import Path

import yaml

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.nodes.parameters import KINDS, rows
from speech_gesture_ros.nodes.settings import NODES
from speech_gesture_ros.pose.gesture_library import load_gestures
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.gesture_tracks import make_tracks

log = logging.getLogger(__name__)


def parameter_page() -> str:
    """docs/reference/parameters.md."""
    lines = ["# Parameters", "",
             "Written from `speech_gesture_ros/nodes/settings.py` by `make docs`; do not edit.",
             "*Live* parameters may be set while the node runs; the others are taken when it is configured.", ""]
    for node, settings in NODES.items():
        lines += [f"## {node}", "", "| parameter | type | default | allowed | meaning |", "|---|---|---|---|---|"]
        for row in rows(settings):
            default = f"`{row.default!r}`".replace("'", '"')
            live = " *Live.*" if row.is_live else ""
            lines.append(f"| `{row.name}` | {KINDS[row.kind]} | {default} | {row.bounds} | {row.description}{live} |")
        lines.append("")
    return "\n".join(lines)


def default_yaml(node: str) -> str:
    """config/nodes/<node>.yaml: every parameter with its default and meaning, ready to be copied and changed."""
    lines = [f"# Every parameter of {node} with its default. Written by `make docs`; copy it, change the copy.",
             f"/**/{node}:", "  ros__parameters:"]
    groups: dict[str, list[str]] = {}
    for row in rows(NODES[node]):
        group, _, leaf = row.name.rpartition(".")
        text = yaml.safe_dump({leaf: row.default}, default_flow_style=False).strip()
        groups.setdefault(group, []).extend([f"# {row.description}", text])
    for group, entries in groups.items():
        if group:
            lines.append(f"    {group}:")
        lines += [("      " if group else "    ") + entry for entry in entries]
    return "\n".join(lines) + "\n"


def gesture_page() -> str:
    """docs/reference/gestures.md: the table, and the lines for a language model's system prompt."""
    lines = ["# Gestures by name", "",
             "Written from `config/gestures.yaml` by `make docs`; do not edit. How to wish for them: "
             "[the guide](../guides/gestures.md).", "",
             "| name | meaning | on the word | side, others allowed | needs before [s] |", "|---|---|---|---|---|"]
    for name, gesture in load_gestures().items():
        others = [side for side in gesture.sides if side != gesture.side]
        sides = ", ".join([f"**{gesture.side}**", *others]) if gesture.arm or others else gesture.side
        start_s = max(-track.start_s for track in make_tracks(gesture, GestureRequest(name)).values())
        lines.append(f"| `{name}` | {gesture.meaning} | {gesture.on_word} | {sides} | {start_s:.2f} |")
    lines += ["", "*Needs before*: how long before its word the gesture begins to be seen. Wished for later than that, "
              "it comes that much late.", "", "## For a system prompt", "", "```text", *_prompt_lines(), "```"]
    return "\n".join(lines) + "\n"


def _prompt_lines() -> list[str]:
    return ["You speak through a robot. Where a gesture helps, write its name in square brackets directly before the",
            'word it belongs to, like: "[welcome] Hello! The exit is [point_left] over there." At most one gesture',
            "in five words; most sentences need none, for the robot moves its hands to your voice by itself.",
            "Gestures:", *(f"  [{name}] {gesture.meaning}" for name, gesture in load_gestures().items())]


def files(root: Path) -> dict[Path, str]:
    """What to write, by path below the checkout."""
    made = {root / "docs" / "reference" / "parameters.md": parameter_page()}
    made[root / "docs" / "reference" / "gestures.md"] = gesture_page()
    made[root / "config" / "nodes" / "gesture_node.yaml"] = default_yaml("gesture_node")
    return made


def main() -> None:
    """Write the files into the checkout."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for path, text in files(share_folder()).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        log.info("wrote %s", path)


if __name__ == "__main__":
    main()
