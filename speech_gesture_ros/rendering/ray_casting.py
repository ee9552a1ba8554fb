"""Distances along rays to shapes: which of them is in front is decided for every pixel.

Each shape is convex, or made of convex parts: a ray is inside a part between the last entry and the first exit of the
surfaces that bound it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.rendering.shapes import Shape, Vector

Span = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]  # entry and exit of each ray, (R,) in its lengths
TINY = 1e-12


def distances(shape: Shape, eye: Vector, rays: Vector) -> npt.NDArray[np.float64]:
    """Return where rays enter a shape, (R,) in lengths of the ray; infinite where they pass it or begin in it.

    Args:
        shape: The shape.
        eye: (3,) common start of the rays [m].
        rays: (R, 3) [m].
    """
    start, way = (eye - shape.centre) @ shape.rotation, rays @ shape.rotation
    a, _, c = shape.size
    if shape.kind == "ellipsoid":
        return _entry([_quadric(start / shape.size, way / shape.size, 3)])
    if shape.kind == "box":
        return _entry([_slab(start[i], way[:, i], half) for i, half in enumerate(shape.size)])
    tube = [_quadric(start / a, way / a, 2), _slab(start[2], way[:, 2], c)]
    if shape.kind == "cylinder":
        return _entry(tube)
    caps = [_entry([_quadric((start - [0.0, 0.0, end]) / a, way / a, 3)]) for end in (-c, c)]
    return np.minimum(_entry(tube), np.minimum(*caps))


def _quadric(start: Vector, way: Vector, axes: int) -> Span:
    """Return the span inside the unit sphere, or with two axes the unit cylinder along z."""
    start, way = start[:axes], way[:, :axes]
    a, b, c = np.einsum("ri,ri->r", way, way), way @ start, float(start @ start) - 1.0
    square = b**2 - a * c
    root = np.sqrt(np.maximum(square, 0.0))
    a = np.maximum(a, TINY)
    return np.where(square > 0, (-b - root) / a, np.inf), np.where(square > 0, (-b + root) / a, -np.inf)


def _slab(start: float, way: npt.NDArray[np.float64], half: float) -> Span:
    """Return the span between two planes at a distance from the origin."""
    way = np.where(np.abs(way) < TINY, TINY, way)
    first, second = (-half - start) / way, (half - start) / way
    return np.minimum(first, second), np.maximum(first, second)


def _entry(spans: list[Span]) -> npt.NDArray[np.float64]:
    """Return the entry into the part inside all spans, infinite where there is none in front."""
    enter = np.max([span[0] for span in spans], axis=0)
    leave = np.min([span[1] for span in spans], axis=0)
    return np.where((enter < leave) & (enter > 0), enter, np.inf)
