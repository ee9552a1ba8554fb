"""Common part of the ways to draw faces: bounds of shapes and head angles, caption, series of frames, strip."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Array = npt.NDArray[np.floating]
Picture = npt.NDArray[np.uint8]

SIZE = 320  # pixels of a side
BACKGROUND, INK = (226, 232, 238), (70, 60, 58)
STRAIGHT = (0.0, 0.0, 0.0)
MAX_ANGLE = 0.5 * np.pi


class FacePictures(ABC):
    """Draws faces.

    Args:
        size: Width and height of a picture [pixels], even.
    """

    def __init__(self, size: int = SIZE) -> None:
        self.size = size

    @abstractmethod
    def _draw(self, shapes: Array, head: Array) -> Picture:
        """Return the (size, size, 3) picture of shapes (52,) in 0 .. 1 and head angles (3,) within a quarter turn."""

    def picture(self, shapes: Array, caption: str = "", head: Array | Sequence[float] = STRAIGHT) -> Picture:
        """Return the (size, size, 3) picture of one frame.

        Args:
            shapes: (52,) blendshapes.
            caption: Above the face.
            head: Yaw, pitch and roll, with the signs of `face.animation` [rad].
        """
        shown = np.clip(np.nan_to_num(np.asarray(shapes, dtype=np.float64), posinf=1.0, neginf=0.0), 0.0, 1.0)
        angles = np.clip(np.nan_to_num(np.asarray(head, dtype=np.float64)), -MAX_ANGLE, MAX_ANGLE)
        drawn = self._draw(shown, angles)
        if not caption:
            return drawn
        image = Image.fromarray(drawn)
        font = ImageFont.load_default(size=max(12, self.size // 16))
        ImageDraw.Draw(image).text((self.size * 0.04, self.size * 0.03), caption, fill=INK, font=font)
        return np.asarray(image)

    def pictures(self, shapes: Array, step: int = 2, captions: Sequence[str] = (),
                 head: Array | None = None) -> Iterator[Picture]:
        """Return the pictures of every `step`-th frame of (T, 52), with head angles (T, 3): 25 a second for 2."""
        for k in range(0, len(shapes), step):
            yield self.picture(shapes[k], captions[k] if captions else "", STRAIGHT if head is None else head[k])

    def strip(self, shapes: Array, frames: Sequence[int], captions: Sequence[str], columns: int = 10,
              head: Array | None = None) -> Picture:
        """Return one picture of the faces of some frames of (T, 52), each with its caption.

        Args:
            shapes: (T, 52).
            frames: Which of them.
            captions: One for each of these.
            columns: Faces in a row.
            head: (T, 3) yaw, pitch and roll [rad].
        """
        tiles = [self.picture(shapes[k], caption, STRAIGHT if head is None else head[k])
                 for k, caption in zip(frames, captions)]
        tiles += [np.full((self.size, self.size, 3), 255, np.uint8)] * (-len(tiles) % columns)
        return np.concatenate([np.concatenate(tiles[i:i + columns], axis=1) for i in range(0, len(tiles), columns)])
