"""Mapping of the joints of any skeleton to parts of the body: by a mapping file, or by the names of the joints.

    config/mappings/<name>.yaml      joints: {left_elbow: [LeftForeArm, lForeArm], ...}   the first that exists is used
                                     spine: [Spine, Spine1, Spine2]                       all that exist, upwards
                                     up: auto | x | y | z | -x | -y | -z                  metres_per_unit: 0.01

Bones are retargeted by direction, so units are used in the report only, and forward follows from left and up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.datasets.joint_names import ROLE_PATTERNS, SIDES, plain_names, split_name
from speech_gesture_ros.datasets.source_motion import SourceMotion

REQUIRED_ROLES = ("pelvis", "head", *(f"{s}_{part}" for s in SIDES for part in ("shoulder", "elbow", "wrist")))
OPTIONAL_ROLES = ("chest", "neck", "nose", *(f"{s}_{part}" for s in SIDES for part in ("hand", "thumb", "hip", "toe")))
ROLES = REQUIRED_ROLES + OPTIONAL_ROLES
# A joint that has the position of another one is replaced by its first descendant that has not.
APART = (*((f"{side}_{part}", start) for side in SIDES
           for part, start in (("hip", "pelvis"), ("elbow", f"{side}_shoulder"), ("wrist", f"{side}_elbow"))),
         ("neck", "chest"), ("head", "neck"))
COINCIDENT = 1e-3  # of the trunk: distance below which two joints have one position
UP_AXES = ("auto", "x", "y", "z", "-x", "-y", "-z")


@dataclass(frozen=True)
class SkeletonMapping:
    """Content of a mapping file.

    Attributes:
        joints: Part of the body to names, of which the first that the skeleton has is used.
        spine: Joints between pelvis and chest, upwards; those that the skeleton has are used.
        up: Axis that points up in the source; "auto" for the one along which the neck is above the pelvis.
        metres_per_unit: Unit of the source [m]; None for the one that gives arms of human length.

    Raises:
        ConfigError: If a part of the body or an axis is unknown.
    """

    joints: dict[str, tuple[str, ...]]
    spine: tuple[str, ...] = ()
    up: str = "auto"
    metres_per_unit: float | None = None

    def __post_init__(self) -> None:
        for role in self.joints:
            if role not in ROLES:
                raise ConfigError("part of the body", role, f"one of {list(ROLES)}", "Check the spelling.")
        if self.up not in UP_AXES:
            raise ConfigError("up", self.up, f"one of {list(UP_AXES)}", "Check the spelling.")


@dataclass(frozen=True)
class ResolvedMapping:
    """A mapping applied to one skeleton: part of the body to joint index, and the spine's joints upwards."""

    joints: dict[str, int]
    spine: tuple[int, ...]
    up: str
    metres_per_unit: float | None

    def describe(self, motion: SourceMotion) -> list[str]:
        """Return one line for each part of the body."""
        lines = [f"{role}: {motion.names[self.joints[role]] if role in self.joints else '(derived)'}"
                 for role in ROLES if role in self.joints or not role.endswith(("hip", "toe"))]
        return [*lines, f"spine: {', '.join(motion.names[i] for i in self.spine) or '(straight)'}"]


def load_mapping(reference: str | Path) -> SkeletonMapping:
    """Read a mapping by name (config/mappings) or path.

    Raises:
        ConfigError: If it is missing or malformed.
    """
    path = resolve(reference, "config/mappings")
    return from_mapping(SkeletonMapping, load_yaml(path), str(path))


