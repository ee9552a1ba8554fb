"""URDF of a robot with a `<ros2_control>` block, and for Gazebo with everything that its physics needs.

    all simulations    block with every movable joint: position command; position and velocity state
    Gazebo             root fixed to the ground; mass, inertia, effort and speed where missing; absolute mesh paths;
                       the plugin that runs the controller manager

Joints without a controller are in the block, too: Gazebo holds them where they are.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.link_poses import link_poses, locked_position
from speech_gesture_ros.robot.package_files import find_file, folders_above, search_folders
from speech_gesture_ros.robot.urdf import MOVING, WORLD, UrdfJoint
from speech_gesture_ros.robot.urdf_shapes import UrdfShape
from speech_gesture_ros.simulators.gazebo_releases import GazeboRelease
from speech_gesture_ros.simulators.inertia import balance_inertia, repair_inertia

DEFAULT_MASS_KG, DEFAULT_INERTIA_KG_M2 = 0.1, 1e-3  # of links that state none and are moved
DEFAULT_EFFORT, DEFAULT_VELOCITY = 500.0, 10.0  # of joints that state none [N m, rad/s]
MAX_NAMES = 6  # in one note
MESH_SUFFIXES = (".stl", ".obj", ".dae", ".glb", ".gltf", ".ply")


@dataclass(frozen=True)
class Hardware:
    """Hardware of a `<ros2_control>` block.

    Attributes:
        plugin: Class name of the plugin.
        parameters: Its parameters.
        only_commanded: True if only the joints that gestures move exist in the simulation.
    """

    plugin: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    only_commanded: bool = False


def ros2_control_urdf(description: RobotDescription, hardware: Hardware, *, gazebo: GazeboRelease | None = None,
                      controllers: str = "", namespace: str = "") -> tuple[str, list[str]]:
    """Return URDF text, and one note for everything that was replaced.

    Args:
        description: The robot.
        hardware: Hardware of the block.
        gazebo: Release of Gazebo; None for a URDF without Gazebo's additions.
        controllers: Path of the controllers' YAML, for Gazebo.
        namespace: Namespace of the controller manager, for Gazebo; "" for none.
    """
    root = ET.fromstring(description.model.urdf.text)
    notes = _remove_old_blocks(root)
    if gazebo is not None:
        notes += _prepare_physics(root, description)
    notes += _make_mesh_paths_absolute(root, description)
    root.append(_control_block(description, hardware, gazebo))
    if gazebo is not None:
        root.append(_gazebo_plugin(gazebo, controllers, namespace))
    ET.indent(root)
    head = f"<!-- {description.name} with ros2_control, written by `speech-gesture robot ros2_control`. -->"
    return f'<?xml version="1.0"?>\n{head}\n{ET.tostring(root, encoding="unicode")}\n', notes


# --- the block --------------------------------------------------------------------------------------------------


def _control_block(description: RobotDescription, hardware: Hardware, gazebo: GazeboRelease | None) -> ET.Element:
    block = ET.Element("ros2_control", name=description.name, type="system")
    element = ET.SubElement(block, "hardware")
    ET.SubElement(element, "plugin").text = hardware.plugin
    for key, value in hardware.parameters.items():
        ET.SubElement(element, "param", name=key).text = value
    start = dict(zip(description.joint_names, description.rest_q.tolist()))
    joints = {joint.name: joint for joint in description.model.urdf.joints if joint.kind in MOVING}
    for joint in joints.values():
        is_driven = joint.mimic is None
        if hardware.only_commanded and joint.name not in start:
            continue
        entry = ET.SubElement(block, "joint", name=joint.name)
        if is_driven:
            ET.SubElement(entry, "command_interface", name="position")
        elif gazebo is not None and gazebo.mimic_is_parameter:
            _add_mimic_parameters(entry, joint, description)
        state = ET.SubElement(entry, "state_interface", name="position")
        if is_driven:
            value = start.get(joint.name, locked_position(joint))
            ET.SubElement(state, "param", name="initial_value").text = f"{round(value, 3) + 0.0:g}"  # +0.0: no "-0"
        ET.SubElement(entry, "state_interface", name="velocity")
    return block


def _add_mimic_parameters(entry: ET.Element, joint: UrdfJoint, description: RobotDescription) -> None:
    element = next(e for e in ET.fromstring(description.model.urdf.text).iter("joint") if e.get("name") == joint.name)
    mimic = element.find("mimic")
    ET.SubElement(entry, "param", name="mimic").text = joint.mimic
    ET.SubElement(entry, "param", name="multiplier").text = "1" if mimic is None else mimic.get("multiplier", "1")


def _gazebo_plugin(gazebo: GazeboRelease, controllers: str, namespace: str) -> ET.Element:
    extension = ET.Element("gazebo")
    plugin = ET.SubElement(extension, "plugin", filename=gazebo.control_library, name=gazebo.control_class)
    ET.SubElement(plugin, "parameters").text = controllers
    if namespace.strip("/"):
        ET.SubElement(ET.SubElement(plugin, "ros"), "namespace").text = f"/{namespace.strip('/')}"
    return extension


def _remove_old_blocks(root: ET.Element) -> list[str]:
    """Remove ros2_control blocks, transmissions, and Gazebo plugins that run a controller manager."""
    old = root.findall("ros2_control") + root.findall("transmission")
    old += [e for e in root.findall("gazebo")
            if any("ros_control" in p.get("filename", "") or "ros2_control" in p.get("filename", "")
                   for p in e.findall("plugin"))]
    for element in old:
        root.remove(element)
    kinds = sorted({element.tag for element in old})
    return [f"replaced {len(old)} element(s) of the URDF: {', '.join(kinds)}"] if old else []


# --- physics ----------------------------------------------------------------------------------------------------


def _prepare_physics(root: ET.Element, description: RobotDescription) -> list[str]:
    links = {link.get("name", ""): link for link in root.findall("link")}
    notes = []
    if description.model.urdf.root != WORLD:
        _fix_to_ground(root, description)
    for text, names in (
            (f"mass of {DEFAULT_MASS_KG:g} kg assumed", _add_masses(links, description)),
            ("inertia is not physical and was replaced",
             [n for n, link in links.items() if repair_inertia(link) | balance_inertia(link)]),
            (f"effort or speed limit assumed: {DEFAULT_EFFORT:g} N m, {DEFAULT_VELOCITY:g} rad/s", _add_limits(root)),
            ("floating or planar joint fixed", _fix_floating_joints(root)),
            ("link renamed to <name>_link, a joint has its name", _rename_links(root))):
        if names:
            notes.append(f"{text}: {_shortened(names)}")
    return notes


def _shortened(names: list[str]) -> str:
    """Return at most `MAX_NAMES` names as text."""
    more = len(names) - MAX_NAMES
    return ", ".join([*names[:MAX_NAMES], *([f"and {more} more"] if more > 0 else [])])


def _add_masses(links: Mapping[str, ET.Element], description: RobotDescription) -> list[str]:
    """Add a small mass to rigid bodies that have none, and remove inertials of mass zero from the links of others.

    SDFormat leaves bodies without a mass out, and all that they carry; joined links of mass zero make its poses NaN.
    """
    tree, urdf, added = description.model.tree, description.model.urdf, []
    for link in links.values():
        inertial = link.find("inertial")
        if inertial is not None and _mass(link) <= 0:
            link.remove(inertial)
    bodies = [urdf.root, *(joint.child for joint in urdf.joints if joint.kind != "fixed")]
    for body in bodies:
        if body == WORLD or any(_mass(links[link]) > 0 for link in tree.rigid_links(body)):
            continue
        inertial = ET.SubElement(links[body], "inertial")
        ET.SubElement(inertial, "mass", value=f"{DEFAULT_MASS_KG:g}")
        moment = f"{DEFAULT_INERTIA_KG_M2:g}"
        ET.SubElement(inertial, "inertia", ixx=moment, iyy=moment, izz=moment, ixy="0", ixz="0", iyz="0")
        added.append(body)
    return added


def _mass(link: ET.Element) -> float:
    mass = link.find("inertial/mass")
    return 0.0 if mass is None else float(mass.get("value", "0"))


def _add_limits(root: ET.Element) -> list[str]:
    """Replace efforts and speeds of zero, with which a joint cannot move."""
    changed = []
    for joint in root.findall("joint"):
        if joint.get("type") not in MOVING:
            continue
        limit = joint.find("limit")
        if limit is None:
            limit = ET.SubElement(joint, "limit")
        for key, value in (("effort", DEFAULT_EFFORT), ("velocity", DEFAULT_VELOCITY)):
            if float(limit.get(key, "0")) <= 0:
                limit.set(key, f"{value:g}")
                changed.append(joint.get("name", ""))
    return list(dict.fromkeys(changed))


def _fix_floating_joints(root: ET.Element) -> list[str]:
    found = [joint for joint in root.findall("joint") if joint.get("type") in ("floating", "planar")]
    for joint in found:
        joint.set("type", "fixed")
    return [joint.get("name", "") for joint in found]


def _rename_links(root: ET.Element) -> list[str]:
    """Rename links with the name of a joint, which SDFormat refuses."""
    names = {joint.get("name") for joint in root.findall("joint")}
    found = [link.get("name", "") for link in root.findall("link") if link.get("name") in names]
    for element in root.iter():
        for key in {"link": ("name",), "parent": ("link",), "child": ("link",), "gazebo": ("reference",)}.get(
                element.tag, ()):
            if element.get(key) in found:
                element.set(key, f"{element.get(key)}_link")
    return found


def _fix_to_ground(root: ET.Element, description: RobotDescription) -> None:
    """Add the link `world` and a joint that puts the robot's lowest known point on the ground."""
    root.insert(0, ET.Element("link", name=WORLD))
    joint = ET.Element("joint", name=f"{WORLD}_to_{description.model.urdf.root}", type="fixed")
    ET.SubElement(joint, "parent", link=WORLD)
    ET.SubElement(joint, "child", link=description.model.urdf.root)
    ET.SubElement(joint, "origin", xyz=f"0 0 {-_lowest(description):.4f}", rpy="0 0 0")
    root.insert(1, joint)


