"""Clothes: pullover, trousers and shoes, made of the helper mesh for tight clothes, smoothed and stood off the body."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.identity import AvatarColours
from speech_gesture_ros.avatar.linear_mesh import compact, selection, smoothing, triangles
from speech_gesture_ros.avatar.makehuman import BaseMesh
from speech_gesture_ros.avatar.parts import Part, part, smooth_step

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

SMOOTHING_STEPS = 14
HEM, SHOE_EDGE = 0.0, 0.035  # heights of the pullover's hem above the hips and of the shoes above the ankles [m]
OVERLAP = 0.06  # height to which a piece goes on under the other one [m]
PULLOVER_LIFT, TROUSERS_LIFT, SHOE_LIFT = 0.011, 0.005, 0.009  # distance from the helper mesh [m]
EDGE_LIFT = 0.001  # at an edge of the helper mesh, such as the collar [m]
TUCK = 0.022  # way along which an edge goes under the other piece [m]
EDGE_COLOUR = 0.8  # brightness of collar, cuffs and hem


def clothes_parts(mesh: BaseMesh, colours: AvatarColours) -> list[Part]:
    """Return pullover, trousers and shoes."""
    used, quads = compact(mesh.group("helper-tights"))
    at = mesh.points[used]
    hips = mesh.points[mesh.joint("pelvis")].mean(axis=0)[1]
    ankles = np.mean([mesh.points[mesh.joint(f"{side}-ankle")].mean(axis=0)[1] for side in ("l", "r")])
    edge = _edge_vertices(quads)
    is_edge = np.isin(np.arange(len(used)), edge)
    even = smoothing(quads, len(used), ~is_edge & (at[:, 1] > ankles), SMOOTHING_STEPS)
    rows = (even @ selection(used, len(mesh.points))).tocsr()
    at = np.asarray(even @ at)
    middle = at[quads].mean(axis=1)[:, 1]
    far = _rings_from(quads, edge, len(used))
    # An edge between two pieces is where the outer one goes through the inner one, at any fineness of the mesh.
    hem = smooth_step(0.5 + (at[:, 1] - hips - HEM) / TUCK)
    shoe = smooth_step(0.5 + (ankles + SHOE_EDGE - at[:, 1]) / TUCK)
    pullover_lift = (EDGE_LIFT + (PULLOVER_LIFT - EDGE_LIFT) * smooth_step(far / 3.0)) * hem
    is_dark = (far < 1.5) | (np.abs(at[:, 1] - hips - HEM) < 0.5 * TUCK)
    colour = colours.rgb("pullover") * np.where(is_dark, EDGE_COLOUR, 1.0)[:, None]
    plain = np.ones((len(used), 1))
    return [
        _cut(rows, quads, middle > hips + HEM - 2 * TUCK, colour, pullover_lift, both_sides=True),
        _cut(rows, quads, (middle <= hips + HEM + OVERLAP) & (middle > ankles + SHOE_EDGE - OVERLAP),
             plain * colours.rgb("trousers"), np.full(len(used), TROUSERS_LIFT), both_sides=False),
        _cut(rows, quads, middle <= ankles + SHOE_EDGE + 2 * TUCK, plain * colours.rgb("shoes"), SHOE_LIFT * shoe,
             both_sides=False),
    ]


def _cut(rows: object, quads: Indices, kept: npt.NDArray[np.bool_], colours: Array, lift: Array, *,
         both_sides: bool) -> Part:
    """Return the part with the kept faces; with both sides its inside is drawn, too."""
    index, faces = compact(quads[kept])
    some, flat = rows[index], triangles(faces)  # type: ignore[index]
    whole = part(some, flat, colours[index], in_face=False, lift=lift[index])
    if not both_sides:
        return whole
    from scipy.sparse import vstack

    return part(vstack([some, some]).tocsr(), np.concatenate([flat, flat[:, ::-1] + len(index)]),
                np.concatenate([colours[index], 0.6 * colours[index]]), in_face=False,
                lift=np.concatenate([lift[index], -(lift[index] - 0.0008)]))


def _edge_vertices(quads: Indices) -> Indices:
    """Vertices of edges that have one face."""
    edges = np.sort(np.concatenate([quads[:, [i, (i + 1) % 4]] for i in range(4)]), axis=1)
    unique, uses = np.unique(edges, axis=0, return_counts=True)
    return np.unique(unique[uses == 1])


def _rings_from(quads: Indices, start: Indices, count: int, most: int = 6) -> Array:
    """(count,) number of faces between each vertex and the nearest of some vertices, up to a bound."""
    rings = np.full(count, float(most))
    rings[start] = 0.0
    for ring in range(1, most):
        near = np.unique(quads[(rings[quads] <= ring - 1).any(axis=1)])
        rings[near] = np.minimum(rings[near], ring)
    return rings
