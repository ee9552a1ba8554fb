"""Visible shapes of a robot for the page: a description in JSON, and the triangles of its meshes as one block of bytes.

They are sent once; afterwards a frame is the poses of the bodies alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.rendering.shapes import Shape
from speech_gesture_ros.rendering.staging import VISIBLE_GROUPS

POSE_SIZE = 7  # position x, y, z [m] and quaternion w, x, y, z


@dataclass(frozen=True)
class RobotGeometry:
    """Shapes of a robot.

    Attributes:
        bodies: Index of each body of the model that is shown, in the order of a frame.
        shapes: One description for each shape, in the frame of its body (an index into `bodies`; -1: the scene).
        triangles: Vertices (float32, 3 each) of all meshes, then corners (uint32, 3 each) of all meshes.
        num_vertices: Number of vertices in `triangles`.
    """

    bodies: tuple[int, ...]
    shapes: tuple[dict[str, Any], ...]
    triangles: bytes
    num_vertices: int

    def poses(self, data: Any) -> npt.NDArray[np.float32]:
        """Return the (B, 7) poses of the bodies as posed in `mujoco.MjData`."""
        bodies = list(self.bodies)
        return np.concatenate([data.xpos[bodies], data.xquat[bodies]], axis=1).astype(np.float32)


def robot_geometry(model: Any, props: tuple[Shape, ...] = ()) -> RobotGeometry:
    """Collect the visible shapes of a `mujoco.MjModel`, and further ones that do not move."""
    import mujoco

    names = {mujoco.mjtGeom.mjGEOM_SPHERE: "sphere", mujoco.mjtGeom.mjGEOM_CAPSULE: "capsule",
             mujoco.mjtGeom.mjGEOM_CYLINDER: "cylinder", mujoco.mjtGeom.mjGEOM_BOX: "box",
             mujoco.mjtGeom.mjGEOM_ELLIPSOID: "ellipsoid", mujoco.mjtGeom.mjGEOM_MESH: "mesh"}
    kinds = {int(kind): name for kind, name in names.items()}
    bodies: dict[int, int] = {}
    shapes: list[dict[str, Any]] = []
    for geom in range(model.ngeom):
        kind = kinds.get(int(model.geom_type[geom]))
        if kind is None or model.geom_group[geom] >= VISIBLE_GROUPS:
            continue
        body = bodies.setdefault(int(model.geom_bodyid[geom]), len(bodies))
        rgba = model.geom_rgba[geom] if model.geom_matid[geom] < 0 else model.mat_rgba[model.geom_matid[geom]]
        shape = {"body": body, "kind": kind, "size": _floats(model.geom_size[geom]), "colour": _floats(rgba[:3]),
                 "position": _floats(model.geom_pos[geom]), "quaternion": _floats(model.geom_quat[geom])}
        if kind == "mesh":
            mesh = int(model.geom_dataid[geom])
            shape |= {"first_vertex": int(model.mesh_vertadr[mesh]), "vertices": int(model.mesh_vertnum[mesh]),
                      "first_triangle": int(model.mesh_faceadr[mesh]), "triangles": int(model.mesh_facenum[mesh])}
        shapes.append(shape)
    shapes += [_still(prop) for prop in props]
    vertices = np.asarray(model.mesh_vert, dtype="<f4").reshape(-1, 3)
    corners = np.asarray(model.mesh_face, dtype="<u4").reshape(-1, 3)
    return RobotGeometry(tuple(bodies), tuple(shapes), vertices.tobytes() + corners.tobytes(), len(vertices))


def quaternion_wxyz(rotation: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the unit quaternion (4,) of a rotation (3, 3)."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_matrix(rotation).as_quat()[[3, 0, 1, 2]])


def _still(shape: Shape) -> dict[str, Any]:
    """Describe a shape of `rendering.shapes` that stays where it is."""
    size = shape.size if shape.kind in ("ellipsoid", "box") else (shape.size[0], shape.size[2], 0.0)
    return {"body": -1, "kind": shape.kind, "size": _floats(np.array(size)), "colour": _floats(np.array(shape.colour)),
            "position": _floats(shape.centre), "quaternion": _floats(quaternion_wxyz(shape.rotation))}


def _floats(values: npt.NDArray[np.floating]) -> list[float]:
    return [round(float(value), 6) for value in values]
