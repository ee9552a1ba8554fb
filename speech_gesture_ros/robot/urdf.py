"""URDF as plain data; a file that is not one tree of links with finite numbers is refused.

Kept are links, joints, collision shapes and centres of mass. The parser uses the standard library's XML, because the
source is untrusted and libraries print to the terminal, stop at a missing effort, or expand entities. Implausible
position and velocity limits are kept as stated; `limits` replaces them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.robot_xml import is_xml_text, read_xml
from speech_gesture_ros.robot.urdf_numbers import Transform, child_of, numbers, optional_number, pose_of
from speech_gesture_ros.robot.urdf_shapes import COLLISION, VISUAL, UrdfMesh, UrdfShape, meshes_of, shapes_of

MAX_LINKS = 1_000  # the largest real robot found has 204
MAX_CHAIN = 200  # joints from the root to a link; the longest real chain found has 30
MAX_SHAPES = 1_000  # collision shapes; the most found on a robot are 128
MAX_VISUALS = 5_000  # the most found on a robot are 520
WORLD = "world"
MOVING = ("revolute", "continuous", "prismatic")
KINDS = (*MOVING, "fixed", "floating", "planar")


@dataclass(frozen=True)
class UrdfJoint:
    """One joint as stated; a limit that is missing is None.

    Attributes:
        origin: (4, 4) pose of the child in the parent while the joint is at 0 [m].
        axis: (3,) unit axis in the child's frame.
        mimic: Name of the joint it follows, None if it is driven on its own.
        soft_lower: From `<safety_controller>`, like `soft_upper`.
        acceleration: Like `deceleration` and `jerk` in newer files only.
    """

    name: str
    kind: str
    parent: str
    child: str
    origin: Transform
    axis: npt.NDArray[np.float64]
    lower: float | None
    upper: float | None
    velocity: float | None
    mimic: str | None
    soft_lower: float | None = None
    soft_upper: float | None = None
    acceleration: float | None = None
    deceleration: float | None = None
    jerk: float | None = None

    @property
    def is_movable(self) -> bool:
        """True if it has one degree of freedom and does not follow another joint."""
        return self.kind in MOVING and self.mimic is None


@dataclass(frozen=True)
class Urdf:
    """A robot as one tree of links.

    Attributes:
        text: XML for libraries that read URDF themselves: efforts and velocities that were missing or negative are 0.
        file: File it was read from; None for text.
        links: Names, root first, parents before children.
        joints: In the order of their child links in `links`.
        shapes: Primitive collision shapes, like `meshes` in the order of `links`.
        visual_shapes: Primitives that are drawn, like `visual_meshes`; they may be larger or finer than the link.
        centres: Link name to its centre of mass in the link's frame, where given.
    """

    name: str
    text: str
    links: tuple[str, ...]
    joints: tuple[UrdfJoint, ...]
    shapes: tuple[UrdfShape, ...]
    meshes: tuple[UrdfMesh, ...]
    centres: dict[str, npt.NDArray[np.float64]]
    visual_shapes: tuple[UrdfShape, ...] = ()
    visual_meshes: tuple[UrdfMesh, ...] = ()
    file: Path | None = None

    @property
    def solid(self) -> frozenset[str]:
        """The links with a collision shape, primitive or mesh."""
        return frozenset([s.link for s in self.shapes] + [m.link for m in self.meshes])

    @property
    def root(self) -> str:
        """The link that has no parent."""
        return self.links[0]

    @cached_property
    def parent_joint(self) -> dict[str, UrdfJoint]:
        """Link name to the joint that carries it."""
        return {j.child: j for j in self.joints}

    def path(self, link: str) -> list[UrdfJoint]:
        """Return the joints from the root to a link."""
        joints: list[UrdfJoint] = []
        while link in self.parent_joint:
            joints.append(self.parent_joint[link])
            link = joints[-1].parent
        return joints[::-1]


def load_urdf(source: str | Path) -> Urdf:
    """Read a robot from URDF text or a file.

    Args:
        source: XML text (anything that starts with "<"), or a path.

    Raises:
        RobotError: If it cannot be read, is not XML, declares entities, or is not one tree with finite numbers.
    """
    text, root = read_xml(source, "URDF")
    if root.tag != "robot":
        raise RobotError("root element of the URDF", root.tag, "'robot'",
                         "Give a URDF; xacro must be expanded first, SDF and MJCF converted.")
    return replace(_build(root, text), file=None if is_xml_text(source) else Path(source))


# --- the tree ------------------------------------------------------------------------------------------------------


def _build(root: ET.Element, text: str) -> Urdf:
    has_changed = _complete_world(root)
    elements = _named(root, "link")
    if not elements:
        raise RobotError("links of the URDF", 0, "at least one", "Give a whole robot.")
    if len(elements) > MAX_LINKS:
        raise RobotError("links of the URDF", len(elements), f"at most {MAX_LINKS}", "Give one robot.")
    for tag, most in ((COLLISION, MAX_SHAPES), (VISUAL, MAX_VISUALS)):
        count = sum(len(e.findall(tag)) for e in elements.values())
        if count > most:
            raise RobotError(f"{tag} shapes of the URDF", count, f"at most {most}",
                             f"Give links simpler {tag} shapes.")
    joints = [_joint(e, elements) for e in _named(root, "joint").values()]
    if _complete_limits(root) or has_changed:
        text = ET.tostring(root, encoding="unicode")
    links, ordered = _in_order(list(elements), joints)
    shapes, visual_shapes = (tuple(s for name in links for s in shapes_of(name, elements[name], tag))
                             for tag in (COLLISION, VISUAL))
    meshes, visual_meshes = (tuple(m for name in links for m in meshes_of(name, elements[name], tag))
                             for tag in (COLLISION, VISUAL))
    centres = {name: pose_of(inertial, f"inertial of link {name!r}")[:3, 3] for name in links
               if (inertial := elements[name].find("inertial")) is not None}
    return Urdf(root.get("name") or "robot", text, links, ordered, shapes, meshes, centres,
                visual_shapes, visual_meshes)


def _complete_world(root: ET.Element) -> bool:
    """Add the link `world` if joints refer to it without a declaration, as in files for Drake; return whether."""
    declared = {element.get("name") for element in root.findall("link")}
    is_missing = WORLD not in declared and any(e.get("link") == WORLD for e in root.findall("joint/parent"))
    if is_missing:
        root.insert(0, ET.Element("link", name=WORLD))
    return is_missing


def _complete_limits(root: ET.Element) -> bool:
    """Set missing and negative efforts and velocities, which libraries refuse, to 0; return whether there were any."""
    has_changed = False
    for element in root.findall("joint"):
        limit = element.find("limit")
        if limit is None or element.get("type") not in MOVING:
            continue
        for key in ("effort", "velocity"):
            value = optional_number(limit.get(key), f"{key} limit of joint {element.get('name')!r}")
            if value is None or value < 0:
                limit.set(key, "0")
                has_changed = True
    return has_changed


def _named(root: ET.Element, tag: str) -> dict[str, ET.Element]:
    named: dict[str, ET.Element] = {}
    for element in root.findall(tag):
        name = element.get("name")
        if not name or name in named:
            raise RobotError(f"name of a {tag}", name, "present and unique", f"Name every {tag} once.")
        named[name] = element
    return named


def _in_order(names: list[str], joints: list[UrdfJoint]) -> tuple[tuple[str, ...], tuple[UrdfJoint, ...]]:
    """Return links and joints, parents first.

    Raises:
        RobotError: On a link with two parents, no or several roots, or a cycle.
    """
    children: dict[str, list[UrdfJoint]] = {}
    parents: dict[str, str] = {}
    for joint in joints:
        if joint.child in parents:
            raise RobotError(f"parents of link {joint.child!r}", [parents[joint.child], joint.parent], "one",
                             "Cut the closed loop, or correct the joint.")
        parents[joint.child] = joint.parent
        children.setdefault(joint.parent, []).append(joint)
    roots = [n for n in names if n not in parents]
    if len(roots) != 1:
        raise RobotError("links without a parent", roots, "exactly one",
                         "Join the parts; a robot is one tree." if roots else "Cut the cycle; a robot is one tree.")
    links, ordered, waiting = [roots[0]], [], list(reversed(children.get(roots[0], [])))
    depth = {roots[0]: 0}
    while waiting:
        joint = waiting.pop()
        depth[joint.child] = depth[joint.parent] + 1
        links.append(joint.child)
        ordered.append(joint)
        waiting += reversed(children.get(joint.child, []))
    if max(depth.values()) > MAX_CHAIN:
        raise RobotError("joints in one chain of the URDF", max(depth.values()), f"at most {MAX_CHAIN}",
                         "Give the description of a robot.")
    if len(links) != len(names):
        raise RobotError("links in a cycle", sorted(set(names) - set(links)), "none", "A robot is one tree.")
    return tuple(links), tuple(ordered)


def _joint(element: ET.Element, links: dict[str, ET.Element]) -> UrdfJoint:
    name = str(element.get("name"))
    where = f"joint {name!r}"
    kind = element.get("type", "")
    if kind not in KINDS:
        raise RobotError(f"type of {where}", kind, f"one of {KINDS}", "Correct it.")
    ends = [child_of(element, tag).get("link", "") for tag in ("parent", "child")]
    for tag, link in zip(("parent", "child"), ends):
        if link not in links:
            raise RobotError(f"{tag} of {where}", link, "a link of the URDF", "Add the link or correct the name.")
    axis = np.array(numbers(child_of(element, "axis").get("xyz", "1 0 0"), 3, f"axis of {where}"))
    length = float(np.linalg.norm(axis))
    if kind in MOVING and length < 1e-6:
        raise RobotError(f"axis of {where}", axis.tolist(), "not zero", "Give the joint a direction.")
    limit, mimic = child_of(element, "limit"), element.find("mimic")
    values = {k: optional_number(limit.get(k), f"{k} limit of {where}")
              for k in ("lower", "upper", "velocity", "acceleration", "deceleration", "jerk")}
    soft = child_of(element, "safety_controller")
    values |= {f"soft_{k}": optional_number(soft.get(f"soft_{k}_limit"), f"soft {k} limit of {where}")
               for k in ("lower", "upper")}
    return UrdfJoint(name=name, kind=kind, parent=ends[0], child=ends[1], origin=pose_of(element, where),
                     axis=axis / max(length, 1e-6), mimic=None if mimic is None else mimic.get("joint", ""), **values)
