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
from speech_gesture_ros.datasets.source_motion import SourceMotion

SIDES = ("left", "right")
REQUIRED_ROLES = ("pelvis", "head", *(f"{s}_{part}" for s in SIDES for part in ("shoulder", "elbow", "wrist")))
OPTIONAL_ROLES = ("chest", "neck", "nose", *(f"{s}_{part}" for s in SIDES for part in ("hand", "thumb", "hip", "toe")))
ROLES = REQUIRED_ROLES + OPTIONAL_ROLES
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
    index = {name: i for i, name in reversed(list(enumerate(motion.names)))}
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
    spine = tuple(i for i in spine if i not in (joints["pelvis"], joints.get("chest", -1)))
    return ResolvedMapping(joints, spine, mapping.up, mapping.metres_per_unit)


def automatic_mapping(motion: SourceMotion) -> SkeletonMapping:
    """Return a mapping by the names of the joints.

    Raises:
        ConfigError: If a required part of the body has no recognised name.
    """
    named = [(i, *split_name(name)) for i, name in enumerate(motion.names)]
    joints: dict[str, tuple[str, ...]] = {}
    for role, side, patterns in _ROLE_PATTERNS:
        found = _find(named, side, patterns)
        if found is not None:
            joints[role] = (motion.names[found],)
    if "pelvis" not in joints and motion.parents[0] < 0:
        joints["pelvis"] = (motion.names[0],)
    mapping = SkeletonMapping(joints)
    resolved = resolve_mapping(mapping, motion)
    return SkeletonMapping(joints, tuple(motion.names[i] for i in resolved.spine))


def spine_between(motion: SourceMotion, pelvis: int, chest: int) -> tuple[int, ...]:
    """Return the joints strictly between pelvis and chest, upwards; none if the pelvis is no ancestor of the chest."""
    chain = motion.ancestors(chest) if chest >= 0 else []
    return tuple(chain[1:chain.index(pelvis)][::-1]) if pelvis in chain else ()


def split_name(name: str) -> tuple[str, str]:
    """Return the side ("left", "right" or "") and the rest of a joint's name in lower case, with its digits.

    >>> split_name("mixamorig:LeftForeArm"), split_name("b_r_wrist"), split_name("lShldr")
    (('left', 'forearm'), ('right', 'wrist'), ('left', 'shldr'))
    """
    text = re.sub(r"^(.*[:|]|bip\d+[_ ])", "", name, flags=re.IGNORECASE)
    words = [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text)]
    side = ""
    for long, short in (("left", "l"), ("right", "r")):
        if long in words or short in words:
            words.remove(long if long in words else short)
            side = long
            break
        if words and words[0].startswith(long):
            words[0], side = words[0][len(long):], long
            break
        if words and words[0][:1] == short and any(re.fullmatch(p, words[0][1:]) for p in _ARM_WORDS):
            words[0], side = words[0][1:], long
            break
    return side, "".join(w for w in words if w not in ("b", "bip", "bone", "jnt", "joint", "skel"))


# Patterns in the order of preference; full matches of the second result of `split_name`.
_ARM_WORDS = (r"(upper|up)?arm|shldr|humerus|shoulder", r"(fore|lower|low)arm|elbow", r"wrist|hand|thumb\d*", r"hip")
_PARTS = {
    "shoulder": (r"(upper|up)?arm\d?|shldr|humerus", r"shoulder"),
    "elbow": (r"(fore|lower|low)arm|elbow|radius",),
    "wrist": (r"wrist", r"hand"),
    "hand": (r"(hand)?(middle|mid)(finger)?0?1", r"(hand)?(index)(finger)?0?1", r"(hand|wrist)(end|site|tip)", r"hand"),
    "thumb": (r"(hand)?thumb0?2", r"(hand)?thumb0?[13]", r"(hand)?thumb"),
    "hip": (r"(up|upper)leg|thigh|hip|femur|hipjoint",),
    "toe": (r"toe(base|s)?0?1?|ball",),
}
_ROLE_PATTERNS = (
    ("pelvis", "", (r"hips?|pelvis", r"root")),
    ("neck", "", (r"neck0?", r"neck1", r"neck01|lowerneck|cervical")),
    ("head", "", (r"head", r"head0?1?", r"neck2|headtop|skull")),
    ("nose", "", (r"nose",)),
    *((f"{side}_{part}", side, patterns) for side in SIDES for part, patterns in _PARTS.items()),
)


def _find(named: list[tuple[int, str, str]], side: str, patterns: tuple[str, ...]) -> int | None:
    for pattern in patterns:
        for i, own_side, rest in named:
            if own_side == side and re.fullmatch(pattern, rest):
                return i
    return None


def _chest(motion: SourceMotion, joints: dict[str, int]) -> int:
    """Return the joint that carries both arms: their lowest common ancestor; -1 if parents are not known."""
    left, right = (motion.ancestors(joints[f"{side}_shoulder"]) for side in SIDES)
    return next((i for i in left if i in right), -1)
