"""Eyeballs: spheres with iris and pupil in the places of the helper eyes, turned as the shapes of gaze turn these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.identity import AvatarColours
from speech_gesture_ros.avatar.linear_mesh import compact
from speech_gesture_ros.avatar.makehuman import BaseMesh

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

WHITE, VEINS, PUPIL = (0.95, 0.94, 0.92), (0.90, 0.84, 0.81), (0.02, 0.02, 0.03)
SEGMENTS = 32
# Rings from the front of the eye backwards: angle [degrees], colour (w white, v at the corners, i iris, e its edge,
# p pupil).
RINGS = ((9.5, "p"), (9.5, "e"), (12.0, "i"), (23.0, "i"), (25.5, "e"), (27.5, "e"), (27.5, "w"), (45.0, "w"),
         (70.0, "v"), (100.0, "v"))


@dataclass(frozen=True)
class Eyeball:
    """One eye.

    Attributes:
        centre: (3,) [m].
        directions: (n, 3) its vertices from the centre, in units of the radius.
        radius: [m].
        faces: (m, 3) triangles.
        colours: (n, 3) sRGB in [0, 1].
    """

    centre: Array
    directions: Array
    radius: float
    faces: Indices
    colours: Array

    @property
    def points(self) -> Array:
        """(n, 3) places of the vertices [m]."""
        return np.asarray(self.centre + self.radius * self.directions)


def eyeball(mesh: BaseMesh, points: Array, side: str, colours: AvatarColours) -> Eyeball:
    """Return the left ("l") or right ("r") eye.

    Args:
        mesh: The base mesh.
        points: (V, 3) its vertices with the identity applied [m].
        side: "l" or "r".
        colours: Of the iris.
    """
    centre, radius = _sphere(points[compact(mesh.group(f"helper-{side}-eye"))[0]])
    iris = colours.rgb("iris")
    paint = {"w": np.array(WHITE), "v": np.array(VEINS), "i": iris, "e": 0.35 * iris, "p": np.array(PUPIL)}
    turn = 2 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    directions, shades = [np.array([[0.0, 0.0, 1.0]])], [paint["p"][None]]
    for degrees, kind in RINGS:
        angle = np.radians(degrees)
        directions.append(np.stack([np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn),
                                    np.full(SEGMENTS, np.cos(angle))], axis=1))
        rays = 1.0 + 0.12 * np.sin(9.0 * turn)[:, None] if kind == "i" else np.ones((SEGMENTS, 1))
        shades.append(np.clip(paint[kind] * rays, 0.0, 1.0))
    return Eyeball(centre, np.concatenate(directions), radius, _ring_faces(), np.concatenate(shades))


def gaze_turn(mesh: BaseMesh, points: Array, shape: Array, side: str) -> Array:
    """Return the rotation vector (3,) [rad] by which a shape turns an eye (Kabsch 1976).

    Args:
        mesh: The base mesh.
        points: (V, 3) its vertices [m].
        shape: (V, 3) offsets of the shape [m].
        side: "l" or "r".
    """
    index = compact(mesh.group(f"helper-{side}-eye"))[0]
    if not np.any(shape[index]):
        return np.zeros(3)
    start, stop = points[index] - points[index].mean(axis=0), points[index] + shape[index]
    u, _, vt = np.linalg.svd((stop - stop.mean(axis=0)).T @ start)
    turn = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
    axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) / 2
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return np.zeros(3)
    return np.asarray(axis / sine * np.arctan2(sine, (np.trace(turn) - 1.0) / 2))


def _sphere(points: Array) -> tuple[Array, float]:
    """Centre and radius of the sphere that is nearest to points, by least squares."""
    system = np.concatenate([2 * points, np.ones((len(points), 1))], axis=1)
    solution = np.linalg.lstsq(system, np.sum(points**2, axis=1), rcond=None)[0]
    centre = solution[:3]
    return centre, float(np.sqrt(max(solution[3] + centre @ centre, 1e-8)))


def _ring_faces() -> Indices:
    k = np.arange(SEGMENTS)
    after = (k + 1) % SEGMENTS
    found = [np.stack([np.zeros(SEGMENTS, dtype=np.int64), 1 + k, 1 + after], axis=1)]
    for ring in range(len(RINGS) - 1):
        if RINGS[ring][0] == RINGS[ring + 1][0]:
            continue  # the same place in another colour
        inner, outer = 1 + ring * SEGMENTS, 1 + (ring + 1) * SEGMENTS
        found.append(np.stack([inner + k, outer + k, outer + after], axis=1))
        found.append(np.stack([inner + k, outer + after, inner + after], axis=1))
    return np.concatenate(found)
