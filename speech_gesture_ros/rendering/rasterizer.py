"""Triangles to pixels on the processor, with NumPy alone: the nearest triangle of each pixel, colours interpolated.

    triangles ─► rows of pixels that each one crosses ─► span of each row ─► pixels ─► nearest of each ─► colours

A row is bounded by the three edges of its triangle (half-plane rasterisation, Pineda 1988), so that only pixels inside
are made. Depth and colours are planes over the picture; perspective within a triangle of a few pixels is neglected.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

EMPTY = np.uint64(2**64 - 1)
HIGH = 1 if sys.byteorder == "little" else 0  # place of the high half of a 64-bit number
SLACK = 1e-4  # widening of a span, so that no gap is between neighbours [pixels]
MIN_AREA = 1e-9  # of a triangle that is drawn [square pixels]


def rasterize(points: Array, depth: Array, faces: Indices, values: npt.NDArray[np.floating], width: int, height: int,
              ) -> tuple[Indices, npt.NDArray[np.float32]]:
    """Draw the triangles that are counter-clockwise in the picture.

    Args:
        points: (V, 2) places in the picture, x to the right, y down [pixels].
        depth: (V,) distance, of which less is nearer; positive.
        faces: (F, 3) triangles.
        values: (V, C) what is interpolated, such as colours.
        width: Of the picture [pixels].
        height: Of the picture [pixels].

    Returns:
        Pixels that are covered, (P,) as row * width + column, and their values (P, C).
    """
    corners = points[faces]
    low, high = np.ceil(corners.min(axis=1) - 0.5), np.floor(corners.max(axis=1) - 0.5)
    area = _cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.array([width, height])
    seen = (area < -MIN_AREA) & np.all((low <= high) & (high >= 0) & (low < size), axis=1)
    faces, corners, area = faces[seen], corners[seen], area[seen]
    first = np.maximum(low[seen, 1], 0).astype(np.int64)
    count = np.minimum(high[seen, 1], height - 1).astype(np.int64) - first + 1
    triangle, step = _runs(count)
    y = first[triangle] + step
    left, right = _spans(corners, triangle, y + 0.5)
    begin = np.maximum(np.ceil(left - 0.5 - SLACK), 0).astype(np.int64)
    end = np.minimum(np.floor(right - 0.5 + SLACK), width - 1).astype(np.int64)
    kept = end >= begin
    triangle, y, begin, end = triangle[kept], y[kept], begin[kept], end[kept]
    row, offset = _runs((end - begin + 1).astype(np.int32))
    pixel = (y * width + begin).astype(np.int32)[row] + offset
    channels = np.concatenate([depth[:, None], values], axis=1)[faces]  # (F, 3, 1 + C)
    slope_x, slope_y = _slopes(corners, area, channels)
    origin = channels[:, 0] - slope_x * corners[:, 0, :1] - slope_y * corners[:, 0, 1:]
    start = (origin[triangle] + slope_x[triangle] * (begin + 0.5)[:, None]
             + slope_y[triangle] * (y + 0.5)[:, None]).astype(np.float32)
    slope = slope_x.astype(np.float32)[triangle]
    along = offset.astype(np.float32)
    nearest = _nearest(pixel, start[row, 0] + slope[row, 0] * along, width * height)
    covered = np.flatnonzero(nearest >= 0)
    winner = nearest[covered]
    of_row = row[winner]
    return covered, start[of_row, 1:] + slope[of_row, 1:] * along[winner, None]


def _runs(count: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return for runs of `count` items the number of each item's run, and its place in it."""
    total = np.cumsum(count)
    run = np.repeat(np.arange(len(count), dtype=count.dtype), count)
    return run, np.arange(len(run), dtype=count.dtype) - (total - count).astype(count.dtype)[run]


def _spans(corners: Array, triangle: Indices, y: Array) -> tuple[Array, Array]:
    """Return where the line at y enters and leaves each triangle [pixels]."""
    left, right = np.full(len(y), -np.inf), np.full(len(y), np.inf)
    for i in range(3):
        a, b = corners[:, i], corners[:, (i + 1) % 3]
        dx, dy = (b - a).T
        flat = np.abs(dy) < 1e-12
        ratio = dx / np.where(flat, 1.0, dy)
        cut = a[triangle, 0] + (y - a[triangle, 1]) * ratio[triangle]
        is_left = (dy > 0)[triangle] & ~flat[triangle]  # counter-clockwise with y down: down on the left
        is_right = (dy < 0)[triangle] & ~flat[triangle]
        left = np.where(is_left, np.maximum(left, cut), left)
        right = np.where(is_right, np.minimum(right, cut), right)
    bounded = np.isfinite(left) & np.isfinite(right)
    return np.where(bounded, left, 0.0), np.where(bounded, right, -1.0)


def _slopes(corners: Array, area: Array, channels: Array) -> tuple[Array, Array]:
    """Return the change of each channel by a pixel in x and in y, (F, C) each."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    one, two = channels[:, 1] - channels[:, 0], channels[:, 2] - channels[:, 0]
    return ((one * second[:, 1:] - two * first[:, 1:]) / area[:, None],
            (two * first[:, :1] - one * second[:, :1]) / area[:, None])


def _nearest(pixel: npt.NDArray[np.int32], depth: npt.NDArray[np.float32], size: int) -> Indices:
    """Return the candidate with the least depth for each pixel, -1 where there is none."""
    key = np.empty((len(pixel), 2), dtype=np.uint32)
    key[:, HIGH] = np.maximum(depth, np.float32(0.0)).view(np.uint32)  # bits of a positive float rise with it
    key[:, 1 - HIGH] = np.arange(len(pixel), dtype=np.uint32)
    best = np.full(size, EMPTY)
    np.minimum.at(best, pixel, key.view(np.uint64)[:, 0])
    return np.where(best == EMPTY, -1, (best & np.uint64(0xFFFFFFFF)).astype(np.int64))


def _cross(a: Array, b: Array) -> Array:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
