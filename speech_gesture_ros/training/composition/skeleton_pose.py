r"""Pose of the canonical skeleton from controls: torso, head, and exact two-bone arms. Bone lengths hold to rounding.

shoulder o                      The elbow lies on a circle about the line from shoulder to wrist; its place on the
|\                     circle is the one nearest to a pole that points down, a little out and back, turned
upper | \  reach             outward by the swivel.
|  \
       elbow o---o wrist
forearm
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.training.composition.targets import FINGERS, SWIVEL, THUMB, WRIST

Floats = npt.NDArray[np.float64]

LONGEST_REACH = 0.92  # of the arm's length: never straight
NEAREST_M = 0.205  # smallest distance of the wrists in front of the chest within the shoulders' width
NEAREST_BESIDE_M = 0.02  # the same beside the body
BESIDE_M, BESIDE_WIDTH_M = 0.21, 0.08  # outward distance from which a wrist is beside the body, and its transition
INNERMOST_M = 0.07  # of the wrists from the midline, so that the hands never touch
INNERMOST_TIP_M = 0.04
HIGHEST_M = 0.03  # over the chest joint: below the shoulders
BOUND_WIDTH_M, TIP_BOUND_WIDTH = 0.008, 0.08  # smoothness of the bounds
SPINE_SHARE = {"spine1": 0.2, "spine2": 0.5, "chest": 0.8}  # share of each bone in the torso's turn
GAZE_SHARE = np.array([0.5, 0.3, 0.4])  # of the torso's turn that the head follows: the gaze stays on the listener
POLE_BACK, POLE_OUT, POLE_DOWN, POLE_SWIVEL = -0.35, 0.30, -0.9, 0.8


def pose_skeleton(skeleton: Skeleton, arms: Floats, body: Floats) -> npt.NDArray[np.float32]:
    """Pose the canonical skeleton.

    Args:
        skeleton: The canonical upper body.
        arms: (T, 2, 10) left and right arm, columns of `targets`.
        body: (T, 6) head yaw, pitch, roll, torso yaw, pitch, roll [rad].

    Returns:
        (T, J, 3) joint positions [m].
    """
    bones = np.broadcast_to(skeleton.offsets, (len(arms), len(skeleton), 3)).copy()
    for name, share in SPINE_SHARE.items():
        bones[:, skeleton.index[name]] = _turn(body[:, 3:] * share, skeleton.offsets[skeleton.index[name]])
    for name in ("neck", "left_shoulder", "right_shoulder"):
        bones[:, skeleton.index[name]] = _turn(body[:, 3:], skeleton.offsets[skeleton.index[name]])
    gaze = body[:, :3] + body[:, 3:] * GAZE_SHARE
    bones[:, skeleton.index["head"]] = _turn(0.5 * (gaze + body[:, 3:]), skeleton.offsets[skeleton.index["head"]])
    bones[:, skeleton.index["nose"]] = _turn(gaze, skeleton.offsets[skeleton.index["nose"]])
    for side, name in enumerate(("left", "right")):
        for joint, local in _arm_bones(skeleton, name, arms[:, side]).items():
            bones[:, skeleton.index[joint]] = _turn(body[:, 3:], local)
    return skeleton.xyz_from_bones(bones).astype(np.float32)


def keep_clear(wrist: Floats, skeleton: Skeleton) -> Floats:
    """Move wrist positions smoothly to where they are clear of trunk, midline, shoulders and full extension.

    Args:
        wrist: (..., 3) forward, outward, up re chest [m].
        skeleton: Skeleton with shoulder and arm lengths.
    """
    forward, outward, up = np.moveaxis(wrist, -1, 0)
    outward = _at_least(outward, INNERMOST_M)
    beside = np.clip((outward - BESIDE_M) / BESIDE_WIDTH_M, 0.0, 1.0)
    beside = beside * beside * (3 - 2 * beside)
    forward = _at_least(forward, NEAREST_M * (1 - beside) + NEAREST_BESIDE_M * beside)
    up = -_at_least(-up, -HIGHEST_M)
    shoulder, upper, lower = _arm_geometry(skeleton)
    arm = np.stack([forward, outward, up], axis=-1) - shoulder
    reach = np.linalg.norm(arm, axis=-1, keepdims=True)
    allowed = -_at_least(-reach, -LONGEST_REACH * (upper + lower))
    return np.asarray(shoulder + arm * allowed / reach)


def _arm_geometry(skeleton: Skeleton) -> tuple[Floats, float, float]:
    """Return the shoulder re chest (forward, outward, up), upper arm and forearm lengths [m], equal on both sides."""
    shoulder = skeleton.offsets[skeleton.index["left_shoulder"]]
    return shoulder, *(float(skeleton.bone_lengths[skeleton.index[f"left_{j}"]]) for j in ("elbow", "wrist"))


def _arm_bones(skeleton: Skeleton, side: str, arm: Floats) -> dict[str, Floats]:
    """Return bone vectors (T, 3) of one arm in the chest's frame."""
    out = np.array([1.0, 1.0 if side == "left" else -1.0, 1.0])  # (forward, outward, up) to (x, y, z)
    shoulder, upper, lower = _arm_geometry(skeleton)
    reach = keep_clear(arm[:, WRIST], skeleton) - shoulder
    distance = np.linalg.norm(reach, axis=1, keepdims=True)
    axis = reach / distance
    swivel = arm[:, SWIVEL: SWIVEL + 1]
    pole = np.hstack([np.full_like(swivel, POLE_BACK), POLE_OUT + POLE_SWIVEL * np.sin(swivel),
                      POLE_DOWN * np.cos(swivel)])
    pole = _unit(pole - axis * np.sum(pole * axis, axis=1, keepdims=True))
    along = (upper**2 - lower**2 + distance**2) / (2 * distance)
    elbow = axis * along + pole * np.sqrt(np.maximum(upper**2 - along**2, 0.0))
    forearm = _unit(reach - elbow)
    # A relaxed hand points along its forearm; the gesture bends it from there.
    fingers = _unit(0.9 * forearm + _unit(arm[:, FINGERS]))
    hand_length = skeleton.bone_lengths[skeleton.index[f"{side}_hand"]]
    outward = (shoulder + reach)[:, 1]
    fingers[:, 1] = _at_least(fingers[:, 1], (INNERMOST_TIP_M - outward) / hand_length, width=TIP_BOUND_WIDTH)
    fingers = _unit(fingers)
    thumb = arm[:, THUMB] + 1e-6
    thumb = _unit(thumb - fingers * np.sum(thumb * fingers, axis=1, keepdims=True))
    ahead, aside = -skeleton.offsets[skeleton.index[f"{side}_thumb"]][2], skeleton.offsets[
        skeleton.index[f"{side}_thumb"]][0]
    return {f"{side}_elbow": elbow * out, f"{side}_wrist": (reach - elbow) * out,
            f"{side}_hand": fingers * hand_length * out, f"{side}_thumb": (fingers * ahead + thumb * aside) * out}


def _turn(angles: Floats, vector: Floats) -> Floats:
    """Rotate vectors by yaw (left), pitch (down, forward) and roll (right side down): Rz Ry Rx. (T, 3) each."""
    yaw, pitch, roll = angles[:, 0], angles[:, 1], angles[:, 2]
    x, y, z = np.broadcast_to(vector, angles.shape).T
    y, z = np.cos(roll) * y - np.sin(roll) * z, np.sin(roll) * y + np.cos(roll) * z
    x, z = np.cos(pitch) * x + np.sin(pitch) * z, -np.sin(pitch) * x + np.cos(pitch) * z
    x, y = np.cos(yaw) * x - np.sin(yaw) * y, np.sin(yaw) * x + np.cos(yaw) * y
    return np.stack([x, y, z], axis=1)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9))


def _at_least(value: Floats, bound: Floats | float, width: float = BOUND_WIDTH_M) -> Floats:
    """Return a smooth maximum: `value` well above the bound, approaching the bound below it."""
    return np.asarray(bound + width * np.logaddexp(0.0, (value - bound) / width))
