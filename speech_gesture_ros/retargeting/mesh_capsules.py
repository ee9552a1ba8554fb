"""Capsules around a collision mesh: one, or a few where that saves much room. Every point of the mesh lies inside.

    ╭────────╮        ╭──╮
    │ ▄▄▄▄▄  │   ►    ╰──╯▄▄▄▄╮     the largest piece is cut in two across or along,
    │     ▌  │            │ ▌ │     as long as its two capsules are much smaller than its one
    ╰────────╯            ╰───╯

A capsule is convex: it contains a triangle if it contains its corners. A triangle across a cut is cut itself. Fine
meshes are made coarse first, and the capsules thicker by as much as that moved a corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SUFFIXES = (".stl", ".obj", ".dae", ".ply")
MAX_MESH_BYTES = 64_000_000
MAX_TRIANGLES = 300_000  # of more only the corners are looked at, and one capsule is made
COARSE = 128  # cells along the diagonal of a fine mesh; corners in one cell become one
FINE = 2_000  # triangles from which on a mesh is made coarse
MAX_PIECES = 4
CUTS = (0.35, 0.5, 0.65)  # where along an axis cuts are tried
WORTH = 0.8  # share of the room that two capsules may take for a cut to be worth it
THIN_M = 0.02  # capsules thinner than this are not cut


def load_triangles(path: Path, scale: Sequence[float]) -> Array:
    """(F, 3, 3) corners of the triangles of a mesh file [m].

    Raises:
        ValueError: If it cannot be read, or is empty or not finite.
    """
    import coal

    if path.stat().st_size > MAX_MESH_BYTES:
        raise ValueError(f"larger than {MAX_MESH_BYTES} bytes")
    mesh = coal.MeshLoader().load(str(path), np.array(scale, dtype=np.float64))
    points = np.array(mesh.vertices(), dtype=np.float64).reshape(-1, 3)
    if len(points) == 0 or not np.isfinite(points).all():
        raise ValueError("no points, or points that are not finite")
    if mesh.num_tris > MAX_TRIANGLES:
        return np.repeat(points[:, None], 3, axis=1)
    corners = [mesh.tri_indices(i) for i in range(mesh.num_tris)]
    return np.asarray(points[np.array([[c[0], c[1], c[2]] for c in corners], dtype=np.int64).reshape(-1, 3)])


def enclosing_capsules(triangles: Array) -> list[tuple[Array, Array, float]]:
    """Start (3,), stop (3,) and radius [m] of up to `MAX_PIECES` capsules that contain (F, 3, 3) triangles together."""
    triangles, moved = _coarse(triangles)
    pieces = [(triangles, _enclose(triangles))]
    done: list[tuple[Array, Array, float]] = []
    while pieces and len(pieces) + len(done) < MAX_PIECES:
        pieces.sort(key=lambda piece: _room(piece[1]))
        piece, capsule = pieces.pop()
        halves = _best_cut(piece, capsule) if capsule[2] > THIN_M else None
        if halves is None:
            done.append(capsule)
        else:
            pieces += halves
    return [(start, stop, radius + moved) for start, stop, radius in [*done, *(capsule for _, capsule in pieces)]]


def _coarse(triangles: Array) -> tuple[Array, float]:
    """Fewer triangles with their corners on a grid, and how far a corner was moved at most [m]."""
    if len(triangles) <= FINE:
        return triangles, 0.0
    low = triangles.min(axis=(0, 1))
    cell = max(float(np.linalg.norm(triangles.max(axis=(0, 1)) - low)) / COARSE, 1e-9)
    places = np.sort(np.ravel_multi_index(tuple(np.moveaxis(((triangles - low) / cell).astype(np.int64), -1, 0)),
                                          (COARSE + 1,) * 3), axis=1)
    corners = np.stack(np.unravel_index(np.unique(places, axis=0), (COARSE + 1,) * 3), axis=-1)
    return low + (corners + 0.5) * cell, cell * float(np.sqrt(3)) / 2


def _best_cut(piece: Array, capsule: tuple[Array, Array, float]
              ) -> list[tuple[Array, tuple[Array, Array, float]]] | None:
    """Two halves with their capsules, if that is worth it."""
    corners = piece.reshape(-1, 3)
    best, least = None, WORTH * _room(capsule)
    for axis in _axes(corners)[:3]:
        along = corners @ axis
        for share in CUTS:
            sides = _cut(piece, axis, float(along.min() + share * np.ptp(along)))
            if min(map(len, sides)) == 0:
                continue
            halves = [(side, _enclose(side)) for side in sides]
            room = sum(_room(half[1]) for half in halves)
            if room < least:
                best, least = halves, room
    return best


def _cut(triangles: Array, axis: Array, at: float) -> tuple[Array, Array]:
    """The parts of (F, 3, 3) triangles on both sides of a plane, the ones across it cut."""
    height = triangles @ axis - at
    is_above = height > 0
    count = is_above.sum(axis=1)
    sides = [triangles[count == 0], triangles[count == 3]]
    for lone in (1, 2):  # corners above; the lone corner is the one on its own side
        across = count == lone
        corners, heights, above = triangles[across], height[across], is_above[across]
        first = np.argmax(above == (lone == 1), axis=1)
        order = (first[:, None] + np.arange(3)) % 3
        rows = np.arange(len(corners))[:, None]
        (a, b, c), (ha, hb, hc) = np.moveaxis(corners[rows, order], 1, 0), heights[rows, order].T
        ab = a + (ha / (ha - hb))[:, None] * (b - a)
        ac = a + (ha / (ha - hc))[:, None] * (c - a)
        tip, base = np.stack([a, ab, ac], axis=1), np.concatenate([np.stack([b, c, ab], axis=1),
                                                                   np.stack([c, ab, ac], axis=1)])
        sides[lone == 1] = np.concatenate([sides[lone == 1], tip])
        sides[lone != 1] = np.concatenate([sides[lone != 1], base])
    return sides[0], sides[1]


def _enclose(triangles: Array) -> tuple[Array, Array, float]:
    """The smallest capsule found around triangles, along one of a few axes."""
    corners = _hull(triangles.reshape(-1, 3))
    return min((_along(corners, axis) for axis in _axes(corners)), key=_room)


def _hull(points: Array) -> Array:
    """Those of (P, 3) points that their convex hull has as corners; all where they lie in a plane."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return np.asarray(points[ConvexHull(points).vertices])
    except (QhullError, ValueError):  # flat, or hardly any
        return points