def resolve_mapping(mapping: SkeletonMapping, motion: SourceMotion) -> ResolvedMapping:
    """Find a mapping's joints in a skeleton.

    Raises:
        ConfigError: If a required part of the body is missing.
    """
    index = {name: i for names in (plain_names(motion.names), motion.names)
             for i, name in reversed(list(enumerate(names)))}
    joints = {role: next(index[n] for n in names if n in index)
              for role, names in mapping.joints.items() if any(n in index for n in names)}
    missing = [role for role in REQUIRED_ROLES if role not in joints]
    if missing:
        raise ConfigError(f"joints for {missing}", [list(mapping.joints.get(role, ())) for role in missing],
                          f"names of the skeleton: {list(motion.names)}",
                          "Name them in a mapping file (docs/guides/data.md) and pass --mapping FILE.")
    spine = tuple(index[name] for name in mapping.spine if name in index)
    if not spine and motion.parents[joints["head"]] >= 0:
        spine = spine_between(motion, joints["pelvis"], _chest(motion, joints))
    joints.setdefault("chest", _chest(motion, joints))
    if joints["chest"] < 0:
        del joints["chest"]
    _set_apart(joints, motion)
    spine = tuple(i for i in spine if i not in (joints["pelvis"], joints.get("chest", -1)))
    return ResolvedMapping(joints, spine, mapping.up, mapping.metres_per_unit)


def _set_apart(joints: dict[str, int], motion: SourceMotion) -> None:
    """Replace joints of length zero, see `APART`; a joint of another part of the body is no replacement."""
    least = COINCIDENT * motion.distance(joints["pelvis"], joints["head"])
    for role, start in APART:
        if role in joints and start in joints:
            found = motion.apart(joints[role], joints[start], least)
            if found not in joints.values():
                joints[role] = found


def automatic_mapping(motion: SourceMotion) -> SkeletonMapping:
    """Return a mapping by the names of the joints.

    Raises:
        ConfigError: If a required part of the body has no recognised name.
    """
    named = [(i, *split_name(name)) for i, name in enumerate(plain_names(motion.names))]
    found: dict[str, int] = {}
    for role, side, patterns in ROLE_PATTERNS:
        joint = _find(named, side, patterns, found.get(f"{side}_wrist"))
        if joint is not None:
            found[role] = joint
    if "pelvis" not in found and motion.parents[0] < 0:
        found["pelvis"] = max(0, _common_ancestor(motion, found.get("left_hip", 0), found.get("right_hip", 0)))
    if "head" not in found and "left_shoulder" in found and "right_shoulder" in found:
        found |= _neck_and_head(motion, found, named)
    joints: dict[str, tuple[str, ...]] = {role: (motion.names[joint],) for role, joint in found.items()}
    mapping = SkeletonMapping(joints)
    resolved = resolve_mapping(mapping, motion)
    return SkeletonMapping(joints, tuple(motion.names[i] for i in resolved.spine))


def spine_between(motion: SourceMotion, pelvis: int, chest: int) -> tuple[int, ...]:
    """Return the joints strictly between pelvis and chest, upwards; none if the pelvis is no ancestor of the chest."""
    chain = motion.ancestors(chest) if chest >= 0 else []
    return tuple(chain[1:chain.index(pelvis)][::-1]) if pelvis in chain else ()


def _find(named: list[tuple[int, str, str]], side: str, patterns: tuple[str, ...], other: int | None) -> int | None:
    """Return the first joint of the first pattern that has one, but for one joint."""
    for pattern in patterns:
        for i, own_side, rest in named:
            if own_side == side and i != other and re.fullmatch(pattern, rest):
                return i
    return None


def _chest(motion: SourceMotion, joints: dict[str, int]) -> int:
    """Return the joint that carries both arms; -1 if parents are not known."""
    return _common_ancestor(motion, joints["left_shoulder"], joints["right_shoulder"])


def _common_ancestor(motion: SourceMotion, first: int, second: int) -> int:
    """Return the lowest common ancestor of two joints; -1 if there is none."""
    others = motion.ancestors(second)
    return next((i for i in motion.ancestors(first) if i in others), -1)


def _neck_and_head(motion: SourceMotion, found: dict[str, int], named: list[tuple[int, str, str]]) -> dict[str, int]:
    """Return the last two joints of the spine above the chest, where neck and head are numbered parts of the spine."""
    chest = _chest(motion, found)
    above = [i for i, side, rest in named
             if not side and re.fullmatch(r"spine\d*", rest) and i != chest and chest in motion.ancestors(i)]
    roles = ("head", "neck")[:len(above)]
    return dict(zip(roles, above[::-1]))
