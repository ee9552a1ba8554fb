"""An avatar of a few kilobytes: a box for each bone and a head with all shapes, in the layout of the real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from speech_gesture_ros.avatar.gltf_writer import write_avatar
from speech_gesture_ros.avatar.model import SHAPE_NAMES, AvatarMesh, AvatarModel, ShapeOffsets
from speech_gesture_ros.core.humanoid_bones import BONES, FINGER_BONES, PARENT_OF, PARENTS, SIDES

# Places of joints from their parents [m]; Y up, Z ahead, X left. The arms point down at 45 degrees.
PLACES: dict[str, tuple[float, float, float]] = {
    "hips": (0.0, 0.95, 0.0), "spine": (0.0, 0.1, 0.0), "chest": (0.0, 0.13, 0.0), "upperChest": (0.0, 0.13, 0.0),
    "neck": (0.0, 0.14, 0.0), "head": (0.0, 0.1, 0.0)}
for _side, _sign in zip(SIDES, (1.0, -1.0)):
    PLACES |= {f"{_side}Shoulder": (0.05 * _sign, 0.07, 0.0), f"{_side}UpperArm": (0.13 * _sign, 0.0, 0.0),
               f"{_side}LowerArm": (0.2 * _sign, -0.2, 0.0), f"{_side}Hand": (0.18 * _sign, -0.18, 0.02),
               f"{_side}UpperLeg": (0.09 * _sign, -0.05, 0.0), f"{_side}LowerLeg": (0.0, -0.42, 0.0),
               f"{_side}Foot": (0.0, -0.42, 0.0), f"{_side}Toes": (0.0, -0.04, 0.12)}
    for _k, (_finger, _parts) in enumerate(FINGER_BONES.items()):
        for _part in _parts:
            _first = _part == _parts[0]
            _along = 0.05 if _first else 0.025
            PLACES[f"{_side}{_finger}{_part}"] = (_along * _sign, -_along, 0.03 - 0.02 * _k if _first else 0.0)
FACES = np.array([[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6],
                  [0, 6, 4], [1, 5, 7], [1, 7, 3]])
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)


def write_small_avatar(path: Path) -> Path:
    """Write the file and return its path."""
    joints = {}
    for name in BONES:
        parent = PARENT_OF[name]
        joints[name] = np.array(PLACES[name]) + (joints[parent] if parent else 0.0)
    sizes = [0.11 if name == "head" else 0.012 if any(f in name for f in FINGER_BONES) else 0.05 for name in BONES]
    points = np.concatenate([joints[name] + size * CORNERS for name, size in zip(BONES, sizes)]).astype(np.float32)
    count = len(points)
    bones, weights = np.zeros((count, 4), int), np.zeros((count, 4), np.float32)
    bones[:, 0], weights[:, 0] = np.repeat(np.arange(len(BONES)), 8), 1.0
    head = np.flatnonzero(bones[:, 0] == BONES.index("head"))
    down = np.tile(np.array([0.0, -0.02, 0.0], np.float32), (len(head), 1))
    shapes = {name: ShapeOffsets(head, down, np.zeros_like(down)) for name in SHAPE_NAMES}
    normals = np.tile(CORNERS / np.sqrt(3.0), (len(BONES), 1)).astype(np.float32)
    faces = np.concatenate([FACES + 8 * k for k in range(len(BONES))])
    mesh = AvatarMesh("face", points, normals, np.full((count, 3), 0.6, np.float32), faces, bones, weights, shapes)
    model = AvatarModel((mesh,), BONES, PARENTS, np.array(list(joints.values()), np.float32))
    write_avatar(path, model)
    return path
