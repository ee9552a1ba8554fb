"""Plain view: robot and human in flat colours, drawn without OpenGL.

Every pixel has the colour of the shape in front, without light; meshes are drawn as their bounding boxes. Same camera
as `RobotView`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.rendering.ray_casting import distances
from speech_gesture_ros.rendering.shapes import Shape
from speech_gesture_ros.rendering.staging import ELEVATION_DEG, FOV_DEG, VISIBLE_GROUPS, Staging

BACKGROUND_COLOUR = (216, 223, 230)
FLOOR_COLOUR = (196, 204, 212)
CORNERS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
HORIZON_SHARE = 0.78  # height of the floor's edge in the picture, from the top


class PlainView:
    """Draws the same scene as `RobotView`, in flat colours."""

    def __init__(self, model: Any, data: Any, staging: Staging, width: int, height: int) -> None:
        self._model, self._data, self._staging = model, data, staging
        self._width, self._height = width, height
        azimuth, elevation = np.radians(staging.azimuth_deg), np.radians(ELEVATION_DEG)
        ahead = np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        self._axes = np.stack([right, np.cross(right, ahead), ahead])
        self._eye = staging.look_at - staging.distance * ahead
        self._focal = height / 2 / np.tan(np.radians(FOV_DEG / 2))
        column = (np.arange(width) + 0.5 - width / 2) / self._focal
        row = (height / 2 - np.arange(height) - 0.5) / self._focal
        self._rays = row[:, None, None] * self._axes[1] + column[None, :, None] * self._axes[0] + self._axes[2]
        self._parts = _visible_parts(model)

    def render(self, shapes: list[Shape]) -> npt.NDArray[np.uint8]:
        """(height, width, 3) picture of the robot and the shapes."""
        picture = np.full((self._height, self._width, 3), BACKGROUND_COLOUR, dtype=np.uint8)
        picture[int(self._height * HORIZON_SHARE):] = FLOOR_COLOUR
        nearest = np.full((self._height, self._width), np.inf)
        for shape in (*self._robot(), *self._staging.props, *shapes):
            area = self._around(shape)
            rays = self._rays[area]
            there = distances(shape, self._eye, rays.reshape(-1, 3)).reshape(rays.shape[:2])
            is_front = there < nearest[area]
            nearest[area][is_front] = there[is_front]
            picture[area][is_front] = [round(255 * value) for value in shape.colour]
        return picture

    def close(self) -> None:
        """Do nothing: there are no resources to free."""

    def _robot(self) -> list[Shape]:
        """Parts of the robot, as posed in its `data`."""
        placed = []
        for geom, part in self._parts:
            rotation = np.array(self._data.geom_xmat[geom]).reshape(3, 3)
            centre = np.array(self._data.geom_xpos[geom]) + rotation @ part.centre
            placed.append(Shape(part.kind, centre, rotation, part.size, part.colour))
        return placed

    def _around(self, shape: Shape) -> tuple[slice, slice]:
        """Return rows and columns of the picture that contain a shape: those around the corners of its bounding box."""
        a, b, c = shape.size
        half = np.array([a, b, c + a if shape.kind == "capsule" else c])
        x, y, z = self._axes @ (shape.centre - self._eye + (CORNERS * half) @ shape.rotation.T).T
        scale = self._focal / np.maximum(z, 1e-3)
        rows, columns = self._height / 2 - y * scale, self._width / 2 + x * scale
        (top, bottom), (left, right) = (
            np.clip([way.min(), way.max() + 1], 0, size).astype(int)
            for way, size in ((rows, self._height), (columns, self._width)))
        return slice(top, bottom), slice(left, right)


def _visible_parts(model: Any) -> list[tuple[int, Shape]]:
    """Index of each visible geom and its shape in its own frame."""
    import mujoco

    types = mujoco.mjtGeom
    parts = []
    for geom in range(model.ngeom):
        kind, (a, b, c) = model.geom_type[geom], model.geom_size[geom]
        if model.geom_group[geom] >= VISIBLE_GROUPS or kind == types.mjGEOM_PLANE:
            continue
        middle, half = model.geom_aabb[geom][:3], model.geom_aabb[geom][3:]
        material = model.geom_matid[geom]
        rgba = model.geom_rgba[geom] if material < 0 else model.mat_rgba[material]
        colour = (float(rgba[0]), float(rgba[1]), float(rgba[2]))
        centre = np.zeros(3)
        if kind == types.mjGEOM_SPHERE:
            shape = Shape("ellipsoid", centre, np.eye(3), (a, a, a), colour)
        elif kind == types.mjGEOM_ELLIPSOID:
            shape = Shape("ellipsoid", centre, np.eye(3), (a, b, c), colour)
        elif kind == types.mjGEOM_CAPSULE:
            shape = Shape("capsule", centre, np.eye(3), (a, a, b), colour)
        elif kind == types.mjGEOM_CYLINDER:
            shape = Shape("cylinder", centre, np.eye(3), (a, a, b), colour)
        else:
            shape = Shape("box", np.array(middle), np.eye(3), tuple(half), colour)
        parts.append((geom, shape))
    return parts
