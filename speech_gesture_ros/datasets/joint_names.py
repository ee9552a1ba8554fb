"""Joint names of any tool: the prefix that all names share is removed, then side and part of the body are recognised.

mixamorig:LeftForeArm, Character1_LeftForeArm, CC_Base_L_Forearm, ValveBiped.Bip01_L_Forearm, DEF-forearm.L,
J_Bip_L_LowerArm, lradius, forearm_l, LFArm      ─►  left, elbow
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

SIDES = ("left", "right")
SHARED = 0.6  # of the names that begin with a prefix, from which on it is no part of them
NUMBERED = 0.8  # of the names that end with a number of their own, from which on the number is no part of them
_BOUNDARY = re.compile(r"(?<=[:|._\- ])|(?<=[a-z0-9])(?=[A-Z])")
_NUMBER_SUFFIX = re.compile(r"_\d{1,4}$")
_NO_PART = ("b", "bip", "bone", "jnt", "joint", "skel", "def", "org", "c", "m", "center", "centre")

# Full matches of the second result of `split_name`, in the order of preference.
PARTS = {
    "shoulder": (r"(u|upper|up)?arm\d?|shldr(bend)?|humerus", r"shoulder"),
    "elbow": (r"(f|fore|lower|low)arm(bend)?|elbow|radius", r"(f|fore|lower|low)arm0?1"),
    "wrist": (r"wrist", r"hand"),
    "hand": (r"f?(hand)?(middle|mid)(finger)?0?1", r"f?(hand)?(index)(finger)?0?1", r"finger2", r"fingers?|fingerbase",
             r"hand", r"(hand|wrist)(end|site|tip)"),  # a hand that is the wrist is left out
    "thumb": (r"(hand)?thumb0?2", r"(hand)?thumb0?[13]", r"(hand)?thumb", r"finger01", r"finger0"),
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
    """Return the names without the prefix that most of them share, and without numbers that count all joints.

    >>> plain_names(["CC_Base_Hip", "CC_Base_L_Hand", "CC_Base_Head", "Nose"])
    ('Hip', 'L_Hand', 'Head', 'Nose')
    """
    prefixes = Counter(name[:at.start()] for name in names for at in _BOUNDARY.finditer(name) if at.start() < len(name))
    shared = [prefix for prefix, count in prefixes.items() if prefix and count >= SHARED * len(names)]
    prefix = max(shared, key=len, default="")
    plain = [name[len(prefix):] if name.startswith(prefix) and len(name) > len(prefix) else name for name in names]
    numbers = Counter(match[0] for name in plain if (match := _NUMBER_SUFFIX.search(name)))
    if sum(count == 1 for count in numbers.values()) >= NUMBERED * len(plain):
        plain = [_NUMBER_SUFFIX.sub("", name) for name in plain]
    return tuple(plain)


def split_name(name: str) -> tuple[str, str]:
    """Return the side ("left", "right" or "") and the rest of a joint's name in lower case, with its digits.

    >>> split_name("mixamorig:LeftForeArm"), split_name("b_r_wrist"), split_name("lShldr"), split_name("LFArm")
    (('left', 'forearm'), ('right', 'wrist'), ('left', 'shldr'), ('left', 'farm'))
    """
    text = re.sub(r"^(.*[:|]|(.*\.)?bip\d+[_ ])", "", name, flags=re.IGNORECASE)
    words = [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text)]
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
