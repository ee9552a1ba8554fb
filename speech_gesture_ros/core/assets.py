"""Where launch, config and model files lie, whichever way the package came onto the machine.

Three ways: the checkout itself (folders beside the package), ``pip install`` and ``colcon build`` (both copy them to
``<prefix>/share/speech_gesture_ros``). No ROS is needed to find them.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError

PACKAGE = "speech_gesture_ros"


def share_folder() -> Path:
    """The folder that holds config/ and models/.

    Raises:
        ConfigError: If none of the known places has it.
    """
    package = Path(__file__).resolve().parents[1]
    candidates = [package.parent]
    # colcon and pip put the package at <prefix>/lib/pythonX.Y/site-packages: the prefix is a few levels up.
    candidates += [parent / "share" / PACKAGE for parent in package.parents]
    prefixes = [sysconfig.get_path("data"), sys.prefix, *os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)]
    candidates += [Path(prefix) / "share" / PACKAGE for prefix in prefixes if prefix]
    for folder in candidates:
        if (folder / "config" / "skeletons").is_dir():
            return folder
    raise ConfigError(
        "share folder of speech_gesture_ros",
        [str(c) for c in candidates],
        "a folder with config/skeletons in it",
        "Install the package again (pip install . or colcon build).",
    )


def resolve(reference: str | Path, folder: str) -> Path:
    """Find a file or folder by path, by ``package://speech_gesture_ros/...``, or by name in a share folder.

    Args:
        reference: What the user gave.
        folder: Sub-folder of the share folder to look in ("models", "config/robots", ...).

    Raises:
        ConfigError: If nothing is there; the message lists the names that are.
    """
    text = str(reference)
    prefix = f"package://{PACKAGE}/"
    path = share_folder() / text[len(prefix):] if text.startswith(prefix) else Path(text).expanduser()
    if path.exists():
        return path
    shipped = share_folder() / folder
    for name in (text, f"{text}.yaml", f"{text}.urdf"):
        if (shipped / name).exists():
            return shipped / name
    names = sorted(p.name for p in shipped.iterdir()) if shipped.is_dir() else []
    raise ConfigError(f"file in {folder}", text, f"a path, or one of {names}", "Check the spelling.")
