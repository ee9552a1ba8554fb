"""Live view in a browser: robot, human and waveform.

Each picture sends positions and orientations only: bodies of the robot are frames that contain meshes, limbs of the
human are meshes of fixed size, so a picture takes a few kilobytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.rendering.shapes import Shape
from speech_gesture_ros.rendering.staging import VISIBLE_GROUPS, Staging

WAVE_S = 8.0  # length of the waveform
WAVE_RATE = 50  # columns of the waveform per second
HORIZON_COLOUR = (204, 210, 217)
LIVE_FOV_DEG, LIVE_DISTANCE_M = 36.0, 3.7  # wider than in the film, because the viewer can move the camera


class LiveScene:
    """A web page with the robot as posed in `data` and a human beside it.

    Args:
        model: `mujoco.MjModel`.
        data: Its `mujoco.MjData`; posed by the caller before each `update`.
        staging: Place of human and camera.
        title: Of the page.
        host: Address to serve on; "0.0.0.0" for other machines.
        port: Preferred port; the next free one is used.

    Attributes:
        url: Of the page.
        bodies: Index of each body of the model that is shown, to its handle.
        wave: Waveform as shown, `WAVE_S` at `WAVE_RATE`.
    """

    def __init__(self, model: Any, data: Any, staging: Staging, title: str, host: str = "127.0.0.1",
                 port: int = 8080) -> None:
        try:
            import viser
        except ImportError as error:
            raise MissingDependencyError("viser", "The browser view", "pip install 'speech_gesture_ros[view]'"
                                         ) from error
        self._data = data
        self._server = viser.ViserServer(host=host, port=port, label=title, verbose=False)
        self.url = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{self._server.get_port()}"
        self._server.scene.world_axes.visible = False
        self._server.gui.configure_theme(control_width="medium", show_logo=False)
        self._add_floor(float(data.geom("floor").xpos[2]), staging)
        self.bodies = self._add_robot(model)
        for k, prop in enumerate(staging.props):
            self._add_shape(f"/props/{k}", prop)
        self._human: list[Any] = []
        self._place_camera(staging)
        self.wave = np.zeros(round(WAVE_S * WAVE_RATE))
        self._times = np.arange(len(self.wave)) / WAVE_RATE - WAVE_S
        self._status = self._server.gui.add_markdown("starting")
        self._plot = self._add_waveform(viser)

    def update(self, shapes: list[Shape], wave: npt.NDArray[np.floating], status: str) -> None:
        """Show the robot as posed in `data`, the human, and the waveform.

        Args:
            shapes: The human; the same number and sizes every time.
            wave: New magnitudes of the sound at `WAVE_RATE`, in [0, 1].
            status: Markdown beside the picture.
        """
        if not self._human:
            self._human = [self._add_shape(f"/human/{k}", shape) for k, shape in enumerate(shapes)]
        self.wave = np.concatenate([self.wave, wave])[-len(self.wave):]
        with self._server.atomic():
            for body, handle in self.bodies.items():
                handle.position, handle.wxyz = np.array(self._data.xpos[body]), np.array(self._data.xquat[body])
            for handle, shape in zip(self._human, shapes):
                handle.position, handle.wxyz = shape.centre, _quat_wxyz(shape.rotation)
            if len(wave):
                self._plot.data = (self._times, self.wave, -self.wave)
        if self._status.content != status:
            self._status.content = status

    def close(self) -> None:
        """End the server."""
        self._server.stop()

    def _add_floor(self, height: float, staging: Staging) -> None:
        self._server.scene.add_grid("/floor", width=20, height=20, position=(0.0, 0.0, height),
                                    cell_color=HORIZON_COLOUR, section_color=HORIZON_COLOUR, plane_opacity=1.0,
                                    plane_color=(235, 238, 241), cell_size=0.5 * staging.scale)

    def _add_robot(self, model: Any) -> dict[int, Any]:
        """Add a frame for each body, with its visible geometry."""
        scene, frames = self._server.scene, {}
        for geom in range(model.ngeom):
            body = int(model.geom_bodyid[geom])
            mesh = _geom_mesh(model, geom) if model.geom_group[geom] < VISIBLE_GROUPS else None
            if mesh is None:
                continue
            if body not in frames:
                frames[body] = scene.add_frame(f"/robot/{body}", show_axes=False)
            rgba = model.geom_rgba[geom] if model.geom_matid[geom] < 0 else model.mat_rgba[model.geom_matid[geom]]
            scene.add_mesh_simple(f"/robot/{body}/{geom}", mesh.vertices, mesh.faces, color=_bytes(rgba[:3]),
                                  position=np.array(model.geom_pos[geom]), wxyz=np.array(model.geom_quat[geom]))
        return frames

    def _add_shape(self, name: str, shape: Shape) -> Any:
        mesh = _shape_mesh(shape)
        return self._server.scene.add_mesh_simple(name, mesh.vertices, mesh.faces, color=_bytes(shape.colour),
                                                  position=shape.centre, wxyz=_quat_wxyz(shape.rotation))

    def _place_camera(self, staging: Staging) -> None:
        """Place the camera as in the film, but farther away and to the right, where the panel covers the picture."""
        azimuth = np.radians(staging.azimuth_deg)
        ahead = np.array([np.cos(azimuth), np.sin(azimuth), -0.1])
        right = np.array([np.sin(azimuth), -np.cos(azimuth), 0.0])
        camera = self._server.initial_camera
        camera.fov = float(np.radians(LIVE_FOV_DEG))
        camera.look_at = staging.look_at + 0.5 * staging.scale * right
        camera.position = camera.look_at - LIVE_DISTANCE_M * staging.scale * ahead

    def _add_waveform(self, viser: Any) -> Any:
        line = {"stroke": "#22688a", "fill": "rgba(34,104,138,0.75)", "width": 1}
        return self._server.gui.add_uplot(
            (self._times, self.wave, -self.wave), (viser.uplot.Series(label="time [s]"),
                                                     viser.uplot.Series(label="sound", **line),
                                                     viser.uplot.Series(label="", **line)),
            scales={"x": viser.uplot.Scale(time=False, auto=False, range=(-WAVE_S, 0.0)),
                    "y": viser.uplot.Scale(auto=False, range=(-1.0, 1.0))},
            legend=viser.uplot.Legend(show=False), title="sound", height=180)


def _geom_mesh(model: Any, geom: int) -> Any:
    """Triangles of a MuJoCo geom in its own frame; None for planes."""
    import mujoco
    import trimesh

    kind, size = model.geom_type[geom], model.geom_size[geom]
    creation, types = trimesh.creation, mujoco.mjtGeom
    if kind == types.mjGEOM_SPHERE:
        return creation.icosphere(subdivisions=2, radius=size[0])
    if kind == types.mjGEOM_CAPSULE:
        return _centred_capsule(size[0], size[1])
    if kind == types.mjGEOM_CYLINDER:
        return creation.cylinder(radius=size[0], height=2 * size[1], sections=32)
    if kind == types.mjGEOM_BOX:
        return creation.box(extents=2 * size)
    if kind == types.mjGEOM_ELLIPSOID:
        return creation.icosphere(subdivisions=3).apply_scale(size)
    if kind != types.mjGEOM_MESH:
        return None
    mesh = model.geom_dataid[geom]
    first, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
    face, faces = model.mesh_faceadr[mesh], model.mesh_facenum[mesh]
    return trimesh.Trimesh(model.mesh_vert[first : first + count], model.mesh_face[face : face + faces], process=False)


def _shape_mesh(shape: Shape) -> Any:
    import trimesh

    if shape.kind == "ellipsoid":
        return trimesh.creation.icosphere(subdivisions=3).apply_scale(shape.size)
    if shape.kind == "box":
        return trimesh.creation.box(extents=2 * np.array(shape.size))
    if shape.kind == "cylinder":
        return trimesh.creation.cylinder(radius=shape.size[0], height=2 * shape.size[2], sections=32)
    return _centred_capsule(shape.size[0], shape.size[2])


def _centred_capsule(radius: float, half_length: float) -> Any:
    import trimesh

    mesh = trimesh.creation.capsule(height=2 * half_length, radius=radius, count=[16, 16])
    return mesh.apply_translation([0.0, 0.0, -float(mesh.bounds[:, 2].mean())])  # its origin differs between versions


def _quat_wxyz(rotation: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(4,) unit quaternion of a (3, 3) rotation."""
    import mujoco

    quat = np.zeros(4)
    mujoco.mju_mat2Quat(quat, np.ascontiguousarray(rotation, dtype=np.float64).reshape(9))
    return quat


def _bytes(colour: Any) -> tuple[int, int, int]:
    red, green, blue = (int(np.clip(255 * float(c), 0, 255)) for c in colour)
    return red, green, blue
