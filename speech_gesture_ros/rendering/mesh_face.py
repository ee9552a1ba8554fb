"""MeshFace: a mesh with the shapes of ARKit, of a GLB file or of the ICT-FaceKit data, for pictures of a face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.gltf_reader import read_avatar
from speech_gesture_ros.core.bounded_arrays import read_arrays
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.face.fit.ict_identity import ict_coefficients

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

ICT_FILE, ICT_IDENTITIES = "ict_expressions_f32.npz", "ict_identities_f16.npz"
MAX_VERTICES, MAX_TRIANGLES, ICT_IDENTITY_MODES = 400_000, 800_000, 100
SKIN, DARK, GUMS, TEETH, WHITE, IRIS, PUPIL = (
    (0.87, 0.69, 0.58), (0.35, 0.14, 0.14), (0.72, 0.33, 0.33), (0.95, 0.93, 0.87), (0.95, 0.95, 0.94),
    (0.30, 0.42, 0.52), (0.05, 0.05, 0.06))
# First vertex, one past the last, colour: table "Face Model Topology" of ICT-FaceKit (MIT). What is transparent
# (lashes, fluids, eye blends and occlusions) is left out.
ICT_PARTS = ((0, 11248, SKIN), (11248, 13294, DARK), (13294, 14062, SKIN), (14062, 17039, GUMS), (17039, 21451, TEETH),
             (21451, 22221, WHITE), (23021, 23791, WHITE))
ICT_EYES = ((21451, 22221), (23021, 23791))  # outer surfaces of the eyeballs, on which iris and pupil are painted
IRIS_SHARE, PUPIL_SHARE = 0.5, 0.2  # radius over that of the eyeball


@dataclass(frozen=True)
class MeshFace:
    """A face of n vertices, Y up, looking to +Z.

    Attributes:
        points: (n, 3).
        faces: (m, 3) triangles, counter-clockwise seen from outside.
        colours: (n, 3) in [0, 1].
        index: (52,) for each blendshape the vertices that it moves.
        offsets: (52,) their offsets (K, 3).
    """

    points: Array
    faces: Indices
    colours: Array
    index: tuple[Indices, ...]
    offsets: tuple[Array, ...]

    def posed(self, shapes: npt.NDArray[np.floating]) -> Array:
        """Return the vertices (n, 3) for blendshapes (52,)."""
        out: Array = self.points.copy()
        for value, index, offsets in zip(shapes, self.index, self.offsets):
            if value:
                out[index] += float(value) * offsets
        return out

    @property
    def moved(self) -> Indices:
        """Vertices that a blendshape moves by more than a tenth of the largest motion."""
        far = [np.linalg.norm(offsets, axis=1) for offsets in self.offsets]
        least = 0.1 * max(float(motion.max(initial=0.0)) for motion in far)
        return np.unique(np.concatenate([index[motion > least] for index, motion in zip(self.index, far)]))


def read_mesh_face(path: Path, axes: Mapping[str, float] | None = None) -> MeshFace:
    """Read a face.

    Args:
        path: A .glb file whose meshes have morph targets with ARKit's names, or a folder with the data of ICT-FaceKit.
        axes: Of a fitted face, for ICT-FaceKit; None for the mean face.

    Raises:
        InputError: If it is missing, damaged or too large, or has none of the shapes.
    """
    if path.is_dir():
        return _read_ict(path, axes)
    if axes is not None:
        raise InputError("identity of a GLB file", "given", "for the folder of ICT-FaceKit only",
                         "Build the avatar with it: speech-gesture avatar build --identity.")
    if path.suffix.lower() != ".glb":
        raise InputError("mesh", str(path), "a .glb file or the folder of ICT-FaceKit", "Check the path.")
    return _read_glb(path)


def _read_glb(path: Path) -> MeshFace:
    points, faces, colours, start = [], [], [], 0
    parts: dict[str, list[tuple[Indices, Array]]] = {name: [] for name in BLENDSHAPES}
    for mesh in read_avatar(path).meshes:
        points.append(mesh.points)
        colours.append(mesh.colours)
        faces.append(mesh.faces + start)
        for name, shape in mesh.shapes.items():
            if name in parts:
                parts[name].append(((shape.index + start).astype(np.intp), shape.points.astype(np.float64)))
        start += len(mesh.points)
    none = [(np.empty(0, np.intp), np.empty((0, 3)))]
    index = tuple(np.concatenate([i for i, _ in parts[name] or none]) for name in BLENDSHAPES)
    offsets = tuple(np.concatenate([o for _, o in parts[name] or none]) for name in BLENDSHAPES)
    return _checked(path, MeshFace(np.concatenate(points).astype(np.float64), np.concatenate(faces),
                                   np.concatenate(colours).astype(np.float64), index, offsets))


def _read_ict(folder: Path, axes: Mapping[str, float] | None) -> MeshFace:
    arrays = read_arrays(folder / ICT_FILE, "data of ICT-FaceKit", ("neutral", "faces", "names", "deltas"))
    try:
        neutral, faces = arrays["neutral"].astype(np.float64), arrays["faces"].astype(np.intp)
        deltas, names = arrays["deltas"], [str(name) for name in arrays["names"]]
        if neutral.ndim != 2 or neutral.shape[1] != 3 or deltas.shape != (len(names), *neutral.shape):
            raise ValueError(f"shapes {neutral.shape} and {deltas.shape}")
        if faces.ndim != 2 or faces.shape[1] != 3 or faces.min() < 0 or faces.max() >= len(neutral):
            raise ValueError("triangles beyond the vertices")
    except (KeyError, ValueError) as error:
        raise InputError(f"data of {folder}", repr(error), "neutral, faces, names and deltas", "Copy them.") from None
    if axes is not None:
        neutral = neutral + _identity_offsets(folder, neutral, axes)
    found: list[tuple[Indices, Array]] = []
    for shape in BLENDSHAPES:
        sum_of = [delta for name, delta in zip(names, deltas) if _ict_names(shape, name)]
        total: Array = np.sum([np.zeros_like(neutral), *sum_of], axis=0, dtype=np.float64)
        moved = np.flatnonzero(np.abs(total).max(axis=1) > 0.0)
        found.append((moved, total[moved]))
    colours, kept = np.zeros_like(neutral), np.zeros(len(neutral), bool)
    for first, last, colour in ICT_PARTS:
        colours[first:last], kept[first:last] = colour, True
    for first, last in ICT_EYES:
        eye = neutral[first:last]
        middle = 0.5 * (eye.min(axis=0) + eye.max(axis=0))
        radius = np.linalg.norm((eye - middle)[:, :2], axis=1) / max(0.5 * float(np.ptp(eye[:, 0])), 1e-9)
        for share, colour in ((IRIS_SHARE, IRIS), (PUPIL_SHARE, PUPIL)):
            colours[first:last][(radius < share) & (eye[:, 2] > middle[2])] = colour
    index, offsets = tuple(i for i, _ in found), tuple(o for _, o in found)
    return _checked(folder, MeshFace(neutral, faces[kept[faces].all(axis=1)], colours, index, offsets))


def _ict_names(shape: str, name: str) -> bool:
    """Return whether a shape of ICT-FaceKit is (a half of) one of ARKit."""
    side = {"_L": "Left", "_R": "Right"}.get(name[-2:], "")
    stem = name[:-2] if side else name
    return shape in (f"{stem}{side}", stem)


def _identity_offsets(folder: Path, neutral: Array, axes: Mapping[str, float]) -> Array:
    modes = read_arrays(folder / ICT_IDENTITIES, "identities of ICT-FaceKit", ("deltas",)).get("deltas", np.zeros(0))
    if len(modes) > ICT_IDENTITY_MODES:
        raise InputError(f"modes of {folder}", len(modes), f"at most {ICT_IDENTITY_MODES}", "Copy them again.")
    return np.asarray(np.einsum("k,kvi->vi", ict_coefficients(neutral, modes, axes), modes, dtype=np.float64))


def _checked(path: Path, face: MeshFace) -> MeshFace:
    if len(face.points) > MAX_VERTICES or len(face.faces) > MAX_TRIANGLES:
        raise InputError(f"vertices and triangles of {path}", (len(face.points), len(face.faces)),
                         f"at most {MAX_VERTICES} and {MAX_TRIANGLES}", "Simplify the mesh.")
    if not len(face.index[BLENDSHAPE_INDEX["jawOpen"]]):
        raise InputError(f"shapes of {path}", "without jawOpen", "morph targets named as in ARKit", "Rename them.")
    if not np.isfinite(face.points).all() or not all(np.isfinite(offsets).all() for offsets in face.offsets):
        raise InputError(f"points of {path}", "not finite", "finite", "Export it again.")
    return replace(face, faces=face.faces.astype(np.intp))
