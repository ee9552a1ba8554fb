"""Targets of arms and body: the gestures as tables of numbers by code, and the variation of single segments.

code, phase ─► one of three places, with smooth borders ─► the following hand moves less ─► `vary`: shifted, palm turned
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.training.composition.gestures import GESTURES, REST_HANGING, REST_TOGETHER, ArmPart

Floats = npt.NDArray[np.float64]

# Columns of one arm's state; see `arm_row`.
WRIST = slice(0, 3)  # (forward, outward, up) re chest [m]
FINGERS = slice(3, 6)  # direction of the hand, same axes, of any length
THUMB = slice(6, 9)  # direction of the thumb's side, same axes
SWIVEL = 9  # elbow turned outward about the shoulder-wrist line [rad]
ARM_COLUMNS = 10

# Variation of a segment; each in [-1, 1]. The last two change every ten to thirty seconds.
VARIATIONS = ("outward", "up", "size", "tempo", "palm", "follow", "busy", "side", "lean")
OUTWARD, UP, SIZE, TEMPO, PALM, FOLLOW, BUSY, SIDE, LEAN = range(len(VARIATIONS))
NUM_SLOW_VARIATIONS = 2
OUTWARD_M, UP_M = 0.035, 0.045  # shift of all places
PALM_TURN_RAD, FINGER_TILT = 0.6, 0.25  # of the palm about the forearm, of the fingers upwards
FOLLOWED_SHARES = (0.15, 1.0)  # share of its strokes that the following hand makes
VARIANT_BORDER = 0.04  # half width of the smooth border between two places [phase]
READY_SHARE = 0.6  # of the way from rest to the middle of a gesture


def arm_row(part: ArmPart, place: int) -> Floats:
    """Return (10,) the state of an arm at one of its places; columns `WRIST`, `FINGERS`, `THUMB`, `SWIVEL`."""
    return np.array([*part.places[place], *part.fingers, *part.thumb, part.swivel])


def mirror_variation(variation: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Return (..., V) the variations of the mirror image: only the posture has a side."""
    out = np.array(variation, dtype=np.float32)
    out[..., SIDE] *= -1.0
    return out


@lru_cache(maxsize=1)
def arm_targets() -> Floats:
    """Return (NUM_CODES, 3, 2, 10) the state of left and right arm at each place of each code; read-only."""
    table = np.array([
        [[arm_row(left, place), arm_row(right, place)] for place in range(3)]
        for g in GESTURES for left, right in ((g.follow, g.lead), (g.lead, g.follow))
    ])
    table.setflags(write=False)
    return table


@lru_cache(maxsize=1)
def body_targets() -> Floats:
    """Return (NUM_CODES, 6) head yaw, pitch, roll and torso yaw, pitch, roll of each code [rad]; read-only.

    Yaw is positive to the left, pitch positive downward, roll positive with the right side lowered.
    """
    rows = []
    for g in GESTURES:
        row = np.array([-g.head[0], g.head[1], g.head[2], -g.torso[0], g.torso[1], g.torso[2]])
        rows += [row, row * np.array([-1, 1, -1, -1, 1, -1])]
    table: Floats = np.radians(np.array(rows))
    table.setflags(write=False)
    return table


def variant_weights(phase: npt.NDArray[np.floating] | float) -> Floats:
    """Return the weights of the three places at a phase, summing to 1. (...,) to (..., 3)."""
    p = np.asarray(phase, dtype=np.float64)[..., None]
    borders = np.array([1 / 3, 2 / 3])
    past = np.clip((p - borders) / (2 * VARIANT_BORDER) + 0.5, 0.0, 1.0)
    past = past * past * (3 - 2 * past)
    first, second = past[..., 0], past[..., 1]
    return np.stack([1 - first, first - second, second], axis=-1)


@lru_cache(maxsize=1)
def arm_bows() -> Floats:
    """Return (NUM_CODES, 3, 2, 3) the bow of the paths of left and right wrist to each place; read-only."""
    table = np.array([[[left.bows[place], right.bows[place]] for place in range(3)]
                      for g in GESTURES for left, right in ((g.follow, g.lead), (g.lead, g.follow))])
    table.setflags(write=False)
    return table


def stroke_target(code: int, phase: float, variation: Floats) -> Floats:
    """Return (2, 10) the target of both arms for an accent at this phase of a segment."""
    target: Floats = np.tensordot(variant_weights(phase), arm_targets()[code], axes=1)
    follower = code % 2  # the left hand follows in even codes
    middle = arm_targets()[code, :, follower].mean(axis=0)
    share = np.interp(variation[FOLLOW], (-1.0, 1.0), FOLLOWED_SHARES)
    target[follower] = middle + share * (target[follower] - middle)
    return vary(target, variation)


def vary(target: Floats, variation: Floats) -> Floats:
    """Return (2, 10) arms with the variation of a segment: places shifted, hands turned."""
    out: Floats = target.copy()
    out[:, WRIST] += np.array([0.0, OUTWARD_M * variation[OUTWARD], UP_M * variation[UP]])
    out[:, FINGERS] += np.array([0.0, 0.0, FINGER_TILT * variation[PALM]])
    turn = PALM_TURN_RAD * variation[PALM]
    outward, up = out[:, THUMB][:, 1].copy(), out[:, THUMB][:, 2].copy()
    out[:, THUMB.start + 1] = np.cos(turn) * outward - np.sin(turn) * up
    out[:, THUMB.start + 2] = np.sin(turn) * outward + np.cos(turn) * up
    return out


def rest_target(rest: str) -> Floats:
    """Return (2, 10) both arms at rest: "together" before the belly or "hanging" beside the hips."""
    row = arm_row({"together": REST_TOGETHER, "hanging": REST_HANGING}[rest], 0)
    return np.stack([row, row])


def ready_target(code: int, variation: Floats, rest: str) -> Floats:
    """Return (2, 10) the pose between rest and the middle of a gesture, where hands wait for an accent."""
    middle = vary(arm_targets()[code].mean(axis=0), variation)
    return np.asarray(READY_SHARE * middle + (1.0 - READY_SHARE) * rest_target(rest))
