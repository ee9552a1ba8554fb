"""Simplification of fine meshes: corners in one cell of a grid become one; repeated triangles are removed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
FINEST_CELLS = 126  # along the diagonal of a mesh; the numbers of a triangle's three cells then fit into 64 bits


def simplify(triangles: Array, most: int, cells: int = FINEST_CELLS) -> tuple[Array, float]:
    """Return fewer triangles with their corners on a grid, and the largest distance a corner was moved [m].

    Args:
        triangles: (F, 3, 3) corners [m].
        most: Number of triangles up to which nothing is changed.
        cells: Of the grid, along the diagonal of the mesh.
    """
    if len(triangles) <= most:
        return triangles, 0.0
    low = triangles.min(axis=(0, 1))
    cell = max(float(np.linalg.norm(triangles.max(axis=(0, 1)) - low)) / cells, 1e-9)
    places = ((triangles - low) / cell).astype(np.int64) @ (cells + 1) ** np.arange(3)
    places = np.unique(np.sort(places, axis=1) @ (cells + 1) ** (3 * np.arange(3)))  # a number for each triangle
    corners = places[:, None] // (cells + 1) ** (3 * np.arange(3)) % (cells + 1) ** 3
    return low + (corners[..., None] // (cells + 1) ** np.arange(3) % (cells + 1) + 0.5) * cell, \
        cell * float(np.sqrt(3)) / 2
