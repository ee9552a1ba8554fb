"""Triangles from mesh files: binary STL is read with NumPy, other formats by coal, which uses assimp.

A COLLADA file states its unit and its upward axis; `load_triangles` applies both. Other formats have metres and z up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.mesh_simplification import simplify

Array = npt.NDArray[np.float64]

SUFFIXES = (".stl", ".obj", ".dae", ".ply")
COLLADA = ".dae"
MAX_MESH_BYTES = 64_000_000
MAX_TRIANGLES = 300_000  # meshes of more are simplified
MAX_READ_TRIANGLES = 2_000_000  # of more only the corners are used
MAX_MUJOCO_TRIANGLES = 200_000  # of an STL file
MUJOCO_CELLS = (126, 60, 30)  # of the simplification, until there are few enough triangles
LFS_POINTER = b"version https://git-lfs"  # content of a file that Git LFS has not fetched
HEADER_BYTES = 16_384  # of a COLLADA file, in which its <asset> stands
# Binary STL: 80 bytes of header, the number of triangles, and 50 bytes for each.
STL_HEADER_BYTES, STL_TRIANGLE = 84, np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
# From a COLLADA file's axes to z up: (x, y, z) of the file to rows of x, y, z.
UPRIGHT = {"Z_UP": np.eye(3), "Y_UP": np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]),
           "X_UP": np.array([[0, -1.0, 0], [0, 0, -1.0], [1.0, 0, 0]])}


def mesh_fault(path: Path) -> str:
    """Return why a file cannot be a mesh, as the end of a sentence; "" if it may be one."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            begin = file.read(len(LFS_POINTER))
    except OSError:
        return "is not found"
    if begin == LFS_POINTER:
        return "is a Git LFS pointer, not a mesh (git lfs pull)"
    return f"is larger than {MAX_MESH_BYTES} bytes" if size > MAX_MESH_BYTES else ""


def mujoco_fault(path: Path) -> str:
    """Return why MuJoCo does not read a mesh file, as the end of a sentence; "" if it does."""
    fault = mesh_fault(path)
    if not fault and path.suffix.lower() == ".stl":
        triangles = _binary_stl(path)
        if triangles is None:
            return "is not a binary STL"
        if len(triangles) > MAX_MUJOCO_TRIANGLES:
            return f"has more than {MAX_MUJOCO_TRIANGLES} triangles"
    return fault


def mujoco_bytes(path: Path) -> bytes | None:
    """Return the content of a mesh file for MuJoCo, STL that it does not read simplified; None if it is unreadable."""
    if not mujoco_fault(path):
        return path.read_bytes()
    try:
        triangles = load_triangles(path, (1.0, 1.0, 1.0))
    except (OSError, ValueError, MemoryError):
        return None
    for cells in MUJOCO_CELLS:
        triangles = simplify(triangles, MAX_MUJOCO_TRIANGLES, cells)[0]
    return write_stl(triangles)


def load_triangles(path: Path, scale: Sequence[float], is_turned: bool = True) -> Array:
    """Return the (F, 3, 3) corners of the triangles of a mesh file [m].

    Args:
        path: The file.
        scale: Along the axes of the mesh.
        is_turned: Turn a COLLADA file to z up; else it keeps its axes.

    Raises:
        ValueError: If it cannot be read, or is empty or not finite; the message is the end of a sentence.
    """
    fault = mesh_fault(path)
    if fault:
        raise ValueError(fault)
    triangles = _binary_stl(path)
    triangles = _by_coal(path) if triangles is None else triangles
    if not len(triangles) or not np.isfinite(triangles).all():
        raise ValueError("has no points, or points that are not finite")
    if path.suffix.lower() == COLLADA:
        metre, axis = collada_frame(path)
        triangles = metre * triangles @ (UPRIGHT[axis].T if is_turned else np.eye(3))
    triangles = triangles * np.array(scale, dtype=np.float64)
    return simplify(triangles, MAX_TRIANGLES)[0]


def collada_frame(path: Path) -> tuple[float, str]:
    """Return the unit [m] of a COLLADA file and its upward axis, a key of `UPRIGHT`."""
    with path.open("rb") as file:
        text = file.read(HEADER_BYTES).decode("utf-8", errors="replace")
    asset = text[:text.index("</asset>")] if "</asset>" in text else text
    unit = re.search(r"<unit\b[^>]*\bmeter\s*=\s*[\"']\s*([-+.\deE]+)", asset)
    axis = re.search(r"<up_axis>\s*([XYZ]_UP)", asset)
    try:
        metre = float(unit[1]) if unit else 1.0
    except ValueError:
        metre = 1.0
    return metre if 0 < metre < np.inf else 1.0, axis[1] if axis else "Z_UP"  # not stated: the axes of ROS


def write_stl(triangles: Array) -> bytes:
    """Return (F, 3, 3) triangles as a binary STL file."""
    rows = np.zeros(len(triangles), dtype=STL_TRIANGLE)
    rows["corners"] = triangles
    return bytes(STL_HEADER_BYTES - 4) + len(triangles).to_bytes(4, "little") + rows.tobytes()


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
    """Return triangles in the units and axes of the file."""
    import coal

    try:
        mesh = coal.MeshLoader().load(str(path), np.ones(3))
    except Exception as error:  # coal raises several kinds, with the place in its own source
        raise ValueError(f"is not readable ({_reason(error)})") from None
    points = np.array(mesh.vertices(), dtype=np.float64).reshape(-1, 3)
    if mesh.num_tris > MAX_READ_TRIANGLES:
        return np.repeat(points[:, None], 3, axis=1)
    corners = [mesh.tri_indices(i) for i in range(mesh.num_tris)]
    return np.asarray(points[np.array([[c[0], c[1], c[2]] for c in corners], dtype=np.int64).reshape(-1, 3)])


def _reason(error: Exception) -> str:
    """Return the last line of an error of coal, which names its source file before."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].removeprefix("Message:").strip()[:120] if lines else type(error).__name__