def _lowest(description: RobotDescription) -> float:
    """Return the height of the lowest link origin or primitive collision shape, joints locked [m]."""
    urdf = description.model.urdf
    poses = {link: pose for link, (_, pose) in link_poses(urdf)[0].items()}
    heights = [float(pose[2, 3]) for pose in poses.values()]
    heights += [_lowest_of(shape, poses[shape.link] @ shape.origin) for shape in urdf.shapes]
    return min(heights)


def _lowest_of(shape: UrdfShape, pose: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    if shape.kind == "box":
        half = np.array(shape.size) / 2
    elif shape.kind == "sphere":
        return float(pose[2, 3]) - shape.size[0]
    else:
        radius, length = shape.size
        half = np.array([radius, radius, length / 2 + (radius if shape.kind == "capsule" else 0.0)])
    return float(pose[2, 3] - np.abs(pose[2, :3]) @ half)


# --- meshes -----------------------------------------------------------------------------------------------------


def _make_mesh_paths_absolute(root: ET.Element, description: RobotDescription) -> list[str]:
    """Replace mesh paths that can be found by file:// paths, which need no search path."""
    source = description.model.urdf.file
    folders = search_folders(folders_above(source) if source is not None else ())
    missing: list[str] = []
    for mesh in root.iter("mesh"):
        reference = mesh.get("filename", "")
        path = find_file(reference, folders, MESH_SUFFIXES)
        if path is None:
            missing.append(reference)
        else:
            mesh.set("filename", f"file://{path.resolve()}")
    return [_missing_note(missing)] if missing else []


def _missing_note(missing: Iterable[str]) -> str:
    names = list(dict.fromkeys(missing))
    return f"{len(names)} mesh file(s) not found, such as {names[0]}: simulators show nothing there"
