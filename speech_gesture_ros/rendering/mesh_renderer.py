"""Meshes of an avatar in light, drawn over a picture on the processor without OpenGL.

points, normals ─► light of each vertex ─► pixels, at twice the size ─► mean of each four, over the picture

Light: a key light from the upper left of the camera that wraps around edges, a weak fill light from the right, light of
the sky from above; a highlight on the eyes. Nothing casts a shadow.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.model import AvatarModel
from speech_gesture_ros.rendering.camera import Camera
from speech_gesture_ros.rendering.rasterizer import rasterize

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.floating]
Picture = npt.NDArray[np.uint8]

OVERSAMPLING = 2
KEY, FILL = np.array([-0.45, 0.55, -0.75]), np.array([0.75, 0.05, -0.6])  # towards the lights: right, up, ahead
AMBIENT, SKY, KEY_SHARE, FILL_SHARE, WRAP = 0.50, 0.08, 0.50, 0.14, 0.40
SHINE, SHARPNESS = 0.9, 60.0  # highlight of the eyes
SHINY = "eyes"  # mesh that has it


class MeshRenderer:
    """Draws the meshes of one avatar, wherever their vertices are.

    Args:
        model: Gives faces and colours.
    """

    def __init__(self, model: AvatarModel) -> None:
        starts = np.cumsum([0, *(len(mesh.points) for mesh in model.meshes)])
        self._faces = np.concatenate([mesh.faces + start for mesh, start in zip(model.meshes, starts)])
        self._colours = np.concatenate([mesh.colours for mesh in model.meshes])
        self._shiny = np.concatenate([np.full((len(mesh.points), 1), float(mesh.name == SHINY))
                                      for mesh in model.meshes])

    def draw(self, picture: Picture, camera: Camera, points: Array, normals: Floats) -> Picture:
        """Draw over a picture.

        Args:
            picture: (height, width, 3) background.
            camera: Of the picture.
            points: (V, 3) places of all vertices in the scene [m].
            normals: (V, 3) in the scene.

        Returns:
            (height, width, 3).
        """
        fine = camera.enlarged(OVERSAMPLING)
        at, depth = fine.project(points)
        rows, columns = _window(at, picture.shape)
        corner = OVERSAMPLING * np.array([columns.start, rows.start])
        size = OVERSAMPLING * np.array([columns.stop - columns.start, rows.stop - rows.start])
        covered, colours = rasterize(at - corner, depth, self._faces, self._lit(normals @ camera.axes.T), int(size[0]),
                                     int(size[1]))
        out = picture.copy()
        out[rows, columns] = _composed(picture[rows, columns], covered, colours)
        return np.asarray(out)

    def _lit(self, normals: Floats) -> Floats:
        """(V, 3) colours of the vertices in light, 0 to 255; normals to the right, up and ahead of the camera."""
        key, fill = KEY / np.linalg.norm(KEY), FILL / np.linalg.norm(FILL)
        front = np.maximum((normals @ key + WRAP) / (1.0 + WRAP), 0.0)
        side = np.maximum(normals @ fill, 0.0)
        light = AMBIENT + SKY * normals[:, 1] + KEY_SHARE * front + FILL_SHARE * side
        halfway = key - np.array([0.0, 0.0, 1.0])
        shine = SHINE * np.maximum(normals @ (halfway / np.linalg.norm(halfway)), 0.0) ** SHARPNESS
        return np.asarray(255.0 * np.clip(self._colours * light[:, None] + self._shiny * shine[:, None], 0.0, 1.0))


def _window(at: Array, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return rows and columns of the picture that contain all places, which are in `OVERSAMPLING` times its pixels."""
    low, high = np.floor(at.min(axis=0) / OVERSAMPLING), np.ceil(at.max(axis=0) / OVERSAMPLING) + 1
    (left, right), (top, bottom) = ([int(np.clip(value[i], 0, shape[1 - i])) for value in (low, high)] for i in (0, 1))
    return slice(top, bottom), slice(left, right)


def _composed(picture: Picture, covered: npt.NDArray[np.int64], colours: npt.NDArray[np.float32]) -> Picture:
    """Put pixels of a picture of `OVERSAMPLING` times the size over a picture, each as a share of one."""
    height, width = picture.shape[:2]
    row, column = np.divmod(covered, OVERSAMPLING * width)
    place = (row // OVERSAMPLING) * width + column // OVERSAMPLING
    size, parts = height * width, OVERSAMPLING**2
    number = np.bincount(place, minlength=size)
    drawn = np.flatnonzero(number)
    out = picture.reshape(-1, 3).copy()
    share = number[drawn, None] / parts
    sums = np.stack([np.bincount(place, weights=colours[:, i], minlength=size)[drawn] for i in range(3)], axis=1)
    out[drawn] = np.clip(np.round(sums / parts + (1.0 - share) * out[drawn]), 0, 255).astype(np.uint8)
    return np.asarray(out.reshape(picture.shape))
