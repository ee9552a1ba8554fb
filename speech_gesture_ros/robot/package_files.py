"""Search for the files that a robot description names: `package://name/rest`, `file://`, or a path.

Order of the search: the folder of the description and those above it that may hold its package, the share folders of
the ROS environment, ROS_PACKAGE_PATH.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from speech_gesture_ros.robot.robot_xml import is_xml_text

LEVELS = 4  # <folder of packages>/<package>/urdf/<kind>/robot.urdf


def folders_above(description: str | Path) -> list[Path]:
    """Return the folder of a description given as a file and those above it; none if it is given as text."""
    path = Path("" if is_xml_text(description) else description)
    try:
        return list(path.expanduser().resolve().parents)[:LEVELS] if path.is_file() else []
    except OSError:  # text that is not a path
        return []


def search_folders(given: Iterable[Path] = ()) -> list[Path]:
    """Return the given folders, and those of ROS packages on this machine."""
    folders = list(given)
    for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep):
        folders += [Path(prefix) / "share"] if prefix else []
    folders += [Path(p) for p in os.environ.get("ROS_PACKAGE_PATH", "").split(os.pathsep) if p]
    return [f for f in folders if f.is_dir()]


def find_file(reference: str, folders: Iterable[Path], suffixes: tuple[str, ...]) -> Path | None:
    """Return the file that a reference means; None if it does not exist or has another suffix.

    Args:
        reference: As in the description.
        folders: See `search_folders`.
        suffixes: Readable suffixes, lower case with their dot.
    """
    path = unquote(reference.partition("://")[2]) if "://" in reference else reference
    candidates = [Path(path)] if not reference.startswith("package://") else []
    parts = Path(path).parts
    for folder in folders:
        candidates += [folder / Path(*parts[i:]) for i in range(len(parts)) if parts[i] != "/"]
    try:
        return next((c for c in candidates if c.suffix.lower() in suffixes and c.is_file()), None)
    except (OSError, ValueError):  # not a valid file name
        return None
