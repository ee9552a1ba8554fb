"""Turned squares of a picture: the regions in which MediaPipe's models look, and points in them.

(u, v) in [0, 1] of the region ─► x, y of the picture [pixels]; pixel 0 lasts from 0 to 1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Region:
    """A turned square.

    Attributes:
        x: Middle, to the right [pixels].
        y: Middle, downwards [pixels].
        size: Side [pixels].
        angle: Turn, clockwise as seen [rad].
    """

    x: float
    y: float
    size: float
    angle: float = 0.0

    @property
    def rotation(self) -> Floats:
        """(2, 2) matrix from the region's axes to the picture's."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        return np.array([[c, -s], [s, c]])

    def to_picture(self, points: npt.NDArray[np.floating]) -> Floats:
        """Return points (..., 2) of the region, in shares of its side, in the picture [pixels]."""
        return np.asarray((np.asarray(points, dtype=np.float64) - 0.5) * self.size @ self.rotation.T
                          + (self.x, self.y))

    def moved(self, right: float, down: float, scale: float) -> Region:
        """Return the region moved along its own axes, in shares of its side, and then scaled."""
        shift = self.rotation @ np.array([right, down]) * self.size
        return Region(self.x + float(shift[0]), self.y + float(shift[1]), self.size * scale, self.angle)

    def cut(self, picture: Image.Image, size: int) -> npt.NDArray[np.float32]:
        """Return the region of a picture as (size, size, 3) in [0, 1]; black outside of the picture."""
        reduced = max(1, int(self.size / size))
        source = picture.reduce(reduced) if reduced > 1 else picture
        x, y, side = self.x / reduced, self.y / reduced, self.size / reduced
        (a, b), (d, e) = self.rotation * side / size
        c, f = np.array([x, y]) - self.rotation @ np.array([0.5, 0.5]) * side
        cut = source.transform((size, size), Image.Transform.AFFINE, (a, b, c, d, e, f),
                               resample=Image.Resampling.BILINEAR)
        return np.asarray(cut, dtype=np.float32) / 255.0


def region_along(start: npt.NDArray[np.floating], stop: npt.NDArray[np.floating], scale: float) -> Region:
    """Return the region around a point whose upward axis leads to another one, at half its side before scaling."""
    dx, dy = (float(value) for value in np.asarray(stop)[:2] - np.asarray(start)[:2])
    angle = np.pi / 2 - np.arctan2(-dy, dx)
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    return Region(float(start[0]), float(start[1]), 2.0 * float(np.hypot(dx, dy)) * scale, float(angle))
