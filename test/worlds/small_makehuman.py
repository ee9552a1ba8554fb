"""A small folder in the layout of the MakeHuman data: boxes for the parts of a body, made by rules."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from speech_gesture_ros.avatar.humanoid import RIG_BONES
from speech_gesture_ros.avatar.model import SHAPE_NAMES

MIDDLES = {  # of boxes of the body and their half sizes [dm]
    "torso": ((0.0, 3.0, 0.0), (1.8, 4.0, 0.8)), "head": ((0.0, 7.4, 0.3), (0.8, 1.0, 1.2)),
    "l-hand": ((4.4, 2.0, 1.8), (0.3, 0.6, 0.3)), "r-hand": ((-4.4, 2.0, 1.8), (0.3, 0.6, 0.3)),
    "l-foot": ((2.2, -7.7, 0.5), (0.4, 0.4, 1.0)), "r-foot": ((-2.2, -7.7, 0.5), (0.4, 0.4, 1.0)),
}
JOINTS = {"mouth": (0, 6.9, 1.3), "l-eye": (0.3, 7.4, 1.3), "r-eye": (-0.3, 7.4, 1.3), "neck": (0, 6.3, 0),
          "l-hand-2": (4.4, 2.0, 1.8), "r-hand-2": (-4.4, 2.0, 1.8), "pelvis": (0, 0.7, 0.1),
          "l-ankle": (2.2, -7.4, 0), "r-ankle": (-2.2, -7.4, 0)}
BONE_HEIGHTS = {"Hips": 0.7, "Spine": 1.8, "Spine1": 3.0, "Spine2": 4.2, "Neck": 6.3, "Head": 6.9}
HIDDEN_ISLANDS = ("mouth", "l-eye", "r-eye")


class _Mesh:
    def __init__(self) -> None:
        self.points: list[np.ndarray] = []
        self.groups: dict[str, list[tuple[int, ...]]] = {}
        self.seams: list[tuple[int, ...]] = []

    def box(self, group: str, middle, half, cells: int = 1, *, open_top: bool = False) -> np.ndarray:
        """Add a box whose sides have cells x cells faces; return its faces."""
        ticks = np.linspace(-1.0, 1.0, cells + 1)
        index: dict[tuple[float, ...], int] = {}
        faces = []
        for axis in range(3):
            for sign in (-1.0, 1.0):
                if open_top and axis == 1 and sign > 0:
                    continue
                u, v = (axis + 1) % 3, (axis + 2) % 3
                for i in range(cells):
                    for j in range(cells):
                        corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
                        quad = []
                        for a, b in corners if sign > 0 else corners[::-1]:
                            place = np.zeros(3)
                            place[axis], place[u], place[v] = sign, ticks[a], ticks[b]
                            key = tuple(place)
                            if key not in index:
                                index[key] = len(self.points)
                                self.points.append(np.array(middle) + place * np.array(half))
                            quad.append(index[key])
                        faces.append(tuple(quad))
        self.groups.setdefault(group, []).extend(faces)
        return np.array(faces)


def write_small_makehuman(folder: Path) -> Path:
    """Write the data of a small person; return the folder."""
    mesh = _Mesh()
    body = {name: mesh.box("body", middle, half, 8 if name in ("head", "torso") else 2)
            for name, (middle, half) in MIDDLES.items()}
    parts = _add_helpers(mesh)
    points = np.array(mesh.points)
    islands = _seams(body, points)
    bones = {of_rig: _bone_place(of_rig) for of_rig in RIG_BONES}
    _write_obj(folder / "base.obj", mesh, points, islands)
    (folder / "rig").mkdir(parents=True)
    rig = {name: {"parent": "", "head": {"strategy": "CUBE", "cube_name": f"joint-{name}"}} for name in bones}
    rig["Hips"]["head"] = {"strategy": "MEAN", "vertex_indices": [int(i) for i in np.unique(mesh.groups["joint-Hips"])]}
    (folder / "rig" / "talkinghead.mpfbskel").write_text(json.dumps({"bones": rig}))
    _write_weights(folder / "rig" / "talkinghead.mhw", points, bones)
    _write_shapes(folder, points, parts, np.unique(body["head"]))
    return folder


def _add_helpers(mesh: _Mesh) -> dict[str, np.ndarray]:
    parts = {}
    for side, sign in (("l", 1.0), ("r", -1.0)):
        parts[side] = mesh.box(f"helper-{side}-eye", (0.3 * sign, 7.4, 1.3), (0.08, 0.08, 0.08), 2)
        mesh.box(f"helper-{side}-eyelashes-2", (0.3 * sign, 7.5, 1.45), (0.1, 0.02, 0.02))
    for name, height in (("upper-teeth", 6.95), ("lower-teeth", 6.85), ("tongue", 6.9)):
        parts[name] = mesh.box(f"helper-{name}", (0.0, height, 1.2), (0.2, 0.03, 0.1))
    mesh.box("helper-tights", (0.0, -0.9, 0.0), (2.6, 7.2, 1.2), 12, open_top=True)
    for name, place in JOINTS.items():
        mesh.box(f"joint-{name}", place, (0.02, 0.02, 0.02))
    for name in RIG_BONES:
        mesh.box(f"joint-{name}", _bone_place(name), (0.02, 0.02, 0.02))
    return parts


def _bone_place(name: str) -> np.ndarray:
    if name in BONE_HEIGHTS:
        return np.array([0.0, BONE_HEIGHTS[name], 0.0])
    sign = 1.0 if name.startswith("Left") else -1.0
    part = name.removeprefix("Left").removeprefix("Right")
    chain = {"Shoulder": (0.5, 5.8, 0), "Arm": (1.7, 5.5, 0), "ForeArm": (3.1, 3.9, 0.5), "Hand": (4.2, 2.6, 1.5),
             "UpLeg": (1.0, 0.3, 0), "Leg": (1.6, -3.5, 0), "Foot": (2.2, -7.4, 0), "ToeBase": (2.2, -7.9, 1.2)}
    if part not in chain:  # a finger
        finger = ("Thumb", "Index", "Middle", "Ring", "Pinky").index(part.removeprefix("Hand")[:-1])
        chain[part] = (4.4, 2.2 - 0.2 * int(part[-1]), 1.6 + 0.1 * finger)
    return np.array(chain[part]) * (sign, 1.0, 1.0)


def _seams(body: dict[str, np.ndarray], points: np.ndarray) -> list[tuple[int, ...]]:
    """Texture vertices of the body: one island for each box, and for the mouth and the sockets in the head's front."""
    seams, start = [], 0
    for name, faces in body.items():
        island = np.zeros(len(faces), dtype=int)
        if name == "head":
            middle = points[faces].mean(axis=1)
            for k, part in enumerate(HIDDEN_ISLANDS, 1):
                ahead = np.array(JOINTS[part]) * (1, 1, 0) + (0, 0, 1.5)
                island[np.argmin(np.linalg.norm(middle - ahead, axis=1))] = k
        for face, k in zip(faces, island):
            seams.append(tuple(int(i) + start + k * len(points) for i in face))
        start += len(HIDDEN_ISLANDS) * len(points) + len(points)
    return seams


