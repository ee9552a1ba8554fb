"""Pictures of a mesh with the shapes of ARKit: from the front, in parallel projection, lit from beside the eye."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from speech_gesture_ros.avatar.linear_mesh import vertex_normals
from speech_gesture_ros.rendering.face_pictures import BACKGROUND, SIZE, FacePictures, Picture
from speech_gesture_ros.rendering.mesh_face import MeshFace
from speech_gesture_ros.rendering.rasterizer import rasterize

Array = npt.NDArray[np.floating]

OVERSAMPLING = 2
MARGIN = 1.9  # size of the picture over the extent of the vertices that shapes move
LIGHT = np.array([0.35, 0.5, 0.8]) / np.linalg.norm([0.35, 0.5, 0.8])
AMBIENT = 0.42
_TINY = 1e-9


class MeshFaceView(FacePictures):
    """Draws a mesh.

    Args:
        face: The mesh.
        size: Width and height of a picture [pixels], even.
    """

    def __init__(self, face: MeshFace, size: int = SIZE) -> None:
        super().__init__(size)
        self.face = face
        moved = face.points[face.moved]
        low, high = moved.min(axis=0), moved.max(axis=0)
        self._middle = 0.5 * (low + high)
        extent = max(float((high - low).max()), _TINY)
        self._neck = np.array([self._middle[0], low[1], self._middle[2] - 0.5 * extent])
        self._scale = size * OVERSAMPLING / (MARGIN * extent)
        self._depth = 2.0 * float(np.ptp(face.points, axis=0).max()) + extent  # of the eye before the middle

    def _draw(self, shapes: Array, head: Array) -> Picture:
        turn = Rotation.from_euler("YXZ", head).as_matrix()  # Y up, Z ahead
        points = (self.face.posed(shapes) - self._neck) @ turn.T + self._neck
        normals = vertex_normals(points, self.face.faces)
        shade = AMBIENT + (1.0 - AMBIENT) * np.clip(normals @ LIGHT, 0.0, 1.0)
        centred = points - self._middle
        side = self.size * OVERSAMPLING
        flat = 0.5 * side + self._scale * centred[:, :2] * [1.0, -1.0]
        covered, colours = rasterize(flat, self._depth - centred[:, 2], self.face.faces,
                                     self.face.colours * shade[:, None], side, side)
        drawn = np.tile(np.asarray(BACKGROUND) / 255.0, (side * side, 1))
        drawn[covered] = colours
        blocks = drawn.reshape(self.size, OVERSAMPLING, self.size, OVERSAMPLING, 3).mean(axis=(1, 3))
        return np.asarray(np.round(np.clip(blocks, 0.0, 1.0) * 255), dtype=np.uint8)
