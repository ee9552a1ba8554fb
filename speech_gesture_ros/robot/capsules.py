"""Capsules that stand for the robot's body, and the pairs of them that must stay apart.

From the URDF's collision shapes where a link has them, primitives and meshes; else, on the trunk, the arms and the
head, from where its joints lie: bones between joint origins, as thick as bodies of that size are.

    sphere, capsule   as they are
    cylinder          a capsule of its length and radius (a disc: a sphere of its radius)
    box               capsules side by side along its longest edge
    mesh              up to four capsules that contain it, see `mesh_capsules`
    hand              of many shapes: up to four that contain all of them

A pair is watched if the two are not on neighbouring links, do not touch wherever the joints stand (then they are built
into each other), and are clear of each other in the rest pose. What is NOT watched, a note names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.arm_points import wrist_point
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import ArmLinks, BodyLinks, Capsule, JointLimits
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.mesh_capsules import enclosing_capsules
from speech_gesture_ros.robot.mesh_files import SUFFIXES, load_triangles
from speech_gesture_ros.robot.package_files import find_file
from speech_gesture_ros.robot.reach import touchable
from speech_gesture_ros.robot.srdf import AllowedContacts
from speech_gesture_ros.robot.urdf import Urdf, UrdfMesh, UrdfShape

Array = npt.NDArray[np.float64]
MAX_SIDE_BY_SIDE = 4
FEW_SHAPES = 3  # a hand of more shapes or meshes is taken as a whole
REST_CLEARANCE_M = 0.01  # pairs nearer than this touch
SAMPLES, BUILT_IN = 40, 0.5  # random configurations, and the share of them in which parts built together touch
HUMAN_ARM_M = 0.53  # shoulder to wrist of the skeleton, for which the thicknesses below are [m]
BONE_RADIUS_M, TRUNK_RADIUS_M, HEAD_RADIUS_M = 0.045, 0.10, 0.10


def body_capsules(urdf: Urdf, kinematics: Kinematics, body: BodyLinks, notes: list[str],
                  folders: Sequence[Path] = ()) -> tuple[Capsule, ...]:
    """Capsules of all links; adds to `notes` which were guessed.

    Args:
        urdf: The robot.
        kinematics: It stands at zero.
        body: Where the body parts are.
        notes: Gets a line if meshes were read, or are missing, and if capsules were guessed.
        folders: Where to look for meshes.
    """
    missing: dict[int, str] = {}  # body to the first of its meshes that could not be read
    found: dict[str, list[Array]] = {}  # link to (F, 3, 3) triangles in its frame
    whole = _whole_bodies(urdf, kinematics)

    def join_whole(link: str, triangles: Array) -> bool:
        """Add triangles of a link to its body's, if that is taken as a whole: all in the frame of one link."""
        body_of_link, pose = kinematics.placement[link]
        if body_of_link in whole:
            carrier = whole[body_of_link]
            pose = np.linalg.inv(kinematics.placement[carrier][1]) @ pose
            found.setdefault(carrier, []).append(triangles @ pose[:3, :3].T + pose[:3, 3])
        return body_of_link in whole

    known = [c for shape in urdf.shapes if not join_whole(shape.link, _box_around(shape))
             for c in shape_capsules(shape)]
    read = 0
    for mesh in urdf.meshes:
        triangles, fault = _read_mesh(mesh, folders)
        read += not fault
        if fault:
            missing.setdefault(kinematics.placement[mesh.link][0], fault)
        elif not join_whole(mesh.link, triangles):
            known += _fitted(mesh.link, [triangles])
    known += [c for link, parts in found.items() for c in _fitted(link, parts)]
    if read:
        notes.append("collision meshes read")
    if found:
        notes.append(f"hands taken as a whole: {len(found)}")
    if missing:
        notes.append(f"collision meshes of {_parts(len(missing))} could not be read, the first: "
                     f"{next(iter(missing.values()))}")
    covered = {kinematics.placement[c.link][0] for c in known} - set(missing)
    guessed = [c for c in _guess(urdf, kinematics, body) if kinematics.placement[c.link][0] not in covered]
    if guessed:
        notes.append(f"collision shapes of {_parts(len(guessed))} of the upper body are not known: their capsules are "
                     "guessed from where the joints lie")
    return tuple(known + guessed)


def _parts(count: int) -> str:
    return f"{count} part{'s' * (count != 1)}"


