"""Pictures of a mesh with the shapes of ARKit: from the front, in parallel projection, lit from beside the eye."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy.spatial.transform import Rotation

from speech_gesture_ros.avatar.linear_mesh import vertex_normals
from speech_gesture_ros.rendering.face_view import BACKGROUND, INK, SIZE, STRAIGHT, Picture
from speech_gesture_ros.rendering.mesh_face import MeshFace
from speech_gesture_ros.rendering.rasteriser import rasterise

Array = npt.NDArray[np.floating]

OVERSAMPLING = 2
MARGIN = 1.9  # size of the picture over the extent of the vertices that shapes move
LIGHT = np.array([0.35, 0.5, 0.8]) / np.linalg.norm([0.35, 0.5, 0.8])
AMBIENT = 0.42
_TINY = 1e-9


class MeshFaceView:
    """Draws a mesh.

    Args:
        face: The mesh.
        size: Width and height of a picture [pixels], even.
    """

    def __init__(self, face: MeshFace, size: int = SIZE) -> None:
        self.face, self.size = face, size
        moved = face.points[face.moved]
        low, high = moved.min(axis=0), moved.max(axis=0)
        self._middle = 0.5 * (low + high)
        extent = max(float((high - low).max()), _TINY)
        self._neck = np.array([self._middle[0], low[1], self._middle[2] - 0.5 * extent])
        self._scale = size * OVERSAMPLING / (MARGIN * extent)
        self._nothing = (np.asarray(BACKGROUND) / 255.0).astype(np.float64)

    def picture(self, shapes: Array, caption: str = "", head: Array | Sequence[float] = STRAIGHT) -> Picture:
        """Return the (size, size, 3) picture of one frame; arguments as those of `FaceView.picture`."""
        shown = np.clip(np.nan_to_num(np.asarray(shapes, dtype=np.float64), posinf=1.0, neginf=0.0), 0.0, 1.0)
        yaw, pitch, roll = np.clip(np.nan_to_num(np.asarray(head, dtype=np.float64)), -0.5 * np.pi, 0.5 * np.pi)
        turn = Rotation.from_euler("YXZ", (yaw, pitch, roll)).as_matrix()  # Y up, Z ahead
        points = (self.face.posed(shown) - self._neck) @ turn.T + self._neck
        normals = vertex_normals(points, self.face.faces)
        shade = AMBIENT + (1.0 - AMBIENT) * np.clip(normals @ LIGHT, 0.0, 1.0)
        centred = (points - self._middle) * self._scale
        half = 0.5 * self.size * OVERSAMPLING
        flat = np.stack([half + centred[:, 0], half - centred[:, 1], -centred[:, 2]], axis=1)
        side = self.size * OVERSAMPLING
        drawn = rasterise(flat, self.face.faces, self.face.colours * shade[:, None], (side, side), self._nothing)
        blocks = drawn.reshape(self.size, OVERSAMPLING, self.size, OVERSAMPLING, 3).mean(axis=(1, 3))
        image = Image.fromarray(np.round(np.clip(blocks, 0.0, 1.0) * 255).astype(np.uint8))
        if caption:
            font = ImageFont.load_default(size=max(12, self.size // 16))
            ImageDraw.Draw(image).text((self.size * 0.04, self.size * 0.03), caption, fill=INK, font=font)
        return np.asarray(image)

    def pictures(self, shapes: Array, step: int = 2, captions: Sequence[str] = (),
                 head: Array | None = None) -> Iterator[Picture]:
        """Return the pictures of every `step`-th frame of (T, 52), with head angles (T, 3)."""
        for k in range(0, len(shapes), step):
            yield self.picture(shapes[k], captions[k] if captions else "", STRAIGHT if head is None else head[k])
