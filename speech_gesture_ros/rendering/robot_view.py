"""Pictures of a robot with a human beside it, drawn by MuJoCo without a display."""

from __future__ import annotations

import logging
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.rendering import opengl
from speech_gesture_ros.rendering.shapes import Shape
from speech_gesture_ros.rendering.staging import ELEVATION_DEG, FOV_DEG, VISIBLE_GROUPS, Staging

log = logging.getLogger(__name__)

Image = npt.NDArray[np.uint8]
MAX_SHAPES = 400  # that may be added to a scene


class View(Protocol):
    """Draws the robot as posed in its `data`, and shapes beside it."""

    def render(self, shapes: list[Shape]) -> Image:
        """(height, width, 3) picture."""
        ...

    def close(self) -> None:
        """Free the resources of the drawing."""
        ...


class RobotView:
    """A camera on a MuJoCo model.

    Args:
        model: `mujoco.MjModel`, for example `MujocoRobot.model`.
        data: Its `mujoco.MjData`; posed by the caller before each picture.
        staging: Place of the camera.
        width: Of the picture [pixels].
        height: Of the picture [pixels].
        backend: "egl" or "osmesa", from `opengl.find_backend`.
    """

    def __init__(self, model: Any, data: Any, staging: Staging, width: int, height: int, backend: str) -> None:
        import mujoco

        self._mujoco = mujoco
        self._model, self._data, self._props = model, data, staging.props
        model.vis.global_.fovy = FOV_DEG
        model.stat.extent = 2.0 * staging.scale  # haze and clipping scale with the robot
        model.stat.center[:] = staging.look_at
        self._gl = opengl.create_context(backend, width, height)
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)
        self._scene = mujoco.MjvScene(model, model.ngeom + MAX_SHAPES)
        for effect in (mujoco.mjtRndFlag.mjRND_REFLECTION, mujoco.mjtRndFlag.mjRND_SHADOW):
            self._scene.flags[effect] = 0  # on a CPU shadows take longer than everything else
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = np.arange(6) < VISIBLE_GROUPS
        self._camera = mujoco.MjvCamera()
        self._camera.lookat[:] = staging.look_at
        self._camera.distance = staging.distance
        self._camera.azimuth, self._camera.elevation = staging.azimuth_deg, ELEVATION_DEG
        self._rect = mujoco.MjrRect(0, 0, width, height)
        self._pixels: Image = np.zeros((height, width, 3), dtype=np.uint8)

    def render(self, shapes: list[Shape]) -> Image:
        """(height, width, 3) picture of the robot and the shapes."""
        m = self._mujoco
        m.mjv_updateScene(self._model, self._data, self._option, None, self._camera, m.mjtCatBit.mjCAT_ALL, self._scene)
        for shape in (*self._props, *shapes):
            self._add(shape)
        m.mjr_render(self._rect, self._scene, self._context)
        m.mjr_readPixels(self._pixels, None, self._rect, self._context)
        return np.ascontiguousarray(self._pixels[::-1])  # OpenGL counts rows from the bottom

    def _add(self, shape: Shape) -> None:
        m = self._mujoco
        kind = {"capsule": m.mjtGeom.mjGEOM_CAPSULE, "cylinder": m.mjtGeom.mjGEOM_CYLINDER,
                "ellipsoid": m.mjtGeom.mjGEOM_ELLIPSOID, "box": m.mjtGeom.mjGEOM_BOX}[shape.kind]
        geom = self._scene.geoms[self._scene.ngeom]
        size = np.array(shape.size)
        if shape.kind in ("capsule", "cylinder"):
            size = size[[0, 2, 2]]  # MuJoCo: radius, half length, unused
        m.mjv_initGeom(geom, kind, size, shape.centre, shape.rotation.reshape(9),
                       np.array([*shape.colour, 1.0], dtype=np.float32))
        geom.specular, geom.shininess = 0.1, 0.2
        self._scene.ngeom += 1

    def close(self) -> None:
        """Free the OpenGL context."""
        self._context.free()
        self._gl.free()
