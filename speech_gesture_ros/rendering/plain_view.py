"""Plain view: robot and human as flat outlines, drawn without OpenGL.

Every visible part is the outline of its shape, painted from back to front in its own colour; meshes are drawn as their
bounding boxes. Same camera as `RobotView`, no light.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw
from scipy.spatial import ConvexHull, QhullError

from speech_gesture_ros.rendering.shapes import Shape, Vector
from speech_gesture_ros.rendering.staging import ELEVATION_DEG, FOV_DEG, VISIBLE_GROUPS, Staging

BACKGROUND_COLOUR = (216, 223, 230)
FLOOR_COLOUR = (196, 204, 212)
HORIZON_SHARE = 0.78  # height of the floor's edge in the picture, from the top
BOX_CORNERS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
CIRCLE_POINTS = np.stack([np.cos(a := np.linspace(0.0, 2 * np.pi, 40, endpoint=False)), np.sin(a)])


class PlainView:
    """Draws the same scene as `RobotView`, as outlines."""

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
        self._parts = _visible_parts(model)

    def render(self, shapes: list[Shape]) -> npt.NDArray[np.uint8]:
        """(height, width, 3) picture of the robot and the shapes."""
        picture = Pictures.new("RGB", (self._width, self._height), BACKGROUND_COLOUR)
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, int(self._height * HORIZON_SHARE), self._width, self._height), fill=FLOOR_COLOUR)
        everything = [*self._robot(), *self._staging.props, *shapes]
        for shape in sorted(everything, key=lambda s: -float(self._axes[2] @ (s.centre - self._eye))):
            self._paint(draw, shape)
        return np.array(picture)

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

    def _project(self, points: Vector) -> tuple[Vector, Vector]:
        """(..., 3) points to (..., 2) pixels right and down, and (...,) pixels per metre there."""
        x, y, z = np.moveaxis((points - self._eye) @ self._axes.T, -1, 0)
        scale = self._focal / np.maximum(z, 1e-3)
        return np.stack([self._width / 2 + x * scale, self._height / 2 - y * scale], axis=-1), scale

    def _paint(self, draw: ImageDraw.ImageDraw, shape: Shape) -> None:
        fill = (int(255 * shape.colour[0]), int(255 * shape.colour[1]), int(255 * shape.colour[2]))
        if shape.kind == "capsule":
            ends, scales = self._project(np.stack(shape.ends))
            radii = shape.size[0] * scales
            draw.line((*ends[0], *ends[1]), fill=fill, width=max(1, round(float(radii.sum()))))
            for (x, y), radius in zip(ends, radii):
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
            return
        outline = self._ellipse(shape) if shape.kind == "ellipsoid" else self._hull(shape)
        if len(outline) > 2:
            draw.polygon([(float(x), float(y)) for x, y in outline], fill=fill)

    def _ellipse(self, shape: Shape) -> Vector:
        """Outline of an ellipsoid under parallel projection, (40, 2) pixels."""
        centre, scale = self._project(shape.centre)
        half = (self._axes[:2] @ shape.rotation) * np.array(shape.size)  # (2, 3)
        root = np.linalg.cholesky(half @ half.T + 1e-12 * np.eye(2))
        return np.asarray(centre + (root @ CIRCLE_POINTS).T * scale * [1.0, -1.0])

    def _hull(self, shape: Shape) -> Vector:
        """Outline of a box or a cylinder, (K, 2) pixels."""
        if shape.kind == "cylinder":
            rim = np.concatenate([np.concatenate([CIRCLE_POINTS.T, np.full((40, 1), z)], axis=1) for z in (-1.0, 1.0)])
        else:
            rim = BOX_CORNERS
        pixels, _ = self._project(shape.centre + (rim * shape.size) @ shape.rotation.T)
        try:
            return np.asarray(pixels[ConvexHull(pixels).vertices])
        except QhullError:  # exactly edge-on
            return np.zeros((0, 2))


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
