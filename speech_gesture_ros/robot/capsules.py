"""Capsules that stand for the links of a robot in self-collision checks.

They are made from the URDF's collision shapes; links of trunk, arms and head without any get guessed ones
(`guessed_capsules`).

    sphere, capsule   unchanged
    cylinder          a capsule of its length and radius (a disc: a sphere of its radius)
    box               capsules side by side along its longest edge
    mesh              up to four capsules that contain it, see `mesh_capsules`
    hand              of many shapes: up to four that contain all of them
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import BodyLinks, Capsule, capsule_between
from speech_gesture_ros.robot.guessed_capsules import guess_capsules
from speech_gesture_ros.robot.kinematic_model import KinematicModel
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.mesh_capsules import enclosing_capsules
from speech_gesture_ros.robot.mesh_files import SUFFIXES, load_triangles
from speech_gesture_ros.robot.model import RobotModel
from speech_gesture_ros.robot.package_files import find_file
from speech_gesture_ros.robot.urdf import Urdf
from speech_gesture_ros.robot.urdf_shapes import UrdfMesh, UrdfShape

Array = npt.NDArray[np.float64]
MAX_SIDE_BY_SIDE = 4  # capsules for one box
FEW_SHAPES = 3  # a hand of more shapes or meshes is treated as a whole


def body_capsules(robot: RobotModel, kinematics: Kinematics, body: BodyLinks, notes: list[str],
                  folders: Sequence[Path] = ()) -> tuple[Capsule, ...]:
    """Return the capsules of all links.

    Args:
        robot: The robot.
        kinematics: At zero.
        body: Links of the body parts.
        notes: Gets a line if meshes were read, or are missing, and if capsules were guessed.
        folders: Folders in which meshes are searched.
    """
    urdf, model = robot.urdf, kinematics.model
    missing: dict[int, str] = {}  # body to the first of its meshes that could not be read
    found: dict[str, list[Array]] = {}  # link to (F, 3, 3) triangles in its frame
    whole = whole_bodies(urdf, model)

    def join_whole(link: str, triangles: Array) -> bool:
        """Add triangles of a link to its body's, if that is treated as a whole: all in the frame of one link."""
        body_of_link, pose = model.link_pose[link]
        if body_of_link in whole:
            carrier = whole[body_of_link]
            pose = np.linalg.inv(model.link_pose[carrier][1]) @ pose
            found.setdefault(carrier, []).append(triangles @ pose[:3, :3].T + pose[:3, 3])
        return body_of_link in whole

    known = [c for shape in urdf.shapes if not join_whole(shape.link, _box_around(shape))
             for c in shape_capsules(shape)]
    read = 0
    for mesh in urdf.meshes:
        triangles, fault = _read_mesh(mesh, folders)
        read += not fault
        if fault:
            missing.setdefault(model.body(mesh.link), fault)
        elif not join_whole(mesh.link, triangles):
            known += _fitted(mesh.link, [triangles])
    known += [c for link, parts in found.items() for c in _fitted(link, parts)]
    if read:
        notes.append("collision meshes read")
    if found:
        notes.append(f"hands treated as a whole: {len(found)}")
    if missing:
        notes.append(f"collision meshes of {_parts(len(missing))} could not be read, the first: "
                     f"{next(iter(missing.values()))}")
    covered = {model.body(c.link) for c in known} - set(missing)
    guessed = [c for c in guess_capsules(robot.tree, kinematics, body) if model.body(c.link) not in covered]
    if guessed:
        notes.append(f"collision shapes of {_parts(len(guessed))} of the upper body are not known: their capsules are "
                     "guessed from joint origins")
    return tuple(known + guessed)


def _parts(count: int) -> str:
    return f"{count} part{'s' * (count != 1)}"


