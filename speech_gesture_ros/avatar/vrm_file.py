"""VRM file to the rest of its bones: their positions in the T-pose, for programs that set positions beside rotations.

A VRM file is a GLB file; `extensions.VRM` (0.x) or `extensions.VRMC_vrm` (1.0) names the node of each humanoid bone
(vrm-c/vrm-specification). UniVRM reverses Z of the first and X of the second on the way to Unity.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.glb import read_glb
from speech_gesture_ros.avatar.gltf_transforms import node_places
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.humanoid_bones import BONES, THUMB_OF_UNITY

MAX_TURN = 1e-3  # of the axes of a bone at rest


def read_vrm_positions(path: Path) -> dict[str, npt.NDArray[np.float64]]:
    """Return the positions of the bones of an avatar in its T-pose.

    Args:
        path: .vrm file, whose bones have the axes of the world at rest (VRM 0.x always).

    Returns:
        Bone that it has, by its name in VRM 1.0, to its position (3,) relative to the node above it [m], in Unity's
        axes: x to the right, y up, z ahead, left-handed.

    Raises:
        InputError: If the file is missing, damaged or no VRM file, or a bone has axes of its own.
    """
    document, _ = read_glb(path)
    try:
        nodes = document.get("nodes", [])
        bones, mirror = _bones_of(document.get("extensions", {}))
        places = node_places(nodes)
        above = {child: i for i, node in enumerate(nodes) for child in node.get("children", [])}
        at = {name: (places[node], places[above[node]] if node in above else np.eye(4))
              for name, node in bones.items() if name in BONES}
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise InputError("VRM file", str(path), "a file of VRM 0.x or 1.0", repr(error)) from None
    if "hips" not in at:
        raise InputError("VRM file", str(path), "a humanoid of VRM 0.x or 1.0", "Export the avatar as VRM.")
    for name, (place, _) in at.items():
        if not np.abs(place[:3, :3] - np.eye(3)).max() < MAX_TURN:
            raise InputError(f"axes of the bone {name} in {path}", "turned at rest", "those of the world",
                             "Export it as VRM 0.x.")
    return {name: mirror * (place - parent)[:3, 3] for name, (place, parent) in at.items()}


def _bones_of(extensions: dict[str, Any]) -> tuple[dict[str, int], npt.NDArray[np.float64]]:
    """Return the node of each bone by its name in VRM 1.0, and the signs of the axes on the way to Unity."""
    if "VRMC_vrm" in extensions:
        listed = extensions["VRMC_vrm"]["humanoid"]["humanBones"]
        return {str(name): int(entry["node"]) for name, entry in listed.items()}, np.array([-1.0, 1.0, 1.0])
    thumbs = {f"{side}{unity}": f"{side}{vrm}" for side in ("left", "right") for vrm, unity in THUMB_OF_UNITY.items()}
    rows = extensions.get("VRM", {}).get("humanoid", {}).get("humanBones", [])
    return ({thumbs.get(str(row["bone"]), str(row["bone"])): int(row["node"]) for row in rows},
            np.array([1.0, 1.0, -1.0]))
