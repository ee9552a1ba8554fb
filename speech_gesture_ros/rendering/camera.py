"""Camera of a picture: places in the scene to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.rendering.staging import ELEVATION_DEG, FOV_DEG, Staging

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        eye: (3,) its place [m].
        axes: (3, 3) rows: to the right, up and ahead in the picture.
        focal: Focal length [pixels].
        width: Of the picture [pixels].
        height: Of the picture [pixels].
    """

    eye: Array
    axes: Array
    focal: float
    width: int
    height: int

    def project(self, points: Array) -> tuple[Array, Array]:
        """Return places in the picture (V, 2) [pixels], x to the right and y down, and distances ahead (V,) [m]."""
        right, up, ahead = self.axes @ (points - self.eye).T
        scale = self.focal / np.maximum(ahead, 1e-3)
        return np.stack([self.width / 2 + right * scale, self.height / 2 - up * scale], axis=1), ahead

    def enlarged(self, times: int) -> Camera:
        """Return the camera of a picture with more pixels."""
        return Camera(self.eye, self.axes, times * self.focal, times * self.width, times * self.height)


def camera_at(look_at: Array, distance: float, azimuth_deg: float, elevation_deg: float, fov_deg: float, width: int,
              height: int) -> Camera:
    """Return a camera by the point that it looks at, in a scene whose z axis is up.

    Args:
        look_at: (3,) [m].
        distance: Of the camera from it [m].
        azimuth_deg: Direction of its view about z from x.
        elevation_deg: Direction of its view above the horizon.
        fov_deg: Angle of the picture's height.
        width: Of the picture [pixels].
        height: Of the picture [pixels].
    """
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    ahead = np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])
    right = np.cross(ahead, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    return Camera(look_at - distance * ahead, np.stack([right, np.cross(right, ahead), ahead]),
                  float(height / 2 / np.tan(np.radians(fov_deg / 2))), width, height)


def camera_of(staging: Staging, width: int, height: int) -> Camera:
    """Return the camera that shows robot and human."""
    return camera_at(staging.look_at, staging.distance, staging.azimuth_deg, ELEVATION_DEG, FOV_DEG, width, height)
