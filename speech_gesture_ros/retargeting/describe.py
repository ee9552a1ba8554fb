"""Description of any robot from its URDF or MJCF, and a profile if there is one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.retargeting.clearance_poses import clearance_poses
from speech_gesture_ros.retargeting.gesture_size import gesture_size
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.rest_pose import find_rest, hanging_poses
from speech_gesture_ros.retargeting.trial_poses import SIDES, arm_joints, best_start
from speech_gesture_ros.robot.anatomy import Anatomy, find_anatomy
from speech_gesture_ros.robot.body_parts import body_parts, must_be_apart
from speech_gesture_ros.robot.bones import find_bones
from speech_gesture_ros.robot.capsule_surplus import pair_surplus
from speech_gesture_ros.robot.capsules import body_capsules
from speech_gesture_ros.robot.collision_pairs import candidate_pairs, clear_pairs, separable_pairs, unchecked_notes
from speech_gesture_ros.robot.commands import NOT_COMMANDED
from speech_gesture_ros.robot.description import JointLimits, RobotDescription
from speech_gesture_ros.robot.fingers import joints_beyond
from speech_gesture_ros.robot.limits import joint_limits as find_limits
from speech_gesture_ros.robot.model import RobotModel, load_model
from speech_gesture_ros.robot.profile import Profile, load_profile
from speech_gesture_ros.robot.robot_files import read_robot_files
from speech_gesture_ros.robot.urdf import Urdf

Array = npt.NDArray[np.float64]


def describe_robot(robot: RobotModel | str | Path, profile: Profile | Path | str | None = None,
                   joint_limits: str | Path | None = None, srdf: str | Path | None = None) -> RobotDescription:
    """Describe a robot.

    Args:
        robot: Its model; or URDF text, or the path of a URDF or MJCF file.
        profile: Overrides of what is found: a `Profile`, its path or its name; None: everything is found in the URDF.
        joint_limits: `joint_limits` YAML of ros2_control or MoveIt, with priority over the URDF.
        srdf: SRDF, text or path, with pairs of links that may touch; None: robot.srdf beside robot.urdf, if any.

    Raises:
        RobotError: If the URDF or SRDF cannot be read, is not one tree with finite numbers, or has no two arms.
        ConfigError: If the profile or the limits have unknown keys or name joints that the robot does not have.
    """
    model = robot if isinstance(robot, RobotModel) else load_model(robot)
    urdf = model.urdf
    settings = profile if isinstance(profile, Profile) else load_profile(profile) if profile else Profile(urdf.name)
    anatomy = find_anatomy(model.tree)
    notes = list(anatomy.notes)
    groups = _groups(anatomy, settings, urdf)
    joints = {j.name: j for j in urdf.joints}
    names = tuple(n for group in groups.values() for n in group)
    files = read_robot_files(urdf, settings, joint_limits, srdf, notes)
    limits = find_limits([joints[n] for n in names], settings.envelope, notes, files.limits)
    kinematics = model.kinematics(names)
    surfaces = model.collision_surfaces()
    warnings = [*model.warnings, *surfaces.warnings]
    notes += surfaces.notes
    fitted = body_capsules(model, kinematics, anatomy.body, surfaces, notes)
    capsules = tuple(f.capsule for f in fitted)
    parts = body_parts(model.tree, find_bones(model.tree, kinematics, anatomy.body))
    candidates = candidate_pairs(urdf, kinematics.model, capsules, files.contacts, limits)
    zero = np.clip(np.zeros(len(names)), limits.lower, limits.upper)
    found = RobotDescription(name=settings.name, model=model, joint_names=names, limits=limits, rest_q=zero,
                             groups=groups, body=anatomy.body, capsules=capsules)
    found = dataclasses.replace(found, thumbs=find_thumbs(found))
    found = dataclasses.replace(found, rest_q=best_start(found))
    grave = [(a, b) for a, b in candidates if must_be_apart(parts[capsules[a].link], parts[capsules[b].link])]
    loose = [(a, b) for a, b in candidates if not (fitted[a].is_exact and fitted[b].is_exact)]
    usual = hanging_poses(found) if loose else []
    surplus = pair_surplus(kinematics, fitted, sorted(set(loose) & set(grave)), limits, usual)
    pairs = separable_pairs(kinematics, capsules, candidates, limits, surplus)
    found = dataclasses.replace(found, collision_pairs=tuple(pairs), pair_surplus=surplus)
    rest, how_it_rests = find_rest(found, grave)
    rest = _override(rest, names, settings, limits)
    kept = clear_pairs(kinematics, capsules, pairs, rest, surplus)
    lost = sorted(set(loose) - set(grave) - set(kept))
    surplus |= pair_surplus(kinematics, fitted, lost, limits, [*usual, rest])
    found_apart = separable_pairs(kinematics, capsules, lost, limits, surplus)
    kept = sorted([*kept, *clear_pairs(kinematics, capsules, found_apart, rest, surplus)])
    unchecked = unchecked_notes(capsules, sorted(set(candidates) - set(kept)), parts)
    notes += unchecked[0]
    warnings += unchecked[1]
    notes.append(f"rest pose: {how_it_rests}")
    topics = {group: settings.controller_topic(group) for group in groups}
    size = settings.gesture_size
    if size is None:
        size = gesture_size(limits, np.concatenate([arm_joints(found, side) for side in SIDES]), notes)
    found = dataclasses.replace(found, rest_q=rest, topics=topics, commands=settings.commands,
                                collision_pairs=tuple(kept), pair_surplus=surplus, notes=tuple(notes),
                                warnings=tuple(warnings), gesture_size=size)
    return dataclasses.replace(found, clearance_poses=clearance_poses(found))


def _groups(anatomy: Anatomy, profile: Profile, robot: Urdf) -> dict[str, tuple[str, ...]]:
    """Return controller group to joint names, without locked joints and groups that are not commanded."""
    known = {j.name for j in robot.joints}
    named = (profile.locked_joints, profile.rest_pose, profile.joint_limits, profile.commands.joints)
    unknown = sorted({name for names in named for name in names} - known)
    if unknown:
        raise ConfigError(f"joints in the profile of {profile.name}", unknown, "joints of the URDF",
                          "Correct the names.")
    locked = set(profile.locked_joints)
    found = dict(anatomy.groups)
    if profile.fingers:
        found |= {"left_hand": joints_beyond(robot, anatomy.left_arm),
                  "right_hand": joints_beyond(robot, anatomy.right_arm)}
    groups = {group: tuple(j.name for j in joints if j.name not in locked) for group, joints in found.items()}
    return {group: names for group, names in groups.items()
            if names and profile.commands.of_group(group) != NOT_COMMANDED}


def _override(rest: Array, names: tuple[str, ...], profile: Profile, limits: JointLimits) -> Array:
    """Return the rest pose with the positions in the profile."""
    overridden = np.array(rest, dtype=np.float64)
    for i, name in enumerate(names):
        if name in profile.rest_pose:
            value = profile.rest_pose[name]
            if not limits.lower[i] <= value <= limits.upper[i]:
                raise ConfigError(f"rest_pose of {name}", value,
                                  f"in [{limits.lower[i]:.3f}, {limits.upper[i]:.3f}]", "Stay inside the envelope.")
            overridden[i] = value
    return overridden
