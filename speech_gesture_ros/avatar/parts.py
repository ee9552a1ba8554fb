"""Parts of an avatar: surfaces whose vertices are linear combinations of those of the base mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from speech_gesture_ros.avatar.linear_mesh import vertex_normals

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """One surface.

    Attributes:
        rows: (n, V) each vertex as a combination of vertices of the base mesh.
        faces: (m, 3) all its triangles; normals follow from them.
        colours: (n, 3) sRGB in [0, 1].
        shown: (m,) which triangles are drawn; the others only shape the normals beside them.
        in_face: (m,) which triangles belong to the mesh that expressions move; the others to the body.
        lift: (n,) distance by which vertices stand off along the normal of the neutral shape [m].
    """

    rows: csr_matrix
    faces: Indices
    colours: Array
    shown: npt.NDArray[np.bool_]
    in_face: npt.NDArray[np.bool_]
    lift: Array

    def points(self, base: Array) -> Array:
        """(n, 3) places of the vertices [m] for base vertices (V, 3) [m]."""
        flat = np.asarray(self.rows @ base)
        if not np.any(self.lift):
            return flat
        return flat + self.lift[:, None] * vertex_normals(flat, self.faces)


def part(rows: csr_matrix, faces: Indices, colours: Array, *, in_face: bool, lift: Array | None = None) -> Part:
    """Return a part all of which is drawn.

    Args:
        rows: As in `Part`.
        faces: As in `Part`.
        colours: (n, 3), or (3,) for all vertices.
        in_face: Whether expressions move it.
        lift: As in `Part`; none for 0.
    """
    count = rows.shape[0]
    every = np.ones(len(faces), dtype=bool)
    return Part(rows, faces, np.broadcast_to(colours, (count, 3)), every, every & in_face,
                np.zeros(count) if lift is None else lift)


def smooth_step(value: Array) -> Array:
    """Return 0 for values below 0, 1 above 1, and a smooth rise between them."""
    share = np.clip(value, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))
