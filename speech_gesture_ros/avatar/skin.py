"""Skin of the avatar: head, neck and hands, the lips, the inside of the mouth, teeth, tongue and eyelashes.

What clothes cover is left out. Parts of the body are found by the islands of its texture, which the base mesh states,
and by its joints.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.identity import AvatarColours
from speech_gesture_ros.avatar.linear_mesh import compact, selection, triangles
from speech_gesture_ros.avatar.makehuman import BaseMesh
from speech_gesture_ros.avatar.parts import Part, part

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LIP_RINGS = 7  # rings of faces from the inside of the lips to their edge
INSIDE, TEETH, TONGUE, LASHES = (0.30, 0.10, 0.10), (0.93, 0.91, 0.86), (0.66, 0.34, 0.33), (0.13, 0.10, 0.09)
DARK_DEPTH, DARKEST = 0.030, 0.25  # depth behind the front of teeth and tongue at which they are dark [m], and how dark
TONGUE_DROP = 0.004  # by which the tongue lies lower than in the data, where it hides the throat [m]
SOCKET = 0.75  # brightness of the inside of the eyelids, of the skin's
SMALL_ISLAND = 0.15  # largest share of the body of an island that is a hand, a foot, a mouth or a socket
NECK_DEPTH = 0.03  # height of skin below the joint of the neck, which a collar covers [m]
NECK_WIDTH = 0.062  # half width of that skin [m]
SLEEVE_RINGS = 2  # rings of skin inside a sleeve


def head_islands(mesh: BaseMesh) -> tuple[Mask, Mask, Mask]:
    """Return which faces of the body are the head's skin, the inside of the mouth, the inside of the eyelids."""
    body = mesh.group("body")
    mouth = mesh.island_near("mouth", SMALL_ISLAND)
    sockets = mesh.island_near("l-eye", SMALL_ISLAND) | mesh.island_near("r-eye", SMALL_ISLAND)
    top = int(np.argmax(mesh.points[np.unique(body), 1]))
    highest = np.flatnonzero((body == np.unique(body)[top]).any(axis=1))[0]
    return np.asarray(mesh.islands == mesh.islands[highest]), mouth, sockets


def skin_part(mesh: BaseMesh, colours: AvatarColours) -> Part:
    """Return head, neck, hands, inside of the mouth and of the eyelids as one part, so that no seam is visible."""
    body = mesh.group("body")
    head, mouth, sockets = head_islands(mesh)
    hands = _grown(mesh.island_near("l-hand-2", SMALL_ISLAND) | mesh.island_near("r-hand-2", SMALL_ISLAND), body,
                   SLEEVE_RINGS)
    neck = mesh.points[mesh.joint("neck")].mean(axis=0)
    middle = mesh.points[body].mean(axis=1)
    below = (np.abs(middle[:, 0]) < NECK_WIDTH) & (middle[:, 1] > neck[1] - NECK_DEPTH)
    in_face = head | mouth | sockets | (below & ~hands)
    count = int(body.max()) + 1
    shades = np.tile(colours.rgb("skin"), (count, 1))
    _blush(shades, mesh, head)
    shades[_lips(body, head, mouth)] = colours.rgb("lips")
    edge = np.intersect1d(body[head], body[sockets])
    shades[np.setdiff1d(body[sockets], edge)] *= SOCKET
    shades[edge] = 0.6 * shades[edge] + 0.4 * colours.rgb("lips")
    inner = np.setdiff1d(body[mouth], body[head])
    shades[inner] = INSIDE
    both = np.repeat(in_face, 2)
    return Part(selection(np.arange(count), len(mesh.points)), triangles(body), shades,
                both | np.repeat(hands, 2), both, np.zeros(count))


def _lips(body: Indices, head: Mask, mouth: Mask) -> Indices:
    """Vertices of the lips: within some rings of the edge between skin and inside of the mouth, on either side."""
    near = np.isin(body, np.intersect1d(body[head], body[mouth])).any(axis=1)
    outer = _grown(near & head, body, LIP_RINGS - 2, head)
    return np.unique(body[outer | (near & mouth)])


def _blush(shades: Array, mesh: BaseMesh, head: Mask) -> None:
    """Redden the cheeks, nose and ears a little."""
    eyes = [mesh.points[mesh.joint(f"{side}-eye")].mean(axis=0) for side in ("l", "r")]
    scale = float(np.linalg.norm(eyes[0] - eyes[1])) / 0.061  # of a usual distance of the eyes
    skin = np.unique(mesh.group("body")[head])
    at = mesh.points[skin]
    tip = skin[np.argmax(at[:, 2])]
    spots = [(mesh.points[tip], 0.016, 0.5)]
    spots += [(eye + scale * np.array([0.012 * np.sign(eye[0]), -0.040, 0.02]), 0.022, 0.55) for eye in eyes]
    spots += [(eye + scale * np.array([0.050 * np.sign(eye[0]), -0.015, -0.075]), 0.022, 0.5) for eye in eyes]
    for place, radius, amount in spots:
        near = amount * np.exp(-np.sum((at - place) ** 2, axis=1) / (radius * scale) ** 2)
        shades[skin] *= 1.0 - near[:, None] * np.array([0.02, 0.13, 0.13])


def _grown(faces: Mask, quads: Indices, rings: int, within: Mask | None = None) -> Mask:
    """Add rings of neighbouring faces."""
    grown = faces
    for _ in range(rings):
        grown = np.asarray(np.isin(quads, np.unique(quads[grown])).any(axis=1))
        grown = grown if within is None else np.asarray(grown & within)
    return grown


def mouth_parts(mesh: BaseMesh) -> list[Part]:
    """Return teeth and tongue, darker towards the throat."""
    found = []
    for group, colour in (("helper-upper-teeth", TEETH), ("helper-lower-teeth", TEETH), ("helper-tongue", TONGUE)):
        used, faces = compact(mesh.group(group))
        depth = mesh.points[used, 2].max() - mesh.points[used, 2]
        light = np.clip(1.0 - depth / DARK_DEPTH, DARKEST, 1.0)[:, None]
        found.append(part(selection(used, len(mesh.points)), triangles(faces), light * np.array(colour), in_face=True))
    return found


def lash_parts(mesh: BaseMesh) -> list[Part]:
    """Return the upper eyelashes, visible from both sides."""
    names = [f"helper-{side}-eyelashes-2" for side in ("l", "r")]
    used, faces = compact(np.concatenate([mesh.group(name) for name in names]))
    both = np.concatenate([triangles(faces), triangles(faces)[:, ::-1] + len(used)])
    rows = selection(np.concatenate([used, used]), len(mesh.points))
    return [part(rows, both, np.array(LASHES), in_face=True)]
