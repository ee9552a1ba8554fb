"""Hair and eyebrows: shells over the skin that rise from below it, so that their edge is where they come through.

The base data have no hair but long helper strips. So the shell is short hair: the faces of the scalp, subdivided once,
raised by a height that follows from a hairline, with grooves for strands.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.identity import AvatarColours
from speech_gesture_ros.avatar.linear_mesh import compact, selection, subdivide, triangles
from speech_gesture_ros.avatar.makehuman import BaseMesh, Offsets
from speech_gesture_ros.avatar.parts import Part, part, smooth_step
from speech_gesture_ros.avatar.skin import head_islands

Array = npt.NDArray[np.float64]

SHORT, LONG = 0.007, 0.019  # thickness of the hair at the sides and on top [m]
TOP = (0.015, 0.085)  # heights above the eyes from which and at which it is long [m]
BELOW = 0.005  # depth under the skin at which the shell ends [m]
RISE = 0.032  # way from the hairline to the full thickness [m]
# Hairline: height above the eyes [m], by azimuth from ahead [degrees]; the ear is at about 72.
HAIRLINE = np.array([[0.0, 0.063], [14.0, 0.061], [28.0, 0.062], [38.0, 0.054], [46.0, 0.030], [51.0, 0.000],
                     [55.0, -0.020], [60.0, -0.024], [64.0, 0.006], [70.0, 0.014], [80.0, 0.010], [87.0, -0.020],
                     [95.0, -0.045], [110.0, -0.068], [150.0, -0.082], [180.0, -0.084]])
EAR_SHIFT = 0.002  # offset by which a vertex counts as one of an ear [m]
# Eyebrow, in units of the distance of the eyes from the middle of the face: x, y above the eye, half height.
BROW = np.array([[0.42, 0.55, 0.02], [0.52, 0.60, 0.10], [0.95, 0.73, 0.10], [1.30, 0.74, 0.075],
                 [1.74, 0.54, 0.015]])
BROW_HEIGHT, BROW_DEPTH = 0.0012, 0.0018  # above and below the skin [m]


def hair_part(mesh: BaseMesh, ears: Offsets, colours: AvatarColours) -> Part:
    """Return the hair.

    Args:
        mesh: The base mesh.
        ears: A shape that moves the ears, which stay free.
        colours: Of the hair.
    """
    head, _, _ = head_islands(mesh)
    eyes = _eyes(mesh)
    moved = np.zeros(len(mesh.points), dtype=bool)
    moved[ears.index[np.linalg.norm(ears.offset, axis=1) > EAR_SHIFT]] = True
    body = mesh.group("body")
    above = _above_hairline(mesh.points[body].mean(axis=1), eyes)
    used, quads = compact(body[head & (above > -0.03) & ~moved[body].all(axis=1)])
    fine, faces = subdivide(quads, len(used))
    at = np.asarray(fine @ mesh.points[used])
    azimuth, height = _azimuth(at, eyes), _above_hairline(at, eyes)
    strands = np.sin(37.0 * azimuth + 60.0 * at[:, 1]) + 0.6 * np.sin(71.0 * azimuth - 95.0 * at[:, 1] + 1.0)
    full = SHORT + (LONG - SHORT) * smooth_step((at[:, 1] - eyes[1] - TOP[0]) / (TOP[1] - TOP[0]))
    lift = (full * (1.0 + 0.05 * strands) + BELOW) * smooth_step(BELOW / (LONG + BELOW) + height / RISE) - BELOW
    lift = np.where(np.asarray(fine @ moved[used].astype(float)) > 0.3, -BELOW, lift)
    shade = np.clip(1.0 + 0.10 * strands[:, None], 0.7, 1.3) * colours.rgb("hair")
    rows = fine @ selection(used, len(mesh.points))
    return part(rows.tocsr(), triangles(faces), np.clip(shade, 0.0, 1.0), in_face=True, lift=lift)


def brow_part(mesh: BaseMesh, colours: AvatarColours) -> Part:
    """Return both eyebrows."""
    head, _, _ = head_islands(mesh)
    eyes = _eyes(mesh)
    body = mesh.group("body")
    middle = mesh.points[body].mean(axis=1)
    used, quads = compact(body[head & (_in_brow(middle, eyes) > -2.5) & (middle[:, 2] > eyes[2])])
    rows, count = selection(used, len(mesh.points)), len(used)
    for _ in range(2):
        fine, quads = subdivide(quads, count)
        rows, count = (fine @ rows).tocsr(), fine.shape[0]
    inside = _in_brow(np.asarray(rows @ mesh.points), eyes)
    lift = np.clip(BROW_HEIGHT * inside, -BROW_DEPTH, BROW_HEIGHT)
    colour = 0.75 * colours.rgb("hair") + 0.25 * colours.rgb("skin")
    return part(rows, triangles(quads), colour, in_face=True, lift=lift)


def _eyes(mesh: BaseMesh) -> Array:
    """(3,) x of the left eye, height and depth of the eyes [m]."""
    left, right = (mesh.points[mesh.joint(f"{side}-eye")].mean(axis=0) for side in ("l", "r"))
    return np.array([(left[0] - right[0]) / 2, (left[1] + right[1]) / 2, (left[2] + right[2]) / 2])


def _azimuth(at: Array, eyes: Array) -> Array:
    """Angle about the vertical axis of the head from ahead, both sides alike [rad]."""
    return np.asarray(np.arctan2(np.abs(at[:, 0]), at[:, 2] - (eyes[2] - 0.10)))


def _above_hairline(at: Array, eyes: Array) -> Array:
    line = np.interp(np.degrees(_azimuth(at, eyes)), *HAIRLINE.T)
    wave = 0.0022 * np.sin(190.0 * at[:, 0] + 0.8) + 0.05 * np.clip(at[:, 0], -0.05, 0.05)  # a fringe is not level
    return np.asarray(at[:, 1] - eyes[1] - line - wave)


def _in_brow(at: Array, eyes: Array) -> Array:
    """1 on the middle line of a brow, 0 on its edge, negative outside."""
    x, y = np.abs(at[:, 0]) / eyes[0], (at[:, 1] - eyes[1]) / eyes[0]
    centre, half = (np.interp(x, BROW[:, 0], BROW[:, i]) for i in (1, 2))
    outside = np.maximum(np.maximum(BROW[0, 0] - x, x - BROW[-1, 0]), 0.0)
    return np.asarray(1.0 - np.hypot((y - centre) / half, outside / 0.03))
