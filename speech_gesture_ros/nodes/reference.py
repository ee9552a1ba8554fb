"""The reference page and the default YAML of the parameters, written from their tables: `make docs`."""

from __future__ import annotations

import logging
from pathlib import Path

import yaml

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.nodes.parameters import KINDS, rows
from speech_gesture_ros.nodes.settings import NODES

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


def files(root: Path) -> dict[Path, str]:
    """What to write, by path below the checkout."""
    made = {root / "docs" / "reference" / "parameters.md": parameter_page()}
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
