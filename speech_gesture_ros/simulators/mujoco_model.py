"""MuJoCo model of a robot from its URDF: fixed base, visuals, commanded joints, floor and lights.

URDFs have defects that MuJoCo does not accept. They are handled in this order:

    mesh that cannot be found or read,
    shape without a size                ──►  removed; the link shows its capsules instead
    link without visuals                ──►  shows its collision shapes, else its capsules, else nothing; shoulders,
                                             palms and faces get simple shapes (`stand_ins`)
    collision shapes                    ──►  removed: self-contact is checked with the capsules and pairs of the
                                             description, as in the motion planner
    joint that is not commanded         ──►  fixed at its zero position
    floating base                       ──►  fixed to the world
    inertia that is not physical        ──►  replaced by the nearest physical one

The floor lies under the lowest visible point. Everything that depends on size scales with the robot.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.mesh_files import mujoco_bytes
from speech_gesture_ros.robot.mjcf import import_mujoco
from speech_gesture_ros.robot.package_files import find_file, search_folders
from speech_gesture_ros.simulators.inertia import repair_inertia
from speech_gesture_ros.simulators.stand_ins import show_stand_ins

PURPOSE = "The simulated robot"  # what mujoco is needed for
ARMATURE_KG_M2 = 0.02  # reflected rotor inertia of a geared servo; keeps light wrist links well conditioned
MESH_SUFFIXES = (".stl", ".obj")  # what MuJoCo reads
SIZE_ATTRIBUTES = ("size", "radius", "length")
MIN_LENGTH_M = 1e-6  # shorter capsules are spheres
FALLBACK_RGBA = (0.72, 0.74, 0.78, 1.0)
HORIZON_RGBA = (0.80, 0.825, 0.85, 1.0)  # colour of floor and sky at the horizon
OFFSCREEN_SIZE = (1920, 1080)  # largest picture that can be rendered [pixels]


def build_robot_spec(description: RobotDescription, mesh_folders: Iterable[Path] = ()) -> Any:
    """Return an editable MuJoCo model of a robot, without actuators.

    Args:
        description: The robot; its `joint_names` stay movable, all other joints are fixed.
        mesh_folders: Folders in which meshes are searched, besides ROS package paths in the environment.

    Returns:
        A `mujoco.MjSpec` with the robot, capsules for self-contact, floor, lights.

    Raises:
        RobotError: If MuJoCo does not accept the URDF.
    """
    mujoco = import_mujoco(PURPOSE)
    text, meshes = _prepare_urdf(description, search_folders(mesh_folders))
    try:
        spec = mujoco.MjSpec.from_string(text, assets=meshes)
    except ValueError as error:
        raise RobotError(f"URDF of {description.name}", str(error), "readable by MuJoCo",
                         "Correct the named element.") from error
    _fix_other_joints(spec, description)
    show_stand_ins(spec, description, _add_capsules(spec, description), FALLBACK_RGBA)
    _compile(spec, description)  # reports broken geometry before the scene is added
    _add_scene(spec, _visible_bounds(spec.compile(), mujoco))
    return spec


def _compile(spec: Any, description: RobotDescription) -> Any:
    try:
        return spec.compile()
    except ValueError as error:
        raise RobotError(f"URDF of {description.name}", str(error), "simulated by MuJoCo",
                         "Correct the named element.") from error


# --- URDF text ------------------------------------------------------------------------------------------------


def _prepare_urdf(description: RobotDescription, folders: list[Path]) -> tuple[str, dict[str, bytes]]:
    """Return URDF text that MuJoCo accepts, and the meshes it names."""
    root = ET.fromstring(description.model.urdf.text)
    meshes: dict[str, bytes] = {}
    for link in root.iter("link"):
        shapes = link.findall("visual") or [_as_visual(c) for c in link.findall("collision")]
        for old in link.findall("visual") + link.findall("collision"):
            link.remove(old)
        link.extend(s for s in shapes if _has_usable_geometry(s, folders, meshes))
        repair_inertia(link)
    for parent, tags in ((root, ("mujoco", "transmission", "gazebo", "ros2_control")),
                         *((joint, ("dynamics", "mimic", "safety_controller", "calibration"))
                           for joint in root.iter("joint"))):
        for element in [e for e in parent if e.tag in tags]:
            parent.remove(element)
    extension = ET.SubElement(root, "mujoco")
    ET.SubElement(extension, "compiler", {
        "discardvisual": "false", "fusestatic": "false", "strippath": "false", "autolimits": "true",
        "balanceinertia": "true", "boundmass": "1e-3", "boundinertia": "1e-5",
    })
    return ET.tostring(root, encoding="unicode"), meshes


def _as_visual(collision: ET.Element) -> ET.Element:
    collision.tag = "visual"
    return collision


def _has_usable_geometry(visual: ET.Element, folders: list[Path], meshes: dict[str, bytes]) -> bool:
    mesh = visual.find("geometry/mesh")
    if mesh is None:
        shapes = [shape for geometry in visual.findall("geometry") for shape in geometry]
        sizes = [float(text) for shape in shapes for key in SIZE_ATTRIBUTES for text in shape.get(key, "").split()]
        return bool(sizes) and all(size > 0 for size in sizes)
    path = find_file(mesh.get("filename", ""), folders, MESH_SUFFIXES)
    content = mujoco_bytes(path) if path is not None else None
    if path is None or content is None:
        return False
    name = f"{len(meshes)}_{path.stem}{path.suffix.lower()}"  # unique: two folders may hold files of one name
    meshes[name] = content
    mesh.set("filename", name)
    return True


# --- MuJoCo model ---------------------------------------------------------------------------------------------


def _fix_other_joints(spec: Any, description: RobotDescription) -> None:
    moved = set(description.joint_names)
    missing = moved - {joint.name for joint in spec.joints}
    if missing:
        raise RobotError(f"joints of {description.name}", sorted(missing), "in its URDF", "Correct the profile.")
    for joint in list(spec.joints):
        if joint.name not in moved:
            spec.delete(joint)
        else:
            joint.armature = ARMATURE_KG_M2
    for equality in list(spec.equalities):  # mimic joints are fixed, too
        spec.delete(equality)
    for body in spec.bodies:
        body.gravcomp = 1.0  # the servos of a robot compensate its weight


def _add_capsules(spec: Any, description: RobotDescription) -> set[str]:
    """Add shapes for self-contact, visible on links without visuals.

    Returns:
        Links with visuals.
    """
    mujoco = import_mujoco(PURPOSE)
    visible = {body.name for body in spec.bodies if len(body.geoms) > 0}
    for geom in spec.geoms:
        geom.contype = geom.conaffinity = 0
    for i, capsule in enumerate(description.capsules):
        body = spec.body(capsule.link)
        if body is None:
            raise RobotError(f"link of capsule {i}", capsule.link, "in the URDF", "Correct the profile.")
        is_sphere = np.linalg.norm(np.subtract(capsule.start, capsule.stop)) < MIN_LENGTH_M
        geom = body.add_geom(name=f"capsule_{i}", contype=0, conaffinity=0, mass=0.0, rgba=FALLBACK_RGBA,
                             group=1 if capsule.link not in visible else 4)
        geom.type = mujoco.mjtGeom.mjGEOM_SPHERE if is_sphere else mujoco.mjtGeom.mjGEOM_CAPSULE
        geom.size[0] = capsule.radius
        if is_sphere:
            geom.pos = capsule.start
        else:
            geom.fromto = (*capsule.start, *capsule.stop)
    for first, second in description.collision_pairs:
        spec.add_pair(geomname1=f"capsule_{first}", geomname2=f"capsule_{second}", condim=1)
    return visible


def _visible_bounds(model: Any, mujoco: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the lowest and the highest corner (3,) of all visible shapes in the zero pose [m]."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    visible = [i for i in range(model.ngeom) if model.geom_group[i] <= 2]
    if not visible:
        return np.array([-0.3, -0.3, 0.0]), np.array([0.3, 0.3, 1.0])
    corners = []
    for i in visible:
        centre, half = model.geom_aabb[i][:3], model.geom_aabb[i][3:]
        rotation = data.geom_xmat[i].reshape(3, 3)
        middle = data.geom_xpos[i] + rotation @ centre
        extent = np.abs(rotation) @ half
        corners += [middle - extent, middle + extent]
    return np.min(corners, axis=0), np.max(corners, axis=0)


def _add_scene(spec: Any, bounds: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]) -> None:
    """Add floor, sky and two lights, sized to the robot, in soft colours that contrast with the limbs."""
    mujoco = import_mujoco(PURPOSE)
    lower, upper = bounds
    height = max(float(upper[2] - lower[2]), 0.1)
    spec.add_texture(name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX, width=64, height=384,
                     builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT, rgb1=(0.95, 0.96, 0.97),
                     rgb2=HORIZON_RGBA[:3])
    spec.add_material(name="floor", rgba=(0.80, 0.82, 0.845, 1.0), specular=0.0, shininess=0.0)
    spec.worldbody.add_geom(name="floor", type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 0.05), material="floor",
                            pos=(0, 0, lower[2]), contype=0, conaffinity=0)
    spec.worldbody.add_light(name="key", pos=(2.2 * height, -0.8 * height, lower[2] + 2.2 * height),
                             dir=(-1.7, 0.95, -1.9), type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
                             diffuse=(0.58, 0.57, 0.55), specular=(0.15, 0.15, 0.15), castshadow=False)
    spec.worldbody.add_light(name="fill", pos=(1.5 * height, 2.5 * height, lower[2] + 1.5 * height),
                             dir=(-1.0, -1.6, -0.6), type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
                             diffuse=(0.22, 0.24, 0.27), specular=(0.0, 0.0, 0.0), castshadow=False)
    spec.visual.headlight.ambient = (0.38, 0.38, 0.39)
    spec.visual.headlight.diffuse = (0.12, 0.12, 0.12)
    spec.visual.headlight.specular = (0.0, 0.0, 0.0)
    spec.visual.quality.offsamples = 4
    spec.visual.global_.offwidth, spec.visual.global_.offheight = OFFSCREEN_SIZE
    spec.visual.map.haze = 0.55
    spec.visual.rgba.haze = HORIZON_RGBA
