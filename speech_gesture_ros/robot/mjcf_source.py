"""Reader of MJCF files: the model as MuJoCo loads it, without the parts of a scene that can be large or missing.

The file is read here, with its includes, and given to MuJoCo as text, so that its suffix does not matter and its size
is known first. Left out are textures, materials, height fields, skins and deformable bodies, which a robot does not
need, and meshes whose file is missing or that MuJoCo does not read, with the geoms that need them.
"""

from __future__ import annotations

import logging
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.mesh_files import mujoco_fault
from speech_gesture_ros.robot.robot_xml import read_xml

log = logging.getLogger(__name__)

MAX_FILES = 64  # included files; the most found in a robot are 60
MAX_ELEMENTS = 20_000  # elements of all files, replicas included
MAX_MESH_BYTES = 512_000_000  # of all meshes together
LEFT_OUT = ("texture", "material", "hfield", "skin", "flexcomp", "composite", "flex", "deformable", "visual",
            "keyframe", "sensor", "tuple", "custom")
MIN_MASS_KG, MIN_INERTIA_KG_M2 = 1e-6, 1e-9  # of bodies whose mass is not known; it is not used


def load_spec(path: Path, mujoco: Any) -> Any:
    """Return the `mujoco.MjSpec` of a file, ready to be compiled.

    Raises:
        RobotError: If the file or one that it includes cannot be read or is too large.
        ValueError: If MuJoCo does not accept it.
    """
    root = _Includes(path.parent).read(path)
    _check_size(root)
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag in LEFT_OUT or c.get("type") == "hfield"]:
            parent.remove(child)
    for element in root.iter():
        element.attrib.pop("material", None)
        if element.tag == "model" and element.get("file"):
            attached = path.parent / str(element.get("file"))
            _check_size(_Includes(attached.parent).read(attached))
            element.set("file", str(attached.resolve()))
    spec = mujoco.MjSpec.from_string(ET.tostring(root, encoding="unicode"))
    spec.modelfiledir = f"{path.resolve().parent}/"
    _remove_unusable_meshes(spec, path)
    for pair in list(spec.pairs):  # may name parts that were left out
        spec.delete(pair)
    spec.compiler.boundmass = max(spec.compiler.boundmass, MIN_MASS_KG)
    spec.compiler.boundinertia = max(spec.compiler.boundinertia, MIN_INERTIA_KG_M2)
    return spec


class _Includes:
    """Reader that puts the contents of included files in their places; paths are relative to the main file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = 0

    def read(self, path: Path) -> ET.Element:
        """Return the root element of a file."""
        self._read += 1
        if self._read > MAX_FILES:
            raise RobotError("files that the MJCF includes", f"over {MAX_FILES}", f"at most {MAX_FILES}",
                             "Remove cycles and parts of a scene.")
        root = read_xml(path, "MJCF")[1]
        self._expand(root)
        return root

    def _expand(self, parent: ET.Element) -> None:
        for child in list(parent):
            if child.tag != "include":
                self._expand(child)
                continue
            at = list(parent).index(child)
            parent.remove(child)
            for offset, included in enumerate(self.read(self._folder / child.get("file", ""))):
                parent.insert(at + offset, included)


def _check_size(root: ET.Element) -> None:
    count = _size(root)
    if count > MAX_ELEMENTS:
        raise RobotError("elements of the MJCF", f"{count:.3g}", f"at most {MAX_ELEMENTS}, replicas included",
                         "Give the model of one robot.")


def _size(element: ET.Element) -> float:
    """Return the number of elements, those of replicas as often as they are repeated."""
    try:
        copies = max(float(element.get("count", "1")), 1.0) if element.tag == "replicate" else 1.0
    except ValueError:
        copies = 1.0  # MuJoCo refuses it
    return copies * (1.0 + sum(_size(child) for child in element))


def _remove_unusable_meshes(spec: Any, path: Path) -> None:
    """Remove meshes that MuJoCo cannot read, and the geoms that need them; the files are logged."""
    removed, size, faults = set(), 0, []
    for mesh in list(spec.meshes):
        if not mesh.file:
            continue
        file = path.resolve().parent / (mesh.compiler.meshdir or "") / \
            (Path(mesh.file).name if spec.strippath else mesh.file)
        fault = mujoco_fault(file)
        size += 0 if fault else file.stat().st_size
        if not fault and size > MAX_MESH_BYTES:
            fault = f"is beyond {MAX_MESH_BYTES} bytes of all meshes together"
        if fault:
            faults.append(f"{mesh.file} {fault}")
            removed.add(mesh.name or Path(mesh.file).stem)
            spec.delete(mesh)
    for geom in [g for g in spec.geoms if g.meshname in removed]:
        spec.delete(geom)
    if faults:
        log.warning("%s: %d meshes are left out, the first: %s", path.name, len(faults), faults[0])
