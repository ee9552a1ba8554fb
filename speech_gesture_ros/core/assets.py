"""Location of the launch, config and model files, for every way of installing the package.

There are three: the checkout itself (folders beside the package), ``pip install`` and ``colcon build`` (both copy the
files to ``<prefix>/share/speech_gesture_ros``). Finding them does not need ROS.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError

PACKAGE_NAME = "speech_gesture_ros"


def share_folder() -> Path:
    """Return the folder that holds config/ and models/.

    Raises:
        ConfigError: If none of the known folders has config/skeletons.
    """
    package = Path(__file__).resolve().parents[1]
    candidates = [package.parent]
    # colcon and pip put the package at <prefix>/lib/pythonX.Y/site-packages: the prefix is a few levels up.
    candidates += [parent / "share" / PACKAGE_NAME for parent in package.parents]
    prefixes = [sysconfig.get_path("data"), sys.prefix, *os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)]
    candidates += [Path(prefix) / "share" / PACKAGE_NAME for prefix in prefixes if prefix]
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
        reference: Path, package address or name, as given by the user.
        folder: Sub-folder of the share folder to search for a name ("models", "config/robots", ...).

    Raises:
        ConfigError: If there is no such file; the message lists the names in the folder.
    """
    text = str(reference)
    prefix = f"package://{PACKAGE_NAME}/"
    path = share_folder() / text[len(prefix):] if text.startswith(prefix) else Path(text).expanduser()
    if path.exists():
        return path
    shipped = share_folder() / folder
    for name in (text, f"{text}.yaml", f"{text}.urdf"):
        if (shipped / name).exists():
            return shipped / name
    names = sorted(p.name for p in shipped.iterdir()) if shipped.is_dir() else []
    raise ConfigError(f"file in {folder}", text, f"a path, or one of {names}", "Check the spelling.")
