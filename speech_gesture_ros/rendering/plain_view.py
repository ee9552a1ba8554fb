"""The plain figure: robot and person as rounded strokes, drawn without OpenGL.

The robot is drawn as strokes between the origins of its links, from back to front; the person likewise from its shapes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw

from speech_gesture_ros.rendering.shapes import Shape, Vector, capsule
from speech_gesture_ros.rendering.staging import ELEVATION_DEG, FOV_DEG, Staging

BACKGROUND = (243, 245, 247)
FLOOR = (226, 230, 234)
METAL = (0.48, 0.52, 0.58)
JOINT_RADIUS = 0.036  # [m] at human size


class PlainView:
    """Draws what `RobotView` draws, as strokes: same camera, no light."""

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
        self._moving = [i for i in range(1, model.nbody) if self._moves(i)]

    def _moves(self, body: int) -> bool:
        while body and not self._model.body_jntnum[body]:
            body = int(self._model.body_parentid[body])
        return body > 0

    def render(self, shapes: list[Shape]) -> npt.NDArray[np.uint8]:
        """(height, width, 3) picture of the robot and the shapes."""
        picture = Pictures.new("RGB", (self._width, self._height), BACKGROUND)
        draw = ImageDraw.Draw(picture)
        horizon = int(self._height * 0.78)
        draw.rectangle((0, horizon, self._width, self._height), fill=FLOOR)
        strokes = [*self._robot(), *self._staging.props, *shapes]
        for shape in sorted(strokes, key=lambda s: -float(self._axes[2] @ (s.centre - self._eye))):
            self._stroke(draw, shape)
        return np.array(picture)

    def close(self) -> None:
        """Nothing to free."""

    def _robot(self) -> list[Shape]:
        """One stroke from each moving link to its parent."""
        xpos, radius = np.asarray(self._data.xpos), JOINT_RADIUS * self._staging.scale
        strokes = []
        for body in self._moving:
            start, stop = xpos[self._model.body_parentid[body]], xpos[body]
            if self._model.body_parentid[body]:
                strokes.append(capsule(start, stop, radius, METAL))
        return strokes

    def _project(self, point: Vector) -> tuple[float, float, float]:
        """Pixels right and down, and pixels per metre there."""
        x, y, z = self._axes @ (point - self._eye)
        scale = self._focal / max(float(z), 1e-3)
        return self._width / 2 + float(x) * scale, self._height / 2 - float(y) * scale, scale

    def _stroke(self, draw: ImageDraw.ImageDraw, shape: Shape) -> None:
        fill = (int(255 * shape.colour[0]), int(255 * shape.colour[1]), int(255 * shape.colour[2]))
        if shape.kind == "ellipsoid":
            draw.polygon(self._outline(shape), fill=fill)
            return
        (x0, y0, scale), (x1, y1, _) = (self._project(end) for end in shape.ends)
        radius = shape.size[0] * scale
        draw.line((x0, y0, x1, y1), fill=fill, width=max(1, round(2 * radius)))
        for x, y in ((x0, y0), (x1, y1)):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)

    def _outline(self, shape: Shape) -> list[tuple[float, float]]:
        """Outline of an ellipsoid under parallel projection, as a polygon."""
        x, y, scale = self._project(shape.centre)
        half = (self._axes[:2] @ shape.rotation) * np.array(shape.size)  # (2, 3)
        root = np.linalg.cholesky(half @ half.T + 1e-12 * np.eye(2))
        angles = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
        ring = root @ np.stack([np.cos(angles), np.sin(angles)]) * scale
        return [(x + float(dx), y - float(dy)) for dx, dy in ring.T]
