"""Triangles from mesh files: binary STL is read with NumPy, other formats by coal, which uses assimp."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SUFFIXES = (".stl", ".obj", ".dae", ".ply")
MAX_MESH_BYTES = 64_000_000
MAX_TRIANGLES = 300_000  # of more only the corners are used, and one capsule is made
# Binary STL: 80 bytes of header, the number of triangles, and 50 bytes for each.
STL_HEADER_BYTES, STL_TRIANGLE = 84, np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def load_triangles(path: Path, scale: Sequence[float]) -> Array:
    """Return the (F, 3, 3) corners of the triangles of a mesh file [m].

    Raises:
        ValueError: If it cannot be read, or is empty or not finite.
    """
    if path.stat().st_size > MAX_MESH_BYTES:
        raise ValueError(f"larger than {MAX_MESH_BYTES} bytes")
    triangles = _binary_stl(path)
    triangles = _by_coal(path) if triangles is None else triangles
    if not len(triangles) or not np.isfinite(triangles).all():
        raise ValueError("no points, or points that are not finite")
    triangles = triangles * np.array(scale, dtype=np.float64)
    return np.repeat(triangles.reshape(-1, 1, 3), 3, axis=1) if len(triangles) > MAX_TRIANGLES else triangles


def _binary_stl(path: Path) -> Array | None:
    """Return the triangles of a binary STL; None for a file of another format or length."""
    if path.suffix.lower() != ".stl":
        return None
    data = path.read_bytes()
    count = int.from_bytes(data[STL_HEADER_BYTES - 4:STL_HEADER_BYTES], "little")
    if len(data) < STL_HEADER_BYTES or len(data) != STL_HEADER_BYTES + count * STL_TRIANGLE.itemsize:
        return None
    return np.frombuffer(data, STL_TRIANGLE, offset=STL_HEADER_BYTES)["corners"].astype(np.float64)


def _by_coal(path: Path) -> Array:
    import coal

    mesh = coal.MeshLoader().load(str(path), np.ones(3))
    points = np.array(mesh.vertices(), dtype=np.float64).reshape(-1, 3)
    if mesh.num_tris > MAX_TRIANGLES:
        return np.repeat(points[:, None], 3, axis=1)
    corners = [mesh.tri_indices(i) for i in range(mesh.num_tris)]
    return np.asarray(points[np.array([[c[0], c[1], c[2]] for c in corners], dtype=np.int64).reshape(-1, 3)])
