"""Joint names of any tool: what all names share is removed, then side and part of the body are recognised.

mixamorig:LeftForeArm, Character1_LeftForeArm, CC_Base_L_Forearm, ValveBiped.Bip01_L_Forearm, DEF-forearm.L,
J_Bip_L_LowerArm, lradius, forearm_l, LFArm      ─►  left, elbow
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

SIDES = ("left", "right")
SHORT_SIDES = {"lft": "left", "lf": "left", "lt": "left", "rgt": "right", "rt": "right"}  # between separators
SHARED = 0.6  # of the names that begin or end with the same words, from which on these are no part of them
SHARED_LETTERS = 0.9  # the same for letters that end within a word: mixamorighips
NUMBERED = 0.8  # of the names that end with a number of their own, from which on the number is no part of them
_BOUNDARY = re.compile(r"(?<=[:|._\- ])|(?<=[a-z0-9])(?=[A-Z])")
_SUFFIX_BOUNDARY = re.compile(r"(?=[:|._\- ])|(?<=[a-z0-9])(?=[A-Z])")
_NUMBER_SUFFIX = re.compile(r"_\d{1,4}$")
_NO_PART = ("b", "bip", "bone", "jnt", "joint", "skel", "def", "org", "c", "m", "center", "centre")

# Full matches of the second result of `split_name`, in the order of preference.
PARTS = {
    "shoulder": (r"(u|upper|up)?arm0?\d?|armupper|shldr(bend)?|humerus", r"shoulder"),
    "elbow": (r"(f|fore|lower|low|lo)arm(bend)?|armlower|elbow|radius", r"(f|fore|lower|low|lo)arm0?1"),
    "wrist": (r"wrist", r"hand", r"palm"),
    # A hand that is the wrist is left out. Fingers are counted from the thumb, which is 0 or 1.
    "hand": (*(rf"(f|finger)?(hand)?{finger}(finger)?(0?1|0|proximal)" for finger in ("(middle|mid)", "index")),
             r"finger2|finger3proximal", r"finger31", r"fingers?|fingerbase", r"inhand(middle|index)", r"hand",
             r"(hand|wrist)(end|site|tip)"),
    "thumb": (r"(finger)?(hand)?thumb(finger)?(0?2|intermediate)", r"(finger)?(hand)?thumb(finger)?(0?[013]|proximal)",
              r"(hand)?thumb", r"finger01|finger1medial|finger1proximal", r"finger0", r"finger1[12]"),
    "hip": (r"(u|upper|up)(leg|pleg)|thigh(bend)?|femur", r"hip", r"hipjoint"),
    "toe": (r"toe(base|s)?0?1?|ball",),
}
ROLE_PATTERNS = (
    ("pelvis", "", (r"hips?|pelvis|spinebase", r"root")),
    ("neck", "", (r"neck0?", r"neck1", r"neck01|lowerneck|necklower|necktwist0?1|cervical")),
    ("head", "", (r"head", r"head0?1?", r"neck2|headtop|skull")),
    ("nose", "", (r"nose",)),
    *((f"{side}_{part}", side, patterns) for side in SIDES for part, patterns in PARTS.items()),
)
_SHORT_PART = re.compile("|".join([*(pattern for patterns in PARTS.values() for pattern in patterns),
                                   r"thumb\d*|clavicle|collar|shin|knee|tibia|leg|ankle|foot"]))


def plain_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names without what most of them begin and end with, and without numbers that count all joints.

    >>> plain_names(["CC_Base_Hip", "CC_Base_L_Hand", "CC_Base_Head", "Nose"])
    ('Hip', 'L_Hand', 'Head', 'Nose')
    >>> plain_names(["HipsJ", "SpineJ", "NeckJ", "LeftArmJ"])
    ('Hips', 'Spine', 'Neck', 'LeftArm')
    """
    names = list(names)
    prefix = max(_shared([[name[:at.start()] for at in _BOUNDARY.finditer(name)] for name in names], SHARED),
                 _shared([[name[:at] for at in range(1, len(name))] for name in names], SHARED_LETTERS), key=len)
    plain = [name[len(prefix):] if name.startswith(prefix) and len(name) > len(prefix) else name for name in names]
    suffix = _shared([[name[at.start():] for at in _SUFFIX_BOUNDARY.finditer(name)] for name in plain], SHARED)
    plain = [name[:-len(suffix)] if suffix and name.endswith(suffix) and name != suffix else name for name in plain]
    numbers = Counter(match[0] for name in plain if (match := _NUMBER_SUFFIX.search(name)))
    if sum(count == 1 for count in numbers.values()) >= NUMBERED * len(plain):
        plain = [_NUMBER_SUFFIX.sub("", name) for name in plain]
    return tuple(plain)


def _shared(pieces: Sequence[Sequence[str]], share: float) -> str:
    """Return the longest piece that at least a share of the names has; empty if there is none."""
    counts = Counter(piece for of_name in pieces for piece in of_name)
    return max((piece for piece, count in counts.items() if count >= share * len(pieces)), key=len, default="")


def split_name(name: str) -> tuple[str, str]:
    """Return the side ("left", "right" or "") and the rest of a joint's name in lower case, with its digits.

    >>> split_name("mixamorig:LeftForeArm"), split_name("b_r_wrist"), split_name("lShldr"), split_name("LFArm")
    (('left', 'forearm'), ('right', 'wrist'), ('left', 'shldr'), ('left', 'farm'))
    """
    text = re.sub(r"^(.*[:|]|(.*\.)?bip\d+[_ ])", "", name, flags=re.IGNORECASE)
    words = [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text)]
    short_side = next((word for word in re.split(r"[^a-z0-9]+", text.lower()) if word in SHORT_SIDES), "")
    if short_side in words:
        words.remove(short_side)
        return SHORT_SIDES[short_side], _joined(words)
    for long, short in (("left", "l"), ("right", "r")):
        if long in words or short in words:
            words.remove(long if long in words else short)
            return long, _joined(words)
        if words and words[0].startswith(long):
            return long, _joined([words[0][len(long):], *words[1:]])
        if words and words[-1].endswith(long):
            return long, _joined([*words[:-1], words[-1][:-len(long)]])
        joined = "".join(words)
        if joined[:1] == short and _SHORT_PART.fullmatch(joined[1:]):
            return long, joined[1:]
    return "", _joined(words)


def _joined(words: list[str]) -> str:
    return "".join(word for word in words if word not in _NO_PART)
