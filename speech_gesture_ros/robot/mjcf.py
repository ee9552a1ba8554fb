"""Conversion of a robot from MuJoCo's format (MJCF) to URDF.

MuJoCo itself reads the file, with its defaults, classes and includes; the compiled model is written as URDF:

    body          ──►  link, its frame at its last joint; that of the base is upright, whatever way the base lies in
                       the file; free bodies beside the robot are left out
    hinge, slide  ──►  revolute, prismatic, continuous without limits; several on one body become a chain of links
    free          ──►  none: the robot's base is the root; for several fixed robots, such as two arms, the world
    ball          ──►  floating: it cannot be commanded as one joint
    joint that no actuator drives, in a model that has actuators  ──►  floating: gestures do not move it
    joint with an equality constraint to another one  ──►  mimic
    geom with contacts, without      ──►  collision shape, visual; an ellipsoid becomes a box

Positions are the same in both: a joint's `ref` goes into its origin. MJCF has no speed limits: `robot.limits` assumes
some.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import MissingDependencyError, RobotError
from speech_gesture_ros.robot.mjcf_source import load_spec
from speech_gesture_ros.robot.robot_xml import is_xml_text, read_xml
from speech_gesture_ros.robot.urdf_shapes import COLLISION, VISUAL

Array = npt.NDArray[np.float64]


def import_mujoco(purpose: str) -> Any:
    """Return the mujoco module.

    Args:
        purpose: What it is needed for, as the subject of the error message.

    Raises:
        MissingDependencyError: If it is not installed.
    """
    try:
        import mujoco
    except ImportError as error:
        raise MissingDependencyError("mujoco", purpose, "pip install 'speech_gesture_ros[sim]'") from error
    return mujoco


def is_mjcf(source: str | Path) -> bool:
    """Return whether a source is the path of an XML file with the root element <mujoco>."""
    try:
        return not is_xml_text(source) and Path(source).suffix.lower() in (".xml", ".mjcf") \
            and read_xml(source, "robot")[1].tag == "mujoco"
    except RobotError:
        return False


def mjcf_to_urdf(path: Path) -> str:
    """Return URDF text of the one robot in an MJCF file.

    Raises:
        RobotError: If the file cannot be read, or holds no robot, or several of which one is not fixed.
        MissingDependencyError: If mujoco is not installed.
    """
    mujoco = import_mujoco("Reading MJCF")
    try:
        model = load_spec(path, mujoco).compile()
    except ValueError as error:
        raise RobotError(f"MJCF {path.name}", str(error), "readable by MuJoCo", "Correct what it names.") from None
    return _Writer(mujoco, model, path).write()


class _Writer:
    """Writer of the robot in one model."""

    def __init__(self, mujoco: Any, model: Any, path: Path) -> None:
        self._mujoco, self._model = mujoco, model
        self._folder = path.resolve().parent
        self._robot = ET.Element("robot", name=path.stem)
        self._driven = {int(model.actuator_trnid[i, 0]) for i in range(model.nu)
                        if int(model.actuator_trntype[i]) == int(mujoco.mjtTrn.mjTRN_JOINT)}
        self._followed = {int(model.eq_obj1id[i]): int(model.eq_obj2id[i]) for i in range(model.neq)
                          if int(model.eq_type[i]) == int(mujoco.mjtEq.mjEQ_JOINT) and model.eq_obj2id[i] >= 0}

    def write(self) -> str:
        """Return the URDF."""
        self._body(self._base(), "", np.eye(4))
        ET.indent(self._robot)
        return ET.tostring(self._robot, encoding="unicode")

    def _base(self) -> int:
        """Return the base body of the one robot, 0 for the world."""
        model = self._model
        moving = {int(model.body_rootid[model.jnt_bodyid[j]]) for j in range(model.njnt)
                  if int(model.jnt_type[j]) != int(self._mujoco.mjtJoint.mjJNT_FREE)}
        free = [body for body in moving if self._is_free(body)]
        if not free and (len(moving) > 1 or any(model.body_jntnum[body] for body in moving)):
            return 0
        if len(moving) != 1:
            names = [model.body(b).name or f"body {b}" for b in sorted(moving)]
            raise RobotError("robots in the MJCF", names or 0, "exactly one", "Give a file with one robot.")
        return moving.pop()

    def _body(self, body: int, parent: str, back: Array) -> None:
        """Write a body, its joints, and all below.

        Args:
            body: Number in the model.
            parent: Link that carries it; empty for the base.
            back: (4, 4) pose of the parent's body in the frame of its link: URDF has link frames at their joints.
        """
        model = self._model
        name = model.body(body).name or f"body_{body}"
        own = _pose(self._mujoco, np.zeros(3), model.body_quat[body])
        if parent:
            own = self._joints(body, name, parent, back @ _pose(self._mujoco, model.body_pos[body],
                                                                model.body_quat[body]))
        link = ET.SubElement(self._robot, "link", name=name)
        self._inertia(link, body, own)
        for geom in range(model.body_geomadr[body], model.body_geomadr[body] + model.body_geomnum[body]):
            self._shape(link, geom, own)
        for child in range(1, model.nbody):
            if child != body and model.body_parentid[child] == body and not self._is_free(child):
                self._body(child, name, own)

    def _is_free(self, body: int) -> bool:
        """Return whether a body has a free joint."""
        first = int(self._model.body_jntadr[body])
        return first >= 0 and int(self._model.jnt_type[first]) == int(self._mujoco.mjtJoint.mjJNT_FREE)

    def _joints(self, body: int, name: str, parent: str, pose: Array) -> Array:
        """Write the chain from the parent's link to a body's: a link for each joint, the last is the body's own.

        Returns:
            (4, 4) pose of the body in the frame of its link.
        """
        model = self._model
        first, count = int(model.body_jntadr[body]), int(model.body_jntnum[body])
        if not count:
            _ends(ET.SubElement(self._robot, "joint", name=f"{name}_fixed", type="fixed"), parent, name, pose)
            return np.eye(4)
        anchor = np.zeros(3)
        for i, joint in enumerate(range(first, first + count)):
            label = model.joint(joint).name or f"{name}_joint_{i}"
            axis, here = np.array(model.jnt_axis[joint]), np.array(model.jnt_pos[joint])
            link = name if i == count - 1 else f"{name}_{i + 1}"
            self._joint(joint, label, parent, link, pose @ _translation(here - anchor) @ self._back(joint, axis), axis)
            if i < count - 1:
                ET.SubElement(self._robot, "link", name=link)
            parent, pose, anchor = link, np.eye(4), here
        return _translation(-anchor)

    def _joint(self, joint: int, label: str, parent: str, child: str, origin: Array, axis: Array) -> None:
        model = self._model
        is_slide = self._slides(joint)
        kind = "prismatic" if is_slide else "revolute" if model.jnt_limited[joint] else "continuous"
        is_ball = int(model.jnt_type[joint]) == int(self._mujoco.mjtJoint.mjJNT_BALL)
        if is_ball or (model.nu and joint not in self._driven and joint not in self._followed):
            kind = "floating"
        element = ET.SubElement(self._robot, "joint", name=label, type=kind)
        _ends(element, parent, child, origin)
        ET.SubElement(element, "axis", xyz=_text(axis))
        limit = {"effort": "0"}
        if model.jnt_limited[joint] and not is_ball:
            limit |= {"lower": repr(float(model.jnt_range[joint, 0])), "upper": repr(float(model.jnt_range[joint, 1]))}
        ET.SubElement(element, "limit", limit)
        if joint in self._followed:
            ET.SubElement(element, "mimic", joint=model.joint(self._followed[joint]).name)

    def _slides(self, joint: int) -> bool:
        return int(self._model.jnt_type[joint]) == int(self._mujoco.mjtJoint.mjJNT_SLIDE)

    def _back(self, joint: int, axis: Array) -> Array:
        """Return the inverse (4, 4) of the motion at the position `ref`, in which the file shows the joint."""
        model = self._model
        if int(model.jnt_type[joint]) == int(self._mujoco.mjtJoint.mjJNT_BALL):
            return np.eye(4)
        ref = float(model.qpos0[model.jnt_qposadr[joint]])
        if self._slides(joint):
            return _translation(-ref * axis)
        quat_wxyz = np.zeros(4)
        self._mujoco.mju_axisAngle2Quat(quat_wxyz, axis, -ref)
        return _pose(self._mujoco, np.zeros(3), quat_wxyz)

    def _inertia(self, link: ET.Element, body: int, own: Array) -> None:
        model = self._model
        if model.body_mass[body] <= 0:
            return
        element = ET.SubElement(link, "inertial")
        _origin(element, own @ _pose(self._mujoco, model.body_ipos[body], model.body_iquat[body]))
        ET.SubElement(element, "mass", value=repr(float(model.body_mass[body])))
        xx, yy, zz = (repr(float(v)) for v in model.body_inertia[body])
        ET.SubElement(element, "inertia", ixx=xx, iyy=yy, izz=zz, ixy="0", ixz="0", iyz="0")

    def _shape(self, link: ET.Element, geom: int, own: Array) -> None:
        """Write a geom: a collision shape if it has contacts, else a visual."""
        model, kinds = self._model, self._mujoco.mjtGeom
        a, b, c = (float(v) for v in model.geom_size[geom])
        shapes = {  # a cylinder of the whole length becomes a capsule again
            kinds.mjGEOM_SPHERE: ("sphere", {"radius": repr(a)}),
            kinds.mjGEOM_CAPSULE: ("cylinder", {"radius": repr(a), "length": repr(2 * (a + b))}),
            kinds.mjGEOM_CYLINDER: ("cylinder", {"radius": repr(a), "length": repr(2 * b)}),
            kinds.mjGEOM_BOX: ("box", {"size": _text(np.array([2 * a, 2 * b, 2 * c]))}),
            kinds.mjGEOM_ELLIPSOID: ("box", {"size": _text(np.array([2 * a, 2 * b, 2 * c]))}),
        }
        pose = own @ _pose(self._mujoco, model.geom_pos[geom], model.geom_quat[geom])
        found = shapes.get(kinds(int(model.geom_type[geom])))
        if int(model.geom_type[geom]) == int(kinds.mjGEOM_MESH):
            found, pose = self._mesh(int(model.geom_dataid[geom]), pose)
        if found is None:
            return
        shape = ET.SubElement(link, COLLISION if model.geom_contype[geom] or model.geom_conaffinity[geom] else VISUAL)
        _origin(shape, pose)
        ET.SubElement(ET.SubElement(shape, "geometry"), *found)

    def _mesh(self, mesh: int, pose: Array) -> tuple[tuple[str, dict[str, str]] | None, Array]:
        """Return the element of a mesh in a file, None for another one, and the pose of the file's axes.

        MuJoCo moves a mesh to its centre of mass and turns it to its principal axes; the geom's pose is that of these.
        """
        model = self._model
        start = int(model.mesh_pathadr[mesh])
        if start < 0:
            return None, pose
        file = model.paths[start:model.paths.index(b"\0", start)].decode()
        centred = _pose(self._mujoco, model.mesh_pos[mesh], model.mesh_quat[mesh])
        return ("mesh", {"filename": str(self._folder / file), "scale": _text(model.mesh_scale[mesh])}), \
            pose @ np.linalg.inv(centred)


def _ends(joint: ET.Element, parent: str, child: str, origin: Array) -> None:
    ET.SubElement(joint, "parent", link=parent)
    ET.SubElement(joint, "child", link=child)
    _origin(joint, origin)


def _origin(element: ET.Element, pose: Array) -> None:
    r = pose[:3, :3]
    pitch = float(np.arctan2(-r[2, 0], np.hypot(r[0, 0], r[1, 0])))
    if np.hypot(r[0, 0], r[1, 0]) > 1e-9:
        roll, yaw = np.arctan2(r[2, 1], r[2, 2]), np.arctan2(r[1, 0], r[0, 0])
    else:  # at a pitch of 90 degrees roll and yaw are the same
        roll, yaw = np.arctan2(-r[1, 2], r[1, 1]), 0.0
    ET.SubElement(element, "origin", xyz=_text(pose[:3, 3]), rpy=_text(np.array([roll, pitch, yaw])))


def _pose(mujoco: Any, position: Array, quat_wxyz: Array) -> Array:
    """Return the (4, 4) pose of a position and an orientation."""
    rotation = np.zeros(9)
    mujoco.mju_quat2Mat(rotation, np.asarray(quat_wxyz, dtype=np.float64))
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation.reshape(3, 3), position
    return pose


def _translation(by: Array) -> Array:
    pose = np.eye(4)
    pose[:3, 3] = by
    return pose


def _text(values: Array) -> str:
    return " ".join(repr(float(v)) for v in values)
