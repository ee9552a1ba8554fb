"""Surfaces of links: triangles of their shapes, with meshes in metres and with z up.

A shape whose size cannot belong to the joints of its link is in millimetres, if these fit, or is left out
(`plausible_size`). COLLADA files are turned to z up, unless the joints fit the unturned meshes much better: some
exporters write an upward axis that they do not use, and tools of ROS ignore it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.mesh_files import COLLADA, SUFFIXES, collada_frame, load_triangles
from speech_gesture_ros.robot.package_files import find_file
from speech_gesture_ros.robot.plausible_size import JointSizes
from speech_gesture_ros.robot.primitives import shape_triangles
from speech_gesture_ros.robot.urdf_shapes import UrdfMesh, UrdfShape

Array = npt.NDArray[np.float64]
LONG_BONE_M = 0.05  # bones from which the axes of a mesh are judged
MISFIT, BETTER = 0.15, 0.5  # of a bone: joints this far outside turned meshes, and at most half as far unturned


@dataclass
class LinkSurfaces:
    """Triangles of links, and what was wrong with their files.

    Attributes:
        meshes: Link to (F, 3, 3) triangles of each of its meshes in its frame [m].
        shapes: Link to its primitives, in metres.
        faults: Link to the first of its meshes that could not be used, with the reason.
        warnings: A line for each link with a shape of the wrong unit, or that fits none.
        notes: A line if COLLADA files are not turned.
    """

    meshes: dict[str, list[Array]] = field(default_factory=dict)
    shapes: dict[str, list[UrdfShape]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def triangles(self, link: str) -> list[Array]:
        """Return the (F, 3, 3) triangles of each shape of a link in its frame [m]."""
        return [*self.meshes.get(link, []), *(shape_triangles(s) for s in self.shapes.get(link, []))]


def read_surfaces(tree: JointTree, shapes: Sequence[UrdfShape], meshes: Sequence[UrdfMesh], folders: Sequence[Path]
                  ) -> LinkSurfaces:
    """Read the surfaces of some shapes and meshes of a robot.

    Args:
        tree: The joints of the robot.
        shapes: Primitives.
        meshes: Meshes.
        folders: Folders in which files are searched.
    """
    surfaces, sizes = LinkSurfaces(), JointSizes(tree)
    for shape in shapes:
        unit = _unit(surfaces, sizes, shape.link, shape.kind, shape_triangles(shape), False)
        if unit is not None:
            size = tuple(unit * s for s in shape.size)
            surfaces.shapes.setdefault(shape.link, []).append(UrdfShape(shape.link, shape.kind, size, shape.origin))
    is_turned = _are_turned(tree, meshes, folders)
    if not is_turned:
        surfaces.notes.append("the upward axis of COLLADA files is not applied: their meshes fit the joints without it")
    for mesh in meshes:
        triangles = _read(mesh, folders, is_turned)
        if isinstance(triangles, str):
            surfaces.faults.setdefault(mesh.link, triangles)
            continue
        unit = _unit(surfaces, sizes, mesh.link, mesh.reference, triangles, True)
        if unit is None:
            surfaces.faults.setdefault(mesh.link, f"{mesh.reference} does not have the size of its link")
        else:
            placed = unit * triangles @ mesh.origin[:3, :3].T + mesh.origin[:3, 3]
            surfaces.meshes.setdefault(mesh.link, []).append(placed)
    return surfaces


def _unit(surfaces: LinkSurfaces, sizes: JointSizes, link: str, name: str, triangles: Array, is_mesh: bool
          ) -> float | None:
    """Return the unit of a shape, None if it fits in none; adds a warning unless it is the metre."""
    extent = float(np.linalg.norm(np.ptp(triangles.reshape(-1, 3), axis=0)))
    unit = sizes.unit(link, extent, is_mesh)
    if unit != 1.0:
        what = "it is left out" if unit is None else f"it is read with a scale of {unit:g}"
        surfaces.warnings.append(f"size of link {link}: {name} is {extent:.3g} m large, its joints are "
                                 f"{sizes.bone(link):.3g} m apart; {what}. Correct its scale.")
    return unit


def _read(mesh: UrdfMesh, folders: Sequence[Path], is_turned: bool) -> Array | str:
    """Return the (F, 3, 3) triangles of a mesh before its pose, or its name and the reason if there are none."""
    path = find_file(mesh.reference, folders, SUFFIXES)
    if path is None:
        return f"{mesh.reference} is not found"
    try:
        return load_triangles(path, mesh.scale, is_turned)
    except (OSError, ValueError, MemoryError) as error:
        return f"{mesh.reference} {' '.join(str(error).split())[:160]}"


def _are_turned(tree: JointTree, meshes: Sequence[UrdfMesh], folders: Sequence[Path]) -> bool:
    """Return whether the upward axes of COLLADA files are applied: not if joints then lie outside their links."""
    outside = np.zeros(2)  # turned and unturned [shares of a bone]
    for mesh in meshes:
        joints = [j.origin[:3, 3] for j in tree.children(mesh.link) if np.linalg.norm(j.origin[:3, 3]) > LONG_BONE_M]
        path = find_file(mesh.reference, folders, (COLLADA,)) if joints else None
        if path is None or collada_frame(path)[1] == "Z_UP":
            continue
        for i, is_turned in enumerate((True, False)):
            triangles = _read(mesh, folders, is_turned)
            if not isinstance(triangles, str):
                corners = (triangles @ mesh.origin[:3, :3].T + mesh.origin[:3, 3]).reshape(-1, 3)
                outside[i] += max(_outside(joint, corners) / float(np.linalg.norm(joint)) for joint in joints)
    return not (outside[0] > MISFIT and outside[1] < BETTER * outside[0])


def _outside(point: Array, corners: Array) -> float:
    """Return the distance of a point (3,) from the box around (P, 3) corners [m]."""
    return float(np.linalg.norm(point - np.clip(point, corners.min(axis=0), corners.max(axis=0))))
