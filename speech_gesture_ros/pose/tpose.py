"""A human in the T-pose of VRM 0.x: upright, arms straight to the sides, palms down, thumbs ahead between both.

Trunk, arms and hands have the lengths of the skeleton. Legs are segments of a person of 1.72 m (Winter,
Biomechanics and Motor Control of Human Movement, 2009).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.humanoid_bones import FINGER_BONES, SIDES
from speech_gesture_ros.core.skeleton import Skeleton

Array = npt.NDArray[np.float64]

TO_AVATAR = [1, 2, 0]  # axes of the skeleton: x ahead, y left, z up; of an avatar: X left, Y up, Z ahead
HIPS_HEIGHT = 0.94  # [m]
LEG = {"UpperLeg": (0.09, -0.03, 0.0), "LowerLeg": (0.0, -0.42, 0.0), "Foot": (0.0, -0.42, 0.0),
       "Toes": (0.0, -0.05, 0.12)}  # of the left side, from the bone before it [m]
COLLAR = 0.03  # of the shoulder bone from the middle [m]
SPINE = {"spine": "spine1", "chest": "spine2", "upperChest": "chest", "neck": "neck", "head": "head"}
# First joint of each finger: share of the hand's length, distance ahead of the middle finger; then two bones [m].
FINGERS = {"Thumb": (0.25, 0.025, 0.04, 0.03), "Index": (1.0, 0.022, 0.04, 0.025), "Middle": (1.0, 0.0, 0.045, 0.027),
           "Ring": (0.96, -0.02, 0.04, 0.025), "Little": (0.88, -0.038, 0.032, 0.02)}
THUMB_WAY = np.array([1.0, 0.0, 1.0]) / np.sqrt(2.0)  # of the left side


def tpose_joints(skeleton: Skeleton) -> dict[str, Array]:
    """Return the joints of a human in the T-pose, of all bones of `core.humanoid_bones.BONES`.

    Args:
        skeleton: With the joints of the canonical upper body.

    Returns:
        Bone to its origin (3,) [m]; X to its left, Y up, Z ahead, on the floor.
    """
    human = {name: xyz[TO_AVATAR] for name, xyz in zip(skeleton.names, skeleton.rest_xyz)}
    lengths = dict(zip(skeleton.names, skeleton.bone_lengths))
    base = np.array([0.0, HIPS_HEIGHT, 0.0]) - human["pelvis"]
    at = {"hips": human["pelvis"] + base, **{bone: human[joint] + base for bone, joint in SPINE.items()}}
    for side in SIDES:
        mirror = np.array([1.0 if side == "left" else -1.0, 1.0, 1.0])
        out = np.array([1.0, 0.0, 0.0]) * mirror
        shoulder = human[f"{side}_shoulder"] + base
        at[f"{side}Shoulder"] = shoulder * (0.0, 1.0, 1.0) + COLLAR * out
        at[f"{side}UpperArm"] = shoulder
        at[f"{side}LowerArm"] = shoulder + lengths[f"{side}_elbow"] * out
        wrist = at[f"{side}LowerArm"] + lengths[f"{side}_wrist"] * out
        at[f"{side}Hand"] = wrist
        for finger, (share, ahead, *bones) in FINGERS.items():
            way = THUMB_WAY * mirror if finger == "Thumb" else out
            place = wrist + share * lengths[f"{side}_hand"] * out + np.array([0.0, 0.0, ahead])
            for part, length in zip(FINGER_BONES[finger], (0.0, *bones)):
                place = place + length * way
                at[f"{side}{finger}{part}"] = place
        place = at["hips"]
        for bone, way in LEG.items():
            place = place + np.array(way) * mirror
            at[f"{side}{bone}"] = place
    return at
