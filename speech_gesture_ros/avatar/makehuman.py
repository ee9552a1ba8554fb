"""Reader of the data of MakeHuman: base mesh (.obj), offsets of a shape (.target, .target.gz), rig and weights (.json).

    FOLDER/base.obj                     quads in groups: body, helper-*, joint-*
    FOLDER/targets/<folder>/*.target.gz shapes of identity      FOLDER/face_targets/*.target   shapes of expression
    FOLDER/rig/talkinghead.mpfbskel     joints of the skeleton  FOLDER/rig/talkinghead.mhw     weights of its bones

The files are in decimetres, Y up, Z ahead; all that this module returns is in metres.
"""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

METRES = 0.1  # of a unit of the files
MAX_FILE_BYTES = 16 * MIB
MAX_VERTICES = 100_000
KIND = "MakeHuman file"
REMEDY = "Take the MakeHuman data from the sources that models/avatar/README.md names."


@dataclass(frozen=True)
class Offsets:
    """Offsets of some vertices of the base mesh.

    Attributes:
        index: (K,) vertices.
        offset: (K, 3) [m].
    """

    index: Indices
    offset: Array

    def dense(self, count: int) -> Array:
        """Return the offsets of all `count` vertices, (count, 3) [m]."""
        out = np.zeros((count, 3))
        out[self.index] = self.offset
        return out


@dataclass(frozen=True)
class BaseMesh:
    """The mesh that all shapes of MakeHuman move.

    Attributes:
        points: (V, 3) [m], Y up, Z ahead.
        quads: Group to its faces, (F, 4) vertices.
        body_seams: (F, 4) texture vertices of the faces of the body; islands of the texture follow from them.
    """

    points: Array
    quads: dict[str, Indices]
    body_seams: Indices

    def joint(self, name: str) -> Indices:
        """Return the vertices of the cube around a joint, such as "l-elbow"."""
        return np.unique(self.group(f"joint-{name}"))

    def group(self, name: str) -> Indices:
        """Return the faces of a group, (F, 4).

        Raises:
            InputError: If the mesh has no such group.
        """
        if name not in self.quads:
            raise InputError("group of base.obj", name, f"one of {sorted(self.quads)}", REMEDY)
        return self.quads[name]

    @cached_property
    def islands(self) -> Indices:
        """(F,) number of the island of the texture to which each face of the body belongs."""
        seams = self.body_seams
        edges = np.concatenate([seams[:, [i, (i + 1) % 4]] for i in range(4)])
        size = int(seams.max()) + 1
        _, label = connected_components(coo_matrix((np.ones(len(edges)), edges.T), (size, size)), directed=False)
        return np.asarray(label[seams[:, 0]], dtype=np.int64)

    def island_near(self, joint: str, largest: float) -> npt.NDArray[np.bool_]:
        """Return which faces of the body are in the island whose middle is nearest to a joint.

        Args:
            joint: Name as in `joint`.
            largest: Islands with a larger share of the body's faces are left out.
        """
        body, where = self.group("body"), self.points[self.joint(joint)].mean(axis=0)
        names, sizes = np.unique(self.islands, return_counts=True)
        names = names[sizes <= largest * len(body)]
        if not len(names):
            raise InputError("islands of the texture of base.obj", len(sizes), "several, some of them small", REMEDY)
        middles = [self.points[np.unique(body[self.islands == name])].mean(axis=0) for name in names]
        nearest = names[int(np.argmin([np.linalg.norm(middle - where) for middle in middles]))]
        return np.asarray(self.islands == nearest)


def read_base(folder: Path) -> BaseMesh:
    """Read base.obj.

    Raises:
        InputError: If it is missing, damaged, too large, or has other faces than quads.
    """
    path = folder / "base.obj"
    points: list[list[float]] = []
    faces: dict[str, list[list[int]]] = {}
    seams: list[list[int]] = []
    group = ""
    try:
        for line in read_bounded(path, MAX_FILE_BYTES, KIND).decode("ascii").splitlines():
            key, *rest = line.split() or [""]
            if key == "v":
                points.append([float(value) for value in rest[:3]])
            elif key == "g":
                group = rest[0]
            elif key == "f":
                corners = [corner.split("/") for corner in rest]
                faces.setdefault(group, []).append([int(corner[0]) - 1 for corner in corners])
                if group == "body":
                    seams.append([int(corner[1]) - 1 for corner in corners])
        xyz = METRES * np.array(points, dtype=np.float64).reshape(-1, 3)
        quads = {name: np.array(rows, dtype=np.int64).reshape(-1, 4) for name, rows in faces.items()}
        texture = np.array(seams, dtype=np.int64).reshape(-1, 4)
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise InputError(KIND, str(path), "a mesh of quads with texture vertices in the body", str(error)) from None
    if len(xyz) > MAX_VERTICES or not len(texture) or not np.all(np.isfinite(xyz)):
        raise InputError(f"vertices of {path}", len(xyz), f"at most {MAX_VERTICES}, finite, with a body", REMEDY)
    largest = max(int(rows.max()) for rows in quads.values())
    if largest >= len(xyz) or min(int(rows.min()) for rows in (*quads.values(), texture)) < 0:
        raise InputError(f"face of {path}", largest + 1, f"vertices of 1 to {len(xyz)}", REMEDY)
    return BaseMesh(xyz, quads, texture)


def read_offsets(path: Path, vertices: int) -> Offsets:
    """Read a .target or .target.gz file: lines `vertex dx dy dz`.

    Args:
        path: The file.
        vertices: Number of vertices of the base mesh.

    Raises:
        InputError: If it is missing, damaged, or names a vertex that the mesh does not have.
    """
    data = read_bounded(path, MAX_FILE_BYTES, KIND)
    try:
        if path.suffix == ".gz":
            with gzip.open(io.BytesIO(data)) as file:
                data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise ValueError(f"more than {MAX_FILE_BYTES // MIB} MiB unpacked")
        lines = [line.split() for line in data.decode("ascii").splitlines() if line and not line.startswith("#")]
        index = np.array([int(line[0]) for line in lines], dtype=np.int64)
        offset = np.array([[float(value) for value in line[1:]] for line in lines], dtype=np.float64).reshape(-1, 3)
    except (ValueError, IndexError, OSError, EOFError) as error:
        raise InputError(KIND, str(path), "lines of a vertex and three numbers", str(error)) from None
    if len(index) != len(offset) or (len(index) and not 0 <= index.min() <= index.max() < vertices):
        raise InputError(f"vertices of {path}", int(index.max(initial=0)), f"below {vertices}",
                         "Take targets of the same base mesh.")
    if not np.all(np.isfinite(offset)):
        raise InputError(f"offsets of {path}", "not finite", "finite numbers", REMEDY)
    return Offsets(index, METRES * offset)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        InputError: If it is missing, too large, or no JSON object.
    """
    try:
        value = json.loads(read_bounded(path, MAX_FILE_BYTES, KIND))
    except (ValueError, RecursionError) as error:
        raise InputError(KIND, str(path), "valid JSON", str(error)) from None
    if not isinstance(value, dict):
        raise InputError(f"content of {path}", type(value).__name__, "a JSON object", REMEDY)
    return value
