"""Capsules that stand for the links of a robot in self-collision checks.

They are made from the URDF's collision shapes. A part of the body that these do not cover (`coverage`), or whose file
is missing, gets capsules from its visuals, else one along its bone (`bones`).

    cylinder    a capsule of its length and radius, see `primitive_capsules`; spheres and capsules are unchanged
    box, mesh   up to four capsules that contain it, see `mesh_capsules`
    hand        of many shapes: up to four that contain all of them
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.bones import Bone, find_bones
from speech_gesture_ros.robot.coverage import is_covered
from speech_gesture_ros.robot.description import BodyLinks, Capsule, capsule_between
from speech_gesture_ros.robot.kinematic_model import KinematicModel
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.link_surfaces import LinkSurfaces
from speech_gesture_ros.robot.mesh_capsules import enclosing_pieces
from speech_gesture_ros.robot.model import RobotModel
from speech_gesture_ros.robot.notes import GUESSED_CAPSULES, UNREAD_MESHES
from speech_gesture_ros.robot.primitive_capsules import round_capsules
from speech_gesture_ros.robot.primitives import capsule_triangles, shape_triangles
from speech_gesture_ros.robot.urdf import Urdf
from speech_gesture_ros.robot.urdf_shapes import UrdfShape

Array = npt.NDArray[np.float64]
FEW_SHAPES = 3  # a hand of more shapes or meshes is treated as a whole
MIN_RADIUS_M = 1e-4  # thinner capsules are left out
LARGEST_VISUAL = 5.0  # times the usual radius of a part; larger visuals are not of the part
UPPER_ARM_START = 0.15  # share of an upper arm at the shoulder that a guessed capsule leaves free


@dataclass(frozen=True)
class FittedCapsule:
    """A capsule with what it stands for.

    Attributes:
        capsule: The capsule.
        surface: (F, 3, 3) triangles in the frame of its link [m].
        is_exact: True if it is guessed or stands for a round primitive, which it equals but for the ends of a cylinder.
    """

    capsule: Capsule
    surface: Array
    is_exact: bool = False


def body_capsules(robot: RobotModel, kinematics: Kinematics, body: BodyLinks, surfaces: LinkSurfaces,
                  notes: list[str]) -> list[FittedCapsule]:
    """Return the capsules of all links.

    Args:
        robot: The robot.
        kinematics: At zero.
        body: Links of the body parts.
        surfaces: Of the collision shapes.
        notes: Gets a line if meshes were read, or are missing, and for parts covered by visuals or guessed capsules.
    """
    urdf, model = robot.urdf, kinematics.model
    capsules = _collision_capsules(urdf, model, surfaces, notes)
    bones = find_bones(robot.tree, kinematics, body)

    def covers(bone: Bone, known: LinkSurfaces) -> bool:
        return bone.link not in known.faults and is_covered(bone, [c.capsule for c in capsules], kinematics)

    missing = [bone for bone in bones if not covers(bone, surfaces)]
    if missing:
        visuals = robot.visual_surfaces([n for n in urdf.links if any(n in bone.links for bone in missing)])
        notes += visuals.warnings + visuals.notes
        capsules += _visual_capsules(urdf, model, missing, visuals)
        guessed = [bone for bone in missing if not covers(bone, visuals)]
        filled = [bone.part for bone in missing if bone not in guessed]
        if filled:
            notes.append(f"collision shapes do not cover {', '.join(filled)}: capsules are made from visuals")
        if guessed:
            notes.append(f"no shapes cover {', '.join(bone.part for bone in guessed)}: {GUESSED_CAPSULES}")
        capsules += [_as_exact(_guessed(bone, kinematics)) for bone in guessed]
    return capsules


def _collision_capsules(urdf: Urdf, model: KinematicModel, surfaces: LinkSurfaces, notes: list[str]
                        ) -> list[FittedCapsule]:
    """Return the capsules of collision shapes."""
    whole = whole_bodies(urdf, model)
    parts = {link: body for body, link in whole.items()}
    known: list[FittedCapsule] = []
    for link in dict.fromkeys([*surfaces.shapes, *surfaces.meshes]):
        if model.body(link) not in whole:
            known += [c for shape in surfaces.shapes.get(link, []) for c in _of_shape(shape)]
            known += [c for mesh in surfaces.meshes.get(link, []) for c in _fitted(link, mesh)]
    joined = {link: _joined(surfaces, model, link, [n for n in urdf.links if model.body(n) == body])
              for link, body in parts.items()}
    known += [c for link, triangles in joined.items() if len(triangles) for c in _fitted(link, triangles)]
    if surfaces.meshes:
        notes.append("collision meshes read")
    if any(map(len, joined.values())):
        notes.append(f"hands treated as a whole: {sum(len(t) > 0 for t in joined.values())}")
    missing = {model.body(link): fault for link, fault in reversed(surfaces.faults.items())}
    if missing:
        notes.append(f"collision meshes of {len(missing)} part{'s' * (len(missing) != 1)} {UNREAD_MESHES}, the "
                     f"first: {next(iter(surfaces.faults.values()))}")
    return known


def _visual_capsules(urdf: Urdf, model: KinematicModel, bones: Sequence[Bone], visuals: LinkSurfaces
                     ) -> list[FittedCapsule]:
    """Return capsules around the visuals on the links of some bones, those of a hand that move as one together."""
    found: list[FittedCapsule] = []
    for bone in bones:
        links = [link for link in urdf.links if link in bone.links and visuals.triangles(link)]
        bodies: dict[object, list[str]] = {}
        for link in links:
            bodies.setdefault(model.body(link) if bone.part.endswith("hand") else link, []).append(link)
        for moved in bodies.values():
            carrier = bone.link if bone.link in moved else moved[0]
            fitted = _fitted(carrier, _joined(visuals, model, carrier, moved))
            found += [f for f in fitted if f.capsule.radius <= LARGEST_VISUAL * bone.radius]
    return found


def _joined(surfaces: LinkSurfaces, model: KinematicModel, carrier: str, links: Iterable[str]) -> Array:
    """Return the (F, 3, 3) triangles of links that move as one, in the frame of one of them [m]."""
    parts = [np.zeros((0, 3, 3))]
    for link in links:
        pose = np.linalg.inv(model.link_pose[carrier][1]) @ model.link_pose[link][1]
        parts += [t @ pose[:3, :3].T + pose[:3, 3] for t in surfaces.triangles(link)]
    return np.concatenate(parts)


def _guessed(bone: Bone, kinematics: Kinematics) -> Capsule:
    """Return a capsule along a bone, as thick as such a part is usually."""
    rotation, at = kinematics.rotation(bone.link).T, kinematics.origins(bone.link)[0]
    start = bone.start + (UPPER_ARM_START * (bone.stop - bone.start) if bone.part.endswith("upper arm") else 0.0)
    return capsule_between(bone.link, rotation @ (start - at), rotation @ (bone.stop - at), bone.radius)


def _as_exact(capsule: Capsule) -> FittedCapsule:
    """Return a guessed capsule with its own surface."""
    return FittedCapsule(capsule, capsule_triangles(np.array(capsule.start), np.array(capsule.stop), capsule.radius),
                         is_exact=True)


def whole_bodies(urdf: Urdf, model: KinematicModel) -> dict[int, str]:
    """Return bodies at the end of a chain with many shapes, hands: pinocchio joint to the link that stands for it."""
    links: dict[int, list[str]] = {}
    for link in [*(shape.link for shape in urdf.shapes), *(mesh.link for mesh in urdf.meshes)]:
        links.setdefault(model.body(link), []).append(link)
    carrying = {model.body(j.parent) for j in urdf.joints if j.name in model.joint_names} | {0}
    return {body: names[0] for body, names in links.items() if len(names) > FEW_SHAPES and body not in carrying}


def _of_shape(shape: UrdfShape) -> list[FittedCapsule]:
    if shape.kind == "box":
        return _fitted(shape.link, shape_triangles(shape))
    return [FittedCapsule(capsule, shape_triangles(shape), is_exact=True) for capsule in round_capsules(shape)]


def _fitted(link: str, triangles: Array) -> list[FittedCapsule]:
    return [FittedCapsule(capsule_between(link, start, stop, radius), piece)
            for (start, stop, radius), piece in enclosing_pieces(triangles) if radius > MIN_RADIUS_M]