def _along(points: Array, axis: Array) -> tuple[Array, Array, float]:
    """The capsule along an axis (3,) that contains (P, 3) points."""
    side = np.linalg.svd(axis[None])[2][1:]  # (2, 3) across
    flat = points @ side.T
    centre = 0.5 * (flat.min(axis=0) + flat.max(axis=0))
    for step in 0.5 ** np.arange(1, 12):  # towards the smallest circle: a little towards the farthest point
        off = flat - centre
        distance = np.einsum("pc,pc->p", off, off)
        moved = centre + step * 0.5 * off[int(distance.argmax())]
        if np.max(np.einsum("pc,pc->p", flat - moved, flat - moved)) < distance.max():
            centre = moved
    off = flat - centre
    square = np.einsum("pc,pc->p", off, off)
    radius = float(np.sqrt(square.max())) * (1 + 1e-9)
    bulge = np.sqrt(np.maximum(radius**2 - square, 0.0))  # how far the cap reaches beyond the end there
    height = points @ axis
    low, high = float((height + bulge).min()), float((height - bulge).max())
    if low > high:
        low = high = 0.5 * (low + high)
    return centre @ side + low * axis, centre @ side + high * axis, radius


def _axes(points: Array) -> Array:
    """(6, 3) the principal directions of points, and the axes of their frame."""
    spread = points - points.mean(axis=0)
    return np.concatenate([np.linalg.eigh(spread.T @ spread)[1].T, np.eye(3)])


def _room(capsule: tuple[Array, Array, float]) -> float:
    start, stop, radius = capsule
    return float(np.pi * radius**2 * (np.linalg.norm(stop - start) + 4 / 3 * radius))
