"""Choice of an OpenGL backend that renders without a display: EGL first, OSMesa second; a remedy if neither works.

Each is tried by drawing in another process, so that a driver that crashes, or a library that keeps a failed state, has
no effect on this one.
"""

from __future__ import annotations

import importlib
import logging
import os
import subprocess
import sys
from functools import lru_cache
from typing import Any

log = logging.getLogger(__name__)

BACKENDS = ("egl", "osmesa")
REMEDY = ("No OpenGL was found; the robot is drawn as plain outlines. For shaded pictures: "
          "sudo apt install libegl1 libgl1-mesa-dri   (or: sudo apt install libosmesa6)")
PROBE_TIMEOUT_S = 30.0
_PROBE_SCRIPT = """
import mujoco, importlib
context = importlib.import_module("mujoco.{backend}").GLContext(64, 64)
context.make_current()
model = mujoco.MjModel.from_xml_string("<mujoco/>")
mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
context.free()
"""


@lru_cache(maxsize=1)
def find_backend() -> str | None:
    """Name of a backend that works on this machine; None if none does.

    `MUJOCO_GL=egl` or `MUJOCO_GL=osmesa` in the environment restricts the search, `MUJOCO_GL=disable` ends it.
    """
    wanted = os.environ.get("MUJOCO_GL", "").lower()
    candidates = (wanted,) if wanted in BACKENDS else BACKENDS
    if wanted in ("disable", "disabled", "off"):
        return None
    return next((backend for backend in candidates if _works(backend)), None)


def _works(backend: str) -> bool:
    environment = {k: v for k, v in os.environ.items() if k != "PYOPENGL_PLATFORM"} | {"MUJOCO_GL": backend}
    try:
        probe = subprocess.run([sys.executable, "-c", _PROBE_SCRIPT.format(backend=backend)], capture_output=True,
                               timeout=PROBE_TIMEOUT_S, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return False
    if probe.returncode:
        log.debug("OpenGL backend %s does not work: %s", backend, probe.stderr.decode(errors="replace")[-300:])
    return probe.returncode == 0


def create_context(backend: str, width: int, height: int) -> Any:
    """Create an OpenGL context of a backend that `find_backend` returned, and make it current."""
    os.environ.setdefault("PYOPENGL_PLATFORM", backend)
    context = importlib.import_module(f"mujoco.{backend}").GLContext(width, height)
    context.make_current()
    return context
