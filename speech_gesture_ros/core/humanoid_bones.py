"""Bones of a humanoid avatar with the names of VRM 1.0 (vrm-c/vrm-specification, humanoid), parents first.

    hips ─ spine ─ chest ─ upperChest ┬─ neck ─ head
                                      └─ Shoulder ─ UpperArm ─ LowerArm ─ Hand ┬─ ThumbMetacarpal ─ Proximal ─ Distal
                                                                               └─ Index, Middle, Ring, Little:
    hips ─ UpperLeg ─ LowerLeg ─ Foot ─ Toes                                      Proximal ─ Intermediate ─ Distal

Bones of arms and legs begin with `left` or `right`.
"""

from __future__ import annotations

SIDES = ("left", "right")
FINGER_BONES = {"Thumb": ("Metacarpal", "Proximal", "Distal"),
                **dict.fromkeys(("Index", "Middle", "Ring", "Little"), ("Proximal", "Intermediate", "Distal"))}


def _chain(parent: str, *names: str) -> list[tuple[str, str]]:
    """Bones below each other, each with its parent."""
    return list(zip(names, (parent, *names)))


def _limbs(side: str) -> list[tuple[str, str]]:
    arm = _chain("upperChest", *(f"{side}{part}" for part in ("Shoulder", "UpperArm", "LowerArm", "Hand")))
    fingers = [row for finger, parts in FINGER_BONES.items()
               for row in _chain(f"{side}Hand", *(f"{side}{finger}{part}" for part in parts))]
    return arm + fingers


def _leg(side: str) -> list[tuple[str, str]]:
    return _chain("hips", *(f"{side}{part}" for part in ("UpperLeg", "LowerLeg", "Foot", "Toes")))


PARENT_OF = dict([*_chain("", "hips", "spine", "chest", "upperChest", "neck", "head"), *_limbs("left"),
                  *_limbs("right"), *_leg("left"), *_leg("right")])
BONES = tuple(PARENT_OF)
BONE_INDEX = {name: i for i, name in enumerate(BONES)}
PARENTS = tuple(BONE_INDEX[parent] if parent else -1 for parent in PARENT_OF.values())

# Bones of the thumb in VRM 0.x and in UnityEngine.HumanBodyBones: the metacarpal bone is called proximal there.
THUMB_OF_UNITY = {"ThumbMetacarpal": "ThumbProximal", "ThumbProximal": "ThumbIntermediate"}


def unity_name(bone: str) -> str:
    """Return the name of a bone in UnityEngine.HumanBodyBones, such as LeftThumbProximal for leftThumbMetacarpal."""
    for vrm, unity in THUMB_OF_UNITY.items():
        if bone.endswith(vrm):
            bone = bone.removesuffix(vrm) + unity
            break
    return bone[0].upper() + bone[1:]
