"""Triangles to pixels with a depth buffer, in NumPy: for meshes of a face, whose triangles cover few pixels each.

Triangles whose bounding boxes have about the same size are drawn together: all pixels of their boxes are tested at
once, and of those inside, the nearest to the eye is kept.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MAX_CANDIDATES = 4_000_000  # pixels of boxes tested at once
_TINY = 1e-9
_GROUPS = 32  # more than the logarithm of any size


def rasterise(points: Array, faces: npt.NDArray[np.integer], values: Array, size: tuple[int, int],
              background: Array) -> Array:
    """Draw triangles.

    Args:
        points: (n, 3) x to the right and y down [pixels], and depth, smaller in front.
        faces: (m, 3) vertices of triangles; those that are clockwise in the picture are seen from behind and left out.
        values: (n, C) of the vertices, interpolated in between.
        size: Height and width of the picture.
        background: (C,) where no triangle is.

    Returns:
        (height, width, C).
    """
    height, width = size
    picture = np.tile(background, (height * width, 1))
    depth = np.full(height * width, np.inf)
    a, b, c = (points[faces[:, i], :2] for i in range(3))
    faces = faces[_cross(b - a, c - a) < -_TINY]
    corners = points[faces]
    a, b, c = (corners[:, i, :2] for i in range(3))
    low = np.maximum(np.floor(np.minimum(np.minimum(a, b), c)), 0.0).astype(np.intp)
    high = np.minimum(np.ceil(np.maximum(np.maximum(a, b), c)), (width, height)).astype(np.intp)
    steps = np.ceil(np.log2(np.maximum(high - low, 1))).astype(int)
    group = np.where((high > low).all(axis=1), _GROUPS * steps[:, 0] + steps[:, 1], -1)
    for number in np.unique(group[group >= 0]):
        chosen = np.flatnonzero(group == number)
        box = (2 ** int(number // _GROUPS), 2 ** int(number % _GROUPS))
        block = max(1, MAX_CANDIDATES // (box[0] * box[1]))
        for i in range(0, len(chosen), block):
            some = chosen[i:i + block]
            _draw(corners[some], faces[some], low[some], box, values, (height, width), depth, picture)
    return picture.reshape(height, width, -1)


def _draw(corners: Array, faces: npt.NDArray[np.integer], low: npt.NDArray[np.intp], box: tuple[int, int],
          values: Array, size: tuple[int, int], depth: Array, picture: Array) -> None:
    """Draw triangles that fit into boxes of a width and height from `low`; changes depth and picture."""
    height, width = size
    x, y = (side.ravel() for side in np.meshgrid(np.arange(box[0]), np.arange(box[1])))
    a, b, c = (corners[:, i, :2] - low - 0.5 for i in range(3))
    area = _cross(b - a, c - a)
    first = _plane(b, c, area, x, y)
    second = _plane(c, a, area, x, y)
    inside = (first >= -_TINY) & (second >= -_TINY) & (first + second <= 1.0 + _TINY)
    triangle, place = np.nonzero(inside)
    column, row = low[triangle, 0] + x[place], low[triangle, 1] + y[place]
    kept = (column < width) & (row < height)
    triangle, place, index = triangle[kept], place[kept], (row * width + column)[kept]
    if not len(triangle):
        return
    share = np.stack([first[triangle, place], second[triangle, place]], axis=1)
    share = np.concatenate([share, 1.0 - share.sum(axis=1, keepdims=True)], axis=1)
    near = np.einsum("ki,ki->k", share, corners[triangle, :, 2])
    order = np.argsort(-near, kind="stable")  # the nearest is written last
    order = order[near[order] < depth[index[order]]]
    depth[index[order]] = near[order]
    picture[index[order]] = np.einsum("ki,kic->kc", share[order], values[faces[triangle[order]]])


def _plane(start: Array, stop: Array, area: Array, x: npt.NDArray[np.intp], y: npt.NDArray[np.intp]) -> Array:
    """Return the share (m, P) of the corner opposite to an edge at pixels (P,) of the box: linear in x and y."""
    edge = (stop - start) / area[:, None]
    constant = _cross(start, stop) / area
    return np.asarray(constant[:, None] - edge[:, 1:] * x + edge[:, :1] * y)


def _cross(first: Array, second: Array) -> Array:
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])
