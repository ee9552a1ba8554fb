"""The library three.js, as the package NiceGUI brings it: one ES module with the loader of glTF and the orbit controls.

NiceGUI itself is not imported: its file is served to the browser (docs/adr/0017-page-of-the-agent.md).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from speech_gesture_ros.core.errors import MissingDependencyError

PLACE = Path("elements", "scene", "dist", "index.js")
REMEDY = "pip install 'speech_gesture_ros[view]'"


def three_bundle() -> Path:
    """Return the file.

    Raises:
        MissingDependencyError: If NiceGUI is not installed, or has it in another place.
    """
    found = importlib.util.find_spec("nicegui")
    for folder in (found.submodule_search_locations or []) if found else []:
        if (path := Path(folder) / PLACE).is_file():
            return path
    raise MissingDependencyError("nicegui (3.18 or a later 3)", "The page", REMEDY)