def _write_obj(path: Path, mesh: _Mesh, points: np.ndarray, seams: list[tuple[int, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# a small person", *(f"v {x:.5f} {y:.5f} {z:.5f}" for x, y, z in points)]
    for group, faces in mesh.groups.items():
        lines.append(f"g {group}")
        for i, face in enumerate(faces):
            texture = seams[i] if group == "body" else face
            lines.append("f " + " ".join(f"{v + 1}/{t + 1}" for v, t in zip(face, texture)))
    path.write_text("\n".join(lines) + "\n")


def _write_weights(path: Path, points: np.ndarray, bones: dict[str, np.ndarray]) -> None:
    names = list(bones)
    away = np.linalg.norm(points[:, None] - np.array(list(bones.values()))[None], axis=2)
    order = np.argsort(away, axis=1)
    table: dict[str, list] = {name: [] for name in names}
    for i in range(len(points)):
        table[names[order[i, 0]]].append([i, 0.75])
        table[names[order[i, 1]]].append([i, 0.5])
    table["Jaw"] = [[0, 0.1]]
    path.write_text(json.dumps({"weights": table}))


def _write_shapes(folder: Path, points: np.ndarray, parts: dict[str, np.ndarray], head: np.ndarray) -> None:
    shapes = folder / "face_targets"
    shapes.mkdir()
    of_file = {"viseme_ih": "viseme_I", "viseme_oh": "viseme_O", "viseme_ou": "viseme_U"}
    front = head[points[head, 2] > 1.4]
    for k, name in enumerate(SHAPE_NAMES):
        moved = {int(i): (0.0, -0.1 - 0.001 * k, 0.0) for i in front if points[i, 1] < 7.0}
        if name.startswith("eyeLook"):
            moved = {}
            for i in np.unique(parts["l" if name.endswith("Left") else "r"]):
                middle = np.array([0.3 if name.endswith("Left") else -0.3, 7.4, 1.3])
                x, y, z = points[i] - middle
                turned = np.array([np.cos(0.3) * x + np.sin(0.3) * z, y, np.cos(0.3) * z - np.sin(0.3) * x])
                moved[int(i)] = tuple(turned + middle - points[i])
        elif name == "viseme_sil":
            moved = {}
        text = "".join(f"{i} {x:.6f} {y:.6f} {z:.6f}\n" for i, (x, y, z) in moved.items())
        (shapes / f"{of_file.get(name, name)}.target").write_text(text)
    for name, rows in (("ears/l-ear-wing-incr", head[:4]), ("ears/r-ear-wing-incr", head[4:8]),
                       ("head/head-oval", head), ("head/head-age-incr", head[:2]), ("head/head-age-decr", head[:2])):
        path = folder / "targets" / f"{name}.target.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        sign = -0.5 if name.endswith("decr") else 0.5
        path.write_bytes(gzip.compress("".join(f"{i} 0 0 {sign}\n" for i in rows).encode()))
