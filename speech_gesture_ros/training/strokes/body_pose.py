r"""Pose of the canonical skeleton from the state of the strokes: torso, head, shoulders, exact two-bone arms, hands.

shoulder o               The shoulder rises and comes forward with the hand. The elbow lies on a circle about the line
         |\              from shoulder to wrist; its place on the circle is the one nearest to a pole that points
   upper | \  reach      down, a little out and back, turned outward by the swivel. The hand trails: it bends
         |  \            against the velocity of the wrist.
   elbow o---o wrist

The motion decoder learns this map; at run time only the network is used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.strokes.channels import (
    DEVIATION,
    FLEXION,
    HANDS,
    HEAD,
    LIFTS,
    PALM,
    SWIVEL,
    TORSO,
    WRIST,
)

Floats = npt.NDArray[np.float64]

LONGEST_REACH, LONGEST_FROM_SHOULDER = 0.92, 0.97  # of the arm: from the shoulder at rest and raised; never straight
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
LIFT_PER_M, FORWARD_PER_M = 0.03, 0.05  # of the shoulder, per metre of the wrist above and before its usual place
USUAL_UP_M, USUAL_FORWARD_M = -0.25, 0.2
TRAIL_RAD = 0.4  # bend of the hand per speed of the wrist [rad s/m]
LARGEST_BEND_RAD = 0.9
PALM_REFERENCE = np.array([0.35, 0.0, 1.0])  # direction of the thumb side at palm 0: up and a little forward


def pose_body(skeleton: Skeleton, state: npt.NDArray[np.floating], velocity: npt.NDArray[np.floating]
              ) -> npt.NDArray[np.float32]:
    """Pose the canonical skeleton.

    Args:
        skeleton: The canonical upper body.
        state: (T, NUM_CHANNELS) of `networks.strokes.channels`.
        velocity: (T, NUM_CHANNELS) per second.

    Returns:
        (T, J, 3) joint positions [m].
    """
    place, speed = np.asarray(state, dtype=np.float64), np.asarray(velocity, dtype=np.float64)
    torso, index = place[:, TORSO], skeleton.index
    bones = np.broadcast_to(skeleton.offsets, (len(place), len(skeleton), 3)).copy()
    for name, share in SPINE_SHARE.items():
        bones[:, index[name]] = _turn(torso * share, skeleton.offsets[index[name]])
    bones[:, index["neck"]] = _turn(torso, skeleton.offsets[index["neck"]])
    gaze = place[:, HEAD] + torso * GAZE_SHARE
    bones[:, index["head"]] = _turn(0.5 * (gaze + torso), skeleton.offsets[index["head"]])
    bones[:, index["nose"]] = _turn(gaze, skeleton.offsets[index["nose"]])
    for side, name in enumerate(("left", "right")):
        lift = place[:, LIFTS.start + side]
        for joint, local in _arm_bones(skeleton, name, place[:, HANDS[side]], speed[:, HANDS[side]], lift).items():
            bones[:, index[joint]] = _turn(torso, local)
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


def _arm_bones(skeleton: Skeleton, side: str, hand: Floats, velocity: Floats, lift: Floats) -> dict[str, Floats]:
    """Return bone vectors (T, 3) of one shoulder, arm and hand in the chest's frame."""
    out = np.array([1.0, 1.0 if side == "left" else -1.0, 1.0])  # (forward, outward, up) to (x, y, z)
    at_rest, upper, lower = _arm_geometry(skeleton)
    raised = at_rest + np.stack([FORWARD_PER_M * (hand[:, 0] - USUAL_FORWARD_M), np.zeros(len(hand)),
                                 lift + LIFT_PER_M * (hand[:, 2] - USUAL_UP_M)], axis=1)
    shoulder = float(np.linalg.norm(at_rest)) * _unit(raised)
    wrist = keep_clear(hand[:, WRIST], skeleton)
    reach = wrist - shoulder
    distance = np.linalg.norm(reach, axis=1, keepdims=True)
    axis = reach / distance
    distance = np.minimum(distance, LONGEST_FROM_SHOULDER * (upper + lower))
    swivel = hand[:, SWIVEL: SWIVEL + 1]
    pole = np.hstack([np.full_like(swivel, POLE_BACK), POLE_OUT + POLE_SWIVEL * np.sin(swivel),
                      POLE_DOWN * np.cos(swivel)])
    pole = _unit(pole - axis * np.sum(pole * axis, axis=1, keepdims=True))
    along = (upper**2 - lower**2 + distance**2) / (2 * distance)
    elbow = axis * along + pole * np.sqrt(np.maximum(upper**2 - along**2, 0.0))
    forearm = axis * distance - elbow
    fingers, thumb = _hand_axes(_unit(forearm), hand, velocity)
    hand_length = skeleton.bone_lengths[skeleton.index[f"{side}_hand"]]
    fingers[:, 1] = _at_least(fingers[:, 1], (INNERMOST_TIP_M - wrist[:, 1]) / hand_length, width=TIP_BOUND_WIDTH)
    fingers = _unit(fingers)
    thumb = _unit(thumb - fingers * np.sum(thumb * fingers, axis=1, keepdims=True))
    offset = skeleton.offsets[skeleton.index[f"{side}_thumb"]]
    return {f"{side}_shoulder": shoulder * out, f"{side}_elbow": elbow * out, f"{side}_wrist": forearm * out,
            f"{side}_hand": fingers * hand_length * out,
            f"{side}_thumb": (-offset[2] * fingers + offset[0] * thumb) * out}


def _hand_axes(forearm: Floats, hand: Floats, velocity: Floats) -> tuple[Floats, Floats]:
    """Return the directions (T, 3) of fingers and thumb side of a hand on its forearm."""
    up = _unit(PALM_REFERENCE - forearm * (forearm @ PALM_REFERENCE)[:, None])
    aside = np.cross(forearm, up)
    aside = np.where(aside[:, 1:2] < 0, -aside, aside)
    bends = (hand[:, FLEXION] - TRAIL_RAD * velocity[:, 2], hand[:, DEVIATION] - TRAIL_RAD * velocity[:, 1])
    flexion, deviation = (np.tan(LARGEST_BEND_RAD * np.tanh(b / LARGEST_BEND_RAD))[:, None] for b in bends)
    palm = hand[:, PALM: PALM + 1]
    return _unit(forearm + flexion * up + deviation * aside), np.cos(palm) * up + np.sin(palm) * aside


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