def _whole_bodies(urdf: Urdf, kinematics: Kinematics) -> dict[int, str]:
    """Moved bodies at the end of a chain with many shapes, hands: each with the link that stands for it."""
    links: dict[int, list[str]] = {}
    for link in [*(shape.link for shape in urdf.shapes), *(mesh.link for mesh in urdf.meshes)]:
        links.setdefault(kinematics.placement[link][0], []).append(link)
    carrying = {kinematics.placement[j.parent][0] for j in urdf.joints if j.name in kinematics.joint_names} | {0}
    return {body: names[0] for body, names in links.items() if len(names) > FEW_SHAPES and body not in carrying}


def _box_around(shape: UrdfShape) -> Array:
    """(12, 3, 3) triangles of the box around a primitive, in its link's frame."""
    across = shape.size[0]
    size = {"sphere": [2 * across] * 3, "capsule": [2 * across, 2 * across, shape.size[-1] + 2 * across],
            "cylinder": [2 * across, 2 * across, shape.size[-1]], "box": shape.size}[shape.kind]
    corners = (np.indices((2, 2, 2)).reshape(3, 8).T - 0.5) * np.array(size)  # the bits of 0 to 7 are z, y, x
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = corners[np.array([t for a, b, c, d in faces for t in ((a, b, c), (a, c, d))])]
    return np.asarray(triangles @ shape.origin[:3, :3].T + shape.origin[:3, 3])


def _read_mesh(mesh: UrdfMesh, folders: Sequence[Path]) -> tuple[Array, str]:
    """The triangles (F, 3, 3) of one mesh in its link's frame, or why there are none."""
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
    return [_capsule(link, start, stop, radius) for start, stop, radius in enclosing_capsules(np.concatenate(parts))
            if radius > 1e-4]


def shape_capsules(shape: UrdfShape) -> list[Capsule]:
    """One primitive as capsules in its link's frame."""
    if shape.kind == "sphere":
        return _lying(shape, [np.zeros(3)], np.zeros(3), shape.size[0])
    if shape.kind == "capsule":
        return _lying(shape, [np.zeros(3)], np.array([0, 0, shape.size[1] / 2]), shape.size[0])
    if shape.kind == "cylinder":
        radius, half = shape.size[0], shape.size[1] / 2
        if half <= radius:
            return _lying(shape, [np.zeros(3)], np.zeros(3), radius)
        return _lying(shape, [np.zeros(3)], np.array([0, 0, half - radius]), radius)
    thin, wide, long = np.argsort(shape.size, kind="stable")
    sizes = np.array(shape.size)
    count = int(np.clip(np.ceil(sizes[wide] / max(sizes[thin], 1e-3) - 0.3), 1, MAX_SIDE_BY_SIDE))
    radius = max(sizes[thin] / 2, sizes[wide] / (2 * count)) if count > 1 else 0.25 * (sizes[thin] + sizes[wide])
    spread = (np.arange(count) - (count - 1) / 2) * (max(sizes[wide] - 2 * radius, 0.0) / max(count - 1, 1))
    half_axis = np.eye(3)[long] * max(sizes[long] / 2 - radius, 0.0)
    return _lying(shape, [np.eye(3)[wide] * s for s in spread], half_axis, radius)


def _lying(shape: UrdfShape, centres: list[Array], half_axis: Array, radius: float) -> list[Capsule]:
    rotation, origin = shape.origin[:3, :3], shape.origin[:3, 3]
    return [_capsule(shape.link, rotation @ (c - half_axis) + origin, rotation @ (c + half_axis) + origin, radius)
            for c in centres if radius > 1e-4]


def _capsule(link: str, start: Array, stop: Array, radius: float) -> Capsule:
    ends = [(float(p[0]), float(p[1]), float(p[2])) for p in (start, stop)]
    return Capsule(link, ends[0], ends[1], float(radius))


# --- guesses ----------------------------------------------------------------------------------------------------


