"""Skeleton of the avatar: the joints of its bones, and the weights with which they move vertices.

In the bind pose the arms point down at about 45 degrees (A pose) and every bone has the axes of the world: the rotation
of a node is that of its bone since the bind pose.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.makehuman import REMEDY, BaseMesh, read_json
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.humanoid_bones import BONE_INDEX, BONES, FINGER_BONES, SIDES

Array = npt.NDArray[np.float64]

RIG_FILE, WEIGHT_FILE = "rig/talkinghead.mpfbskel", "rig/talkinghead.mhw"
MAX_INFLUENCES = 4  # bones that move one vertex
LEG_LEAN_DEG = 1.5  # of straight legs, outwards


_OF_RIG = {"hips": "Hips", "spine": "Spine", "chest": "Spine1", "upperChest": "Spine2", "neck": "Neck", "head": "Head",
           "Shoulder": "Shoulder", "UpperArm": "Arm", "LowerArm": "ForeArm", "Hand": "Hand", "UpperLeg": "UpLeg",
           "LowerLeg": "Leg", "Foot": "Foot", "Toes": "ToeBase"}
_OF_RIG |= {f"{finger}{part}": f"Hand{'Pinky' if finger == 'Little' else finger}{i}"
            for finger, parts in FINGER_BONES.items() for i, part in enumerate(parts, 1)}


def _rig_name(bone: str) -> str:
    side = next((side for side in SIDES if bone.startswith(side)), "")
    return side.capitalize() + _OF_RIG[bone.removeprefix(side)]


RIG_BONES = {_rig_name(bone): bone for bone in BONES}
# Further bones of the rig, whose vertices move with another one.
MERGED = {"Jaw": "head", "HeadTop_End": "head"}
MERGED |= {f"{side}{part}": "head" for side in ("Left", "Right")
           for part in ("Eye", "OrbicularisBottom", "OrbicularisTop")}
MERGED |= {f"{side}Breast": "chest" for side in ("Left", "Right")}
MERGED |= {f"{side}Buttock": f"{side.lower()}UpperLeg" for side in ("Left", "Right")}
MERGED |= {f"{side}Toe_End": f"{side.lower()}Toes" for side in ("Left", "Right")}
MERGED |= {f"{side}Hand{finger}4": RIG_BONES[f"{side}Hand{finger}3"] for side in ("Left", "Right")
           for finger in ("Thumb", "Index", "Middle", "Ring", "Pinky")}


@dataclass(frozen=True)
class Rig:
    """Skeleton in its bind pose.

    Attributes:
        joints: (B, 3) origin of each bone of `BONES` [m].
        weights: (V, B) share of each bone in the motion of each vertex of the base mesh; rows sum to 1.
    """

    joints: Array
    weights: Array


def read_rig(folder: Path, mesh: BaseMesh, points: Array) -> Rig:
    """Read skeleton and weights.

    Args:
        folder: Data of MakeHuman.
        mesh: The base mesh.
        points: (V, 3) its vertices with the identity applied [m]; the joints follow them.

    Raises:
        InputError: If a file is missing or damaged, or a bone is missing.
    """
    bones = read_json(folder / RIG_FILE).get("bones", {})
    missing = [name for name in RIG_BONES if not isinstance(bones, dict) or name not in bones]
    if missing:
        raise InputError(f"bones of {folder / RIG_FILE}", f"without {missing[0]}", "all of the rig", REMEDY)
    joints = [_joint(mesh, points, bones[of_rig].get("head"), of_rig) for of_rig in RIG_BONES]
    return Rig(np.array(joints), _weights(folder, len(points)))


def _joint(mesh: BaseMesh, points: Array, head: Any, name: str) -> Array:
    """Return the place of a joint by the strategy that the rig states: a cube around it, or some vertices."""
    try:
        strategy = head["strategy"]
        if strategy == "CUBE":
            index = mesh.joint(head["cube_name"].removeprefix("joint-"))
        elif strategy == "MEAN":
            index = np.array(head["vertex_indices"], dtype=np.int64)
        else:
            index = np.array([head["vertex_index"]], dtype=np.int64)
        x, y, z = head.get("offset", (0.0, 0.0, 0.0))  # metres, Z up
        return np.asarray(points[index].mean(axis=0) + np.array([x, z, -y], dtype=np.float64))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(f"joint of the bone {name}", str(error), "a cube or vertices of the mesh", REMEDY) from None


def _weights(folder: Path, vertices: int) -> Array:
    rows = read_json(folder / WEIGHT_FILE).get("weights", {})
    out = np.zeros((vertices, len(BONES)))
    try:
        for of_rig, pairs in rows.items():
            bone = RIG_BONES.get(of_rig) or MERGED.get(of_rig)
            if bone is None or not pairs:
                continue
            table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
            np.add.at(out[:, BONE_INDEX[bone]], table[:, 0].astype(np.int64), np.maximum(table[:, 1], 0.0))
    except (AttributeError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"weights of {folder / WEIGHT_FILE}", str(error), "pairs of a vertex and a weight",
                         REMEDY) from None
    total = out.sum(axis=1, keepdims=True)
    if not np.all(np.isfinite(total)) or np.any(total <= 0):
        raise InputError(f"weights of {folder / WEIGHT_FILE}", int(np.argmin(total)), "a bone for every vertex", REMEDY)
    return np.asarray(out / total)


def with_straight_legs(points: Array, rig: Rig) -> Array:
    """Return the vertices (V, 3) [m] with legs that point down, instead of apart; feet keep their directions."""
    moved = np.zeros_like(points)
    turns = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip, ankle = (rig.joints[BONE_INDEX[f"{side}{bone}"]] for bone in ("UpperLeg", "Foot"))
        way = ankle - hip
        lean = float(np.arctan2(sign * way[0], -way[1])) - np.radians(LEG_LEAN_DEG)
        cosine, sine = np.cos(lean), -sign * np.sin(lean)
        turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        turns[f"{side}UpperLeg"] = turns[f"{side}LowerLeg"] = (turn, hip)
        shift = turn @ way - way
        for bone in ("Foot", "Toes"):
            moved += rig.weights[:, [BONE_INDEX[f"{side}{bone}"]]] * shift
    for bone, (turn, origin) in turns.items():
        moved += rig.weights[:, [BONE_INDEX[bone]]] * ((points - origin) @ turn.T + origin - points)
    return np.asarray(points + moved)


def strongest(weights: Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return the bones that move each vertex most and their weights, (V, 4) each; weights are 255ths and sum to 255."""
    bones = np.argsort(-weights, axis=1, kind="stable")[:, :MAX_INFLUENCES]
    share = np.take_along_axis(weights, bones, axis=1)
    exact = 255.0 * share / share.sum(axis=1, keepdims=True)
    whole = np.floor(exact)
    rest = (255 - whole.sum(axis=1)).astype(np.int64)
    order = np.argsort(np.argsort(-(exact - whole), axis=1, kind="stable"), axis=1, kind="stable")
    whole += order < rest[:, None]
    bones = np.where(whole > 0, bones, 0)
    return bones.astype(np.uint8), whole.astype(np.uint8)


