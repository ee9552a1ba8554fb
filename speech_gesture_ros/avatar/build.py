"""Makes an avatar of the data of MakeHuman and of settings.

identity ─► base mesh ─► parts: skin, mouth, lashes, hair, brows, clothes ─┐
                    └──► eyeballs                                          ├─► meshes: face, eyes, body ─► AvatarModel
                    └──► joints, weights                                   │
shapes of expression and visemes ──────────────────────────────────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.clothes import clothes_parts
from speech_gesture_ros.avatar.eyes import Eyeball, eyeball, gaze_turn
from speech_gesture_ros.avatar.hair import brow_part, hair_part
from speech_gesture_ros.avatar.humanoid import Rig, read_rig, strongest, with_straight_legs
from speech_gesture_ros.avatar.identity import AvatarSettings, identity_offsets
from speech_gesture_ros.avatar.linear_mesh import compact, vertex_normals
from speech_gesture_ros.avatar.makehuman import BaseMesh, read_base, read_offsets
from speech_gesture_ros.avatar.model import SHAPE_NAMES, AvatarMesh, AvatarModel, ShapeOffsets
from speech_gesture_ros.avatar.parts import Part
from speech_gesture_ros.avatar.skin import TONGUE_DROP, lash_parts, mouth_parts, skin_part
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.humanoid_bones import BONE_INDEX, BONES, PARENTS

Array = npt.NDArray[np.float64]

# Names of files where they differ from those of the shapes.
FILE_NAMES = {"viseme_ih": "viseme_I", "viseme_oh": "viseme_O", "viseme_ou": "viseme_U"}
EARS = "targets/ears/{side}-ear-wing-incr.target.gz"
MIN_OFFSET = 1e-5  # smaller offsets are left out [m]
MIN_NORMAL_CHANGE = 0.02
POINT_STEP, NORMAL_STEP = 2.0**-17, 2.0**-10  # values are rounded to multiples, so that every machine writes the same


@dataclass(frozen=True)
class _Surface:
    """A part in its neutral shape and in all others, before it is divided among meshes."""

    source: Part
    points: Array
    normals: Array
    bones: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint8]
    shapes: dict[str, tuple[Array, Array]]


def build_avatar(folder: Path, settings: AvatarSettings) -> AvatarModel:
    """Make an avatar.

    Args:
        folder: Data of MakeHuman, as `makehuman` describes.
        settings: Identity and colours.

    Raises:
        InputError: If data are missing or damaged.
        ConfigError: If a slider or its value does not exist.
    """
    if not (folder / "base.obj").is_file():
        raise InputError("folder of the MakeHuman data", str(folder), "a folder with base.obj",
                         "Give it with --data; models/avatar/README.md names the sources.")
    mesh = read_base(folder)
    base = mesh.points + identity_offsets(folder, settings.identity, len(mesh.points))
    shapes = _read_shapes(folder, len(base))
    base += rest_offsets(shapes, settings.rest)
    base[np.unique(mesh.group("helper-tongue")), 1] -= TONGUE_DROP
    base = with_straight_legs(base, read_rig(folder, mesh, base))
    rig = read_rig(folder, mesh, base)
    ears = [read_offsets(folder / EARS.format(side=side), len(base)) for side in ("l", "r")]
    both_ears = type(ears[0])(np.concatenate([e.index for e in ears]), np.concatenate([e.offset for e in ears]))
    colours = settings.colours
    parts = [skin_part(mesh, colours), *mouth_parts(mesh), *lash_parts(mesh), brow_part(mesh, colours),
             hair_part(mesh, both_ears, colours), *clothes_parts(mesh, colours)]
    surfaces = [_surface(part, base, shapes, rig) for part in parts]
    meshes = [_mesh("face", surfaces, in_face=True), _eyes(mesh, base, shapes, settings),
              _mesh("body", surfaces, in_face=False)]
    floor = min(float(made.points[:, 1].min()) for made in meshes)
    up = np.array([0.0, -floor, 0.0], dtype=np.float32)
    placed = tuple(_moved(made, up) for made in meshes)
    return AvatarModel(placed, BONES, PARENTS, _rounded(rig.joints + up, POINT_STEP))


def rest_offsets(shapes: dict[str, Array], rest: dict[str, float]) -> Array:
    """Return what makes a face at rest of the neutral one, (V, 3) [m].

    Args:
        shapes: Shape to the offsets of all vertices (V, 3) [m].
        rest: Shape to its share.

    Raises:
        ConfigError: If there is no such shape, or a share is not in [0, 1].
    """
    out = np.zeros_like(next(iter(shapes.values())))
    for name, share in sorted(rest.items()):
        if name not in shapes:
            raise ConfigError("shape of the face at rest", name, f"one of {sorted(shapes)}", "Check the name.")
        if not 0.0 <= share <= 1.0:
            raise ConfigError(f"share of {name}", share, "from 0 to 1", "Choose one in the range.")
        out += share * shapes[name]
    return out


def _read_shapes(folder: Path, vertices: int) -> dict[str, Array]:
    return {name: read_offsets(folder / "face_targets" / f"{FILE_NAMES.get(name, name)}.target", vertices
                               ).dense(vertices) for name in SHAPE_NAMES}


def _surface(part: Part, base: Array, shapes: dict[str, Array], rig: Rig) -> _Surface:
    points = part.points(base)
    normals = vertex_normals(points, part.faces)
    bones, weights = strongest(np.asarray(part.rows @ rig.weights))
    moved = {}
    for name, shape in shapes.items():
        offset = np.asarray(part.rows @ shape)
        if np.any(part.in_face) and np.any(offset):
            moved[name] = offset, vertex_normals(points + offset, part.faces) - normals
    return _Surface(part, points, normals, bones, weights, moved)


def _mesh(name: str, surfaces: list[_Surface], *, in_face: bool) -> AvatarMesh:
    """Collect the triangles of one mesh, with the vertices that these use."""
    columns: list[list[npt.NDArray[Any]]] = [[] for _ in range(6)]
    offsets: dict[str, list[tuple[npt.NDArray[np.int64], Array, Array]]] = {shape: [] for shape in SHAPE_NAMES}
    start = 0
    for surface in surfaces:
        wanted = surface.source.shown & (surface.source.in_face == in_face)
        if not np.any(wanted):
            continue
        used, faces = compact(surface.source.faces[wanted])
        values: tuple[npt.NDArray[Any], ...] = (surface.points, surface.normals, surface.source.colours, surface.bones,
                                                surface.weights)
        for column, value in zip(columns, values):
            column.append(value[used])
        columns[5].append(faces + start)
        for shape, (offset, normal) in surface.shapes.items() if in_face else ():
            offsets[shape].append((np.arange(start, start + len(used)), offset[used], normal[used]))
        start += len(used)
    points, normals, colours, bones, weights, faces = (np.concatenate(column) for column in columns)
    shapes = {shape: _sparse(rows) for shape, rows in offsets.items()} if in_face else {}
    return AvatarMesh(name, _rounded(points, POINT_STEP), _rounded(normals, NORMAL_STEP),
                      colours.astype(np.float32), faces.astype(np.int64), bones.astype(np.int64),
                      (weights / 255.0).astype(np.float32), shapes)


def _sparse(rows: list[tuple[npt.NDArray[np.int64], Array, Array]]) -> ShapeOffsets:
    if not rows:
        return ShapeOffsets(np.zeros(0, dtype=np.int64), *(np.zeros((0, 3), dtype=np.float32) for _ in range(2)))
    index, offset, normal = (np.concatenate(column) for column in zip(*rows))
    normal = np.where(np.linalg.norm(normal, axis=1, keepdims=True) > MIN_NORMAL_CHANGE, normal, 0.0)
    kept = (np.linalg.norm(offset, axis=1) > MIN_OFFSET) | np.any(normal != 0.0, axis=1)
    return ShapeOffsets(index[kept], _rounded(offset[kept], POINT_STEP), _rounded(normal[kept], NORMAL_STEP))


def _eyes(mesh: BaseMesh, base: Array, shapes: dict[str, Array], settings: AvatarSettings) -> AvatarMesh:
    """Both eyeballs; the shapes of gaze turn them about their centres."""
    balls: list[Eyeball] = [eyeball(mesh, base, side, settings.colours) for side in ("l", "r")]
    points = np.concatenate([ball.points for ball in balls])
    normals = np.concatenate([ball.directions for ball in balls])
    faces = np.concatenate([balls[0].faces, balls[1].faces + len(balls[0].points)])
    moved = {}
    for name, shape in shapes.items():
        turns = [gaze_turn(mesh, base, shape, side) for side in ("l", "r")]
        if name.startswith("eyeLook") and any(np.any(turn) for turn in turns):
            turned = np.concatenate([_turned(ball.directions, turn) for ball, turn in zip(balls, turns)])
            radius = np.concatenate([np.full((len(ball.directions), 1), ball.radius) for ball in balls])
            moved[name] = _sparse([(np.arange(len(points)), radius * (turned - normals), turned - normals)])
    head = np.zeros((len(points), 4), dtype=np.int64)
    head[:, 0] = BONE_INDEX["head"]
    weights = np.zeros((len(points), 4), dtype=np.float32)
    weights[:, 0] = 1.0
    return AvatarMesh("eyes", _rounded(points, POINT_STEP), _rounded(normals, NORMAL_STEP),
                      np.concatenate([ball.colours for ball in balls]).astype(np.float32), faces, head, weights, moved)


def _turned(directions: Array, turn: Array) -> Array:
    """Rotate directions (n, 3) by a rotation vector (Rodrigues' formula)."""
    angle = float(np.linalg.norm(turn))
    axis = turn / max(angle, 1e-12)
    along = (directions @ axis)[:, None] * axis
    return np.asarray(along + np.cos(angle) * (directions - along) + np.sin(angle) * np.cross(axis, directions))


def _moved(mesh: AvatarMesh, by: npt.NDArray[np.float32]) -> AvatarMesh:
    points = _rounded(mesh.points + by, POINT_STEP)
    return AvatarMesh(mesh.name, points, mesh.normals, mesh.colours, mesh.faces, mesh.bones, mesh.weights, mesh.shapes)


def _rounded(values: npt.NDArray[np.generic], step: float) -> npt.NDArray[np.float32]:
    return (np.round(np.asarray(values, dtype=np.float64) / step) * step + 0.0).astype(np.float32)
