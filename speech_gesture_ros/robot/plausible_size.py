"""Plausible sizes: those of links by their joints, and that of a robot by those of people.

Files in millimetres without a scale are usual. A shape a thousand times as large as its joints allow is in millimetres;
one that fits in no unit is reported. Joint origins of hundreds of metres are in millimetres, too.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np

from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.urdf import Urdf, load_urdf

MILLI = 1e-3
OWN_SHARE = 0.3  # of the robot's span that a shape may add to the bone of its link
LARGEST, TOO_LARGE = 3.0, 20.0  # times bone and share together: a usual shape of a link at most; one of another unit
SMALLEST = 0.02  # of the bone: the smallest extent of a shape of a link whose bone is long
LONG_SHARE = 0.05  # of the robot's span: a bone that is long
CERTAIN = 0.3  # of the bone: the smallest extent of a shape after a change of its unit
SPANS_M = (0.1, 30.0)  # of the joints of a robot
SPANS_MM = (200.0, 5000.0)  # the same in millimetres


class JointSizes:
    """Distances between the joints of a robot.

    Attributes:
        span: Largest distance of two joints of the robot, at most [m].
    """

    def __init__(self, tree: JointTree) -> None:
        urdf = tree.urdf
        places = np.array([tree.position[j.child] for j in urdf.joints if j.is_movable] or [np.zeros(3)])
        self.span = float(np.linalg.norm(np.ptp(places, axis=0)))
        self._bones = dict.fromkeys(urdf.links, 0.0)
        for joint in urdf.joints:
            length = float(np.linalg.norm(joint.origin[:3, 3]))
            self._bones[joint.parent] = max(self._bones[joint.parent], length)

    def bone(self, link: str) -> float:
        """Return the largest distance from a link's origin to a joint on it [m]."""
        return self._bones[link]

    def unit(self, link: str, extent: float, is_mesh: bool) -> float | None:
        """Return the unit of a shape on a link: 1, a thousandth, a thousand; None if it fits in none.

        Args:
            link: Name of the link.
            extent: Of the shape [m].
            is_mesh: Whether it comes from a file; small primitives stand for links without a body, and fit.
        """
        bone = self._bones[link]
        usual = bone + OWN_SHARE * self.span
        is_small = is_mesh and bone > LONG_SHARE * self.span and extent < SMALLEST * bone
        if self.span <= 0 or (extent <= TOO_LARGE * usual and not is_small):
            return 1.0
        factor = 1 / MILLI if is_small else MILLI
        return factor if CERTAIN * bone <= factor * extent <= LARGEST * usual else 1.0 if is_small else None


def in_metres(tree: JointTree) -> tuple[Urdf, tuple[str, ...]]:
    """Return a robot in metres, and warnings: one if it was in millimetres, or has the size of no robot."""
    urdf, span = tree.urdf, JointSizes(tree).span
    if span <= 0 or SPANS_M[0] <= span <= SPANS_M[1]:
        return urdf, ()
    if SPANS_MM[0] <= span <= SPANS_MM[1]:
        return replace(load_urdf(_scaled(urdf.text, MILLI)), file=urdf.file), (
            f"size of {urdf.name}: its joints span {span:.0f} m; it is read as in millimetres. Correct the URDF.",)
    return urdf, (f"size of {urdf.name}: its joints span {span:.3g} m, a robot {SPANS_M[0]:g} to {SPANS_M[1]:g} m. "
                  "Correct the unit of the URDF.",)


def _scaled(text: str, factor: float) -> str:
    """Return the text of a URDF with all lengths multiplied; meshes keep their own scale."""
    root = ET.fromstring(text)
    for parent in root.iter():
        for element in parent:
            keys: tuple[str, ...] = {"origin": ("xyz",), "box": ("size",), "cylinder": ("radius", "length"),
                                     "capsule": ("radius", "length"), "sphere": ("radius",)}.get(element.tag, ())
            power = factor
            if element.tag == "inertia":
                keys, power = ("ixx", "ixy", "ixz", "iyy", "iyz", "izz"), factor**2
            if parent.get("type") == "prismatic" and element.tag == "limit":
                keys = ("lower", "upper", "velocity")
            if parent.get("type") == "prismatic" and element.tag == "safety_controller":
                keys = ("soft_lower_limit", "soft_upper_limit")
            for key in keys:
                if element.get(key, "").strip():
                    element.set(key, " ".join(repr(power * float(v)) for v in element.get(key, "").split()))
    return ET.tostring(root, encoding="unicode")