def whole_bodies(urdf: Urdf, model: KinematicModel) -> dict[int, str]:
    """Return bodies at the end of a chain with many shapes, hands: pinocchio joint to the link that stands for it."""
    links: dict[int, list[str]] = {}
    for link in [*(shape.link for shape in urdf.shapes), *(mesh.link for mesh in urdf.meshes)]:
        links.setdefault(model.body(link), []).append(link)
    carrying = {model.body(j.parent) for j in urdf.joints if j.name in model.joint_names} | {0}
    return {body: names[0] for body, names in links.items() if len(names) > FEW_SHAPES and body not in carrying}


def _box_around(shape: UrdfShape) -> Array:
    """Return the (12, 3, 3) triangles of the box around a primitive, in its link's frame."""
    across = shape.size[0]
    size = {"sphere": [2 * across] * 3, "capsule": [2 * across, 2 * across, shape.size[-1] + 2 * across],
            "cylinder": [2 * across, 2 * across, shape.size[-1]], "box": shape.size}[shape.kind]
    corners = (np.indices((2, 2, 2)).reshape(3, 8).T - 0.5) * np.array(size)  # the bits of 0 to 7 are z, y, x
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = corners[np.array([t for a, b, c, d in faces for t in ((a, b, c), (a, c, d))])]
    return np.asarray(triangles @ shape.origin[:3, :3].T + shape.origin[:3, 3])


def _read_mesh(mesh: UrdfMesh, folders: Sequence[Path]) -> tuple[Array, str]:
    """Return the (F, 3, 3) triangles of one mesh in its link's frame, and the reason if there are none."""
    nothing = np.zeros((0, 3, 3))
    path = find_file(mesh.reference, folders, SUFFIXES)
    if path is None:
        return nothing, f"{mesh.reference} is not found"
    try:
        triangles = load_triangles(path, mesh.scale)
    except (OSError, ValueError, MemoryError) as error:
        return nothing, f"{mesh.reference}: {' '.join(str(error).split())[:160]}"
    return triangles @ mesh.origin[:3, :3].T + mesh.origin[:3, 3], ""


def _fitted(link: str, parts: list[Array]) -> list[Capsule]:
    return [capsule_between(link, start, stop, radius)
            for start, stop, radius in enclosing_capsules(np.concatenate(parts)) if radius > 1e-4]


def shape_capsules(shape: UrdfShape) -> list[Capsule]:
    """Return the capsules of one primitive in its link's frame."""
    if shape.kind == "sphere":
        return _along_axis(shape, [np.zeros(3)], np.zeros(3), shape.size[0])
    if shape.kind == "capsule":
        return _along_axis(shape, [np.zeros(3)], np.array([0, 0, shape.size[1] / 2]), shape.size[0])
    if shape.kind == "cylinder":
        radius, half = shape.size[0], shape.size[1] / 2
        if half <= radius:
            return _along_axis(shape, [np.zeros(3)], np.zeros(3), radius)
        return _along_axis(shape, [np.zeros(3)], np.array([0, 0, half - radius]), radius)
    thin, wide, long = np.argsort(shape.size, kind="stable")
    sizes = np.array(shape.size)
    count = int(np.clip(np.ceil(sizes[wide] / max(sizes[thin], 1e-3) - 0.3), 1, MAX_SIDE_BY_SIDE))
    radius = max(sizes[thin] / 2, sizes[wide] / (2 * count)) if count > 1 else 0.25 * (sizes[thin] + sizes[wide])
    spread = (np.arange(count) - (count - 1) / 2) * (max(sizes[wide] - 2 * radius, 0.0) / max(count - 1, 1))
    half_axis = np.eye(3)[long] * max(sizes[long] / 2 - radius, 0.0)
    return _along_axis(shape, [np.eye(3)[wide] * s for s in spread], half_axis, radius)


def _along_axis(shape: UrdfShape, centres: list[Array], half_axis: Array, radius: float) -> list[Capsule]:
    rotation, origin = shape.origin[:3, :3], shape.origin[:3, 3]
    ends = [(rotation @ (c - half_axis) + origin, rotation @ (c + half_axis) + origin) for c in centres]
    return [capsule_between(shape.link, start, stop, radius) for start, stop in ends if radius > 1e-4]