def _guess(urdf: Urdf, kinematics: Kinematics, body: BodyLinks) -> list[Capsule]:
    """Bones from joint to joint; `kinematics` stands at zero."""
    def origin(link: str) -> Array:
        return np.asarray(kinematics.positions(kinematics.points([link], np.zeros((1, 3))))[0])

    def bone(link: str, start: Array, stop: Array, radius: float) -> Capsule:
        rotation, at = kinematics.rotation(link).T, origin(link)
        return _capsule(link, rotation @ (start - at), rotation @ (stop - at), radius)

    capsules: list[Capsule] = []
    arms = [a for a in (body.left_arm, body.right_arm) if a is not None]
    if len(arms) < 2:
        return capsules
    scale = np.mean([_arm_length(origin, a) for a in arms]) / HUMAN_ARM_M
    shoulders = [origin(a.shoulder) for a in arms]
    width = float(np.linalg.norm(shoulders[0] - shoulders[1]))
    neck = 0.5 * (shoulders[0] + shoulders[1])
    trunk_radius = min(TRUNK_RADIUS_M * scale, 0.3 * width)
    foot = neck - np.array([0, 0, 0.42 * scale])
    capsules.append(bone(body.torso, neck - np.array([0, 0, trunk_radius]), foot, trunk_radius))
    for arm in arms:
        link_of_wrist, offset = wrist_point(urdf, kinematics, arm)
        wrist = np.asarray(kinematics.positions(kinematics.points([link_of_wrist], offset[None]))[0])
        places = [(arm.shoulder, origin(arm.elbow)), (arm.elbow, wrist)]
        places += [(arm.wrist, origin(arm.hand))] if arm.hand is not None else []
        for link, stop in places:
            start = origin(link)
            if np.linalg.norm(stop - start) > 0.02:
                along = (stop - start) * (0.15 if link == arm.shoulder else 0.0)
                capsules.append(bone(link, start + along, stop, BONE_RADIUS_M * scale))
    if body.head is not None:
        radius = HEAD_RADIUS_M * min(scale, 1.2)
        centre = origin(body.head) + np.array([0, 0, 0.5 * radius])
        capsules.append(bone(body.head, centre, centre, radius))
    return capsules


def _arm_length(origin: Callable[[str], Array], arm: ArmLinks) -> float:
    places = [origin(n) for n in (arm.shoulder, arm.elbow, arm.wrist)]
    return float(np.linalg.norm(places[1] - places[0]) + np.linalg.norm(places[2] - places[1]))


# --- pairs ----------------------------------------------------------------------------------------------------


def candidate_pairs(urdf: Urdf, kinematics: Kinematics, capsules: tuple[Capsule, ...], contacts: AllowedContacts,
                    limits: JointLimits) -> list[tuple[int, int]]:
    """Pairs on links that can move against each other, are not neighbours, may not touch, and somewhere could."""
    bodies = [kinematics.placement[c.link][0] for c in capsules]
    solid = {link for link in urdf.solid if link in kinematics.placement}
    # A capsule that is guessed, or of a hand as a whole, stands for all links with a shape that move with its own.
    whole = _whole_bodies(urdf, kinematics).values()
    stands_for = [{c.link} if c.link in solid and c.link not in whole
                  else {n for n in solid if kinematics.placement[n][0] == body} or {c.link}
                  for c, body in zip(capsules, bodies)]

    def may_touch(i: int, j: int) -> bool:
        return all(contacts.allows(a, b) for a in stands_for[i] for b in stands_for[j])

    pairs = [(i, j) for i in range(len(capsules)) for j in range(i + 1, len(capsules))
             if bodies[i] != bodies[j] and not kinematics.are_neighbours(bodies[i], bodies[j]) and not may_touch(i, j)]
    return touchable(kinematics, limits, capsules, pairs)


def separable_pairs(kinematics: Kinematics, capsules: tuple[Capsule, ...], pairs: list[tuple[int, int]],
                    limits: JointLimits) -> list[tuple[int, int]]:
    """Those pairs that are apart at zero, or in many configurations: others are built into each other."""
    if not pairs:
        return []
    random, checked = np.random.default_rng(0), CapsulePairs(kinematics, capsules, pairs)
    configurations = [np.clip(np.zeros(len(limits)), limits.lower, limits.upper)]
    configurations += [random.uniform(limits.lower, limits.upper) for _ in range(SAMPLES)]
    touches = np.zeros((len(configurations), len(pairs)), dtype=bool)
    for row, q in zip(touches, configurations):
        kinematics.update(q)
        row[checked.near(REST_CLEARANCE_M).pair] = True
    is_built_in = touches[0] & (touches[1:].mean(axis=0) > BUILT_IN)
    return [pair for pair, is_one in zip(pairs, is_built_in) if not is_one]


def unwatched_note(capsules: tuple[Capsule, ...], pairs: list[tuple[int, int]], kept: list[tuple[int, int]]
                   ) -> list[str]:
    """One line that names the links whose pairs were left out; none if all are kept."""
    lost = {" and ".join((capsules[a].link, capsules[b].link)) for a, b in set(pairs) - set(kept)}
    return [f"self-collision NOT watched, they touch always or at rest: {'; '.join(sorted(lost))}"] if lost else []


def clear_pairs(kinematics: Kinematics, capsules: tuple[Capsule, ...], pairs: list[tuple[int, int]], q: Array
                ) -> list[tuple[int, int]]:
    """Those pairs that are apart in a configuration."""
    if not pairs:
        return []
    kinematics.update(q)
    touching = set(CapsulePairs(kinematics, capsules, pairs).near(REST_CLEARANCE_M).pair.tolist())
    return [pair for i, pair in enumerate(pairs) if i not in touching]
