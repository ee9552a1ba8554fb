"""Shapes of links in a URDF: primitives, and meshes in files; those for collisions, and those that are drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.urdf_numbers import Transform, numbers, pose_of

COLLISION, VISUAL = "collision", "visual"  # elements of a link with shapes


@dataclass(frozen=True)
class UrdfShape:
    """A primitive: box (x, y, z), cylinder or capsule (radius, length), sphere (radius,) [m]; its pose in its link."""

    link: str
    kind: str
    size: tuple[float, ...]
    origin: Transform


@dataclass(frozen=True)
class UrdfMesh:
    """A shape in a file, scaled along its own axes, with its pose in its link."""

    link: str
    reference: str
    scale: tuple[float, ...]
    origin: Transform


def shapes_of(link: str, element: ET.Element, tag: str) -> list[UrdfShape]:
    """Return the primitives of one kind of a link; drawn ones with values that are not numbers are left out."""
    shapes = []
    for found in element.findall(tag):
        where = f"{tag} shape of link {link!r}"
        for kind, keys in (("box", ("size",)), ("cylinder", ("radius", "length")), ("capsule", ("radius", "length")),
                           ("sphere", ("radius",))):
            shape = found.find(f"geometry/{kind}")
            if shape is None:
                continue
            try:
                text = " ".join(shape.get(key, "") for key in keys)
                size = numbers(text, 3 if kind == "box" else len(keys), where)
                shapes.append(UrdfShape(link, kind, tuple(abs(s) for s in size), pose_of(found, where)))
            except RobotError:
                if tag == COLLISION:
                    raise
    return shapes


def meshes_of(link: str, element: ET.Element, tag: str) -> list[UrdfMesh]:
    """Return the meshes of one kind of a link; drawn ones with values that are not numbers are left out."""
    meshes = []
    for found in element.findall(tag):
        mesh, where = found.find("geometry/mesh"), f"{tag} mesh of link {link!r}"
        if mesh is None:
            continue
        try:
            scale = numbers(mesh.get("scale", "1 1 1"), 3, where)
            meshes.append(UrdfMesh(link, mesh.get("filename", ""), tuple(scale), pose_of(found, where)))
        except RobotError:
            if tag == COLLISION:
                raise
    return meshes
