"""Capsules around a collision mesh: one, or a few if that saves much volume. Every point of the mesh lies inside.

    ╭────────╮        ╭──╮
    │ ▄▄▄▄▄  │   ►    ╰──╯▄▄▄▄╮     the largest piece is cut in two across or along,
    │     ▌  │            │ ▌ │     as long as its two capsules are much smaller than its one
    ╰────────╯            ╰───╯

A capsule is convex: it contains a triangle if it contains its corners. A triangle across a cut is cut itself. Fine
meshes are simplified first, and the capsules made thicker by the distance that this moved a corner. Cuts are compared
on a sketch, a coarser simplification.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.mesh_simplification import simplify

Array = npt.NDArray[np.float64]
Segment = tuple[Array, Array, float]  # start (3,), stop (3,), radius [m]

# Triangles up to which a mesh and its sketch are not simplified, and the cells along the diagonal of the sketch.
FEW_MESH_TRIANGLES = 2_000
SKETCH_CELLS, FEW_SKETCH_TRIANGLES = 20, 200
MAX_PIECES = 4
CUTS = (0.35, 0.5, 0.65)  # shares of the length along an axis at which cuts are tried
VOLUME_SHARE = 0.8  # of the volume before a cut; two capsules with more are rejected
THIN_M = 0.02  # capsules thinner than this are not cut


@dataclass(frozen=True)
class _Piece:
    """Part of a mesh: its (F, 3, 3) triangles, their sketch, and the capsule around all."""

    triangles: Array
    sketch: Array
    capsule: Segment


def enclosing_capsules(triangles: Array) -> list[Segment]:
    """Return up to `MAX_PIECES` capsules that together contain (F, 3, 3) triangles [m]."""
    return [capsule for capsule, _ in enclosing_pieces(triangles)]


def enclosing_pieces(triangles: Array) -> list[tuple[Segment, Array]]:
    """Return the capsules of `enclosing_capsules`, each with the (F', 3, 3) triangles in it, simplified [m]."""
    triangles, moved = simplify(triangles, FEW_MESH_TRIANGLES)
    pieces = [_Piece(triangles, simplify(triangles, FEW_SKETCH_TRIANGLES, SKETCH_CELLS)[0], _enclose(triangles))]
    done: list[_Piece] = []
    while pieces and len(pieces) + len(done) < MAX_PIECES:
        pieces.sort(key=lambda piece: _volume(piece.capsule))
        piece = pieces.pop()
        halves = _halves(piece) if piece.capsule[2] > THIN_M else []
        pieces += halves
        done += [] if halves else [piece]
    return [((start, stop, radius + moved), piece.triangles)
            for piece in (*done, *pieces) for start, stop, radius in [piece.capsule]]


def _halves(piece: _Piece) -> list[_Piece]:
    """Return the two halves of the best cut; none if no cut saves enough volume."""
    cut, least = None, VOLUME_SHARE * _volume(_enclose(piece.sketch))
    corners = piece.sketch.reshape(-1, 3)
    for axis in _axes(corners)[:3]:
        along = corners @ axis
        for at in along.min() + np.array(CUTS) * np.ptp(along):
            sides = _cut(piece.sketch, axis, float(at))
            volume = sum(_volume(_enclose(side)) for side in sides) if min(map(len, sides)) else np.inf
            if volume < least:
                cut, least = (axis, float(at)), volume
    if cut is None:
        return []
    halves = [_Piece(fine, sketch, _enclose(fine))
              for fine, sketch in zip(_cut(piece.triangles, *cut), _cut(piece.sketch, *cut)) if len(fine)]
    largest = VOLUME_SHARE * _volume(piece.capsule)
    return halves if len(halves) == 2 and sum(_volume(half.capsule) for half in halves) < largest else []


def _cut(triangles: Array, axis: Array, at: float) -> tuple[Array, Array]:
    """Return the parts of (F, 3, 3) triangles on both sides of a plane; triangles across it are cut."""
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


def _enclose(triangles: Array) -> Segment:
    """Return the smallest capsule around triangles along one of a few axes."""
    corners = _hull(triangles.reshape(-1, 3))
    return min(_along(corners, _axes(corners)), key=_volume)


def _hull(points: Array) -> Array:
    """Return the (P, 3) points that are corners of their convex hull; all if they lie in a plane."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return np.asarray(points[ConvexHull(points).vertices])
    except (QhullError, ValueError):  # flat, or hardly any
        return points


def _along(points: Array, axes: Array) -> list[Segment]:
    """Return for each of (A, 3) axes a capsule along it that contains (P, 3) points."""
    side = np.linalg.svd(axes[:, None])[2][:, 1:]  # (A, 2, 3) across
    flat = points @ np.swapaxes(side, 1, 2)  # (A, P, 2)
    centre = 0.5 * (flat.min(axis=1) + flat.max(axis=1))
    rows = np.arange(len(axes))
    square = _squares(flat, centre)
    for step in 0.5 ** np.arange(1, 12):  # towards the centre of the smallest circle: a step towards the farthest point
        moved = centre + step * 0.5 * (flat[rows, square.argmax(axis=1)] - centre)
        there = _squares(flat, moved)
        is_smaller = there.max(axis=1) < square.max(axis=1)
        centre, square = np.where(is_smaller[:, None], moved, centre), np.where(is_smaller[:, None], there, square)
    radius = np.sqrt(square.max(axis=1)) * (1 + 1e-9)
    bulge = np.sqrt(np.maximum(radius[:, None] ** 2 - square, 0.0))  # length of the cap at a point's distance
    height = axes @ points.T
    low, high = (height + bulge).min(axis=1), (height - bulge).max(axis=1)
    low, high = np.where(low > high, [0.5 * (low + high)] * 2, [low, high])
    foot = np.einsum("ac,acx->ax", centre, side)
    return [(start, stop, float(r)) for start, stop, r in zip(foot + low[:, None] * axes, foot + high[:, None] * axes,
                                                              radius)]


def _squares(flat: Array, centre: Array) -> Array:
    """Return (A, P) squared distances of (A, P, 2) points from (A, 2) centres."""
    off = flat - centre[:, None]
    return np.asarray(np.einsum("apc,apc->ap", off, off))


def _axes(points: Array) -> Array:
    """Return (6, 3) axes: the principal directions of points, and the axes of their frame."""
    spread = points - points.mean(axis=0)
    return np.concatenate([np.linalg.eigh(spread.T @ spread)[1].T, np.eye(3)])


def _volume(capsule: Segment) -> float:
    """Return the volume of a capsule [m^3]."""
    start, stop, radius = capsule
    return float(np.pi * radius**2 * (np.linalg.norm(stop - start) + 4 / 3 * radius))
