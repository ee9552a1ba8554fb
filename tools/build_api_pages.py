"""API pages in HTML from the docstrings, by pdoc: python tools/build_api_pages.py [build/api].

The first page has the public API, the names that `speech_gesture_ros` exports; the others have the types that these
take and return, and what an own stage, model or command interface implements.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pdoc

import speech_gesture_ros

PACKAGE = "speech_gesture_ros"
FURTHER_MODULES = ("core", "agent.agent_output", "agent.motion_state", "networks.model", "pose.gesture_requests",
                   "robot.command_interfaces", "robot.description", "nodes.outputs.output")


def build_pages(out: Path) -> None:
    """Write index.html and a page for each module into a folder."""
    for name in speech_gesture_ros.__all__:
        getattr(speech_gesture_ros, name)  # import it now: pdoc documents what the module already has
    pdoc.render.configure(docformat="google", show_source=False)
    pdoc.pdoc(PACKAGE, *(f"{PACKAGE}.{module}" for module in FURTHER_MODULES), output_directory=out)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/api")
    build_pages(target)
    sys.stdout.write(f"{target / 'index.html'}\n")
