"""Retargeting of any skeleton's motion to bone directions of the canonical skeleton.

    positions ─► up becomes z ─► the heading becomes x ─► direction of each bone ─► nose, hands, thumbs

Directions, not positions, because people and motion capture skeletons differ in their lengths, and bones that point the
same way make the same gesture. Missing joints are derived:

    neck      between the shoulders and the head
    spine     points along the source's spine at the canonical heights, if it has another number of joints
    shoulder  rotated by a constant if the source's chest is so far off that shoulders would be shrugged
    nose      forward in the bind pose, rotated with the head; without an upright bind pose, forward on average
    hand      along the forearm, if there is no knuckle
    thumb     in the plane of hand and thumb joint at the canonical angle; without one, forward in the bind pose rotated
              with the wrist, or else to the side to which the elbow bends
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.joint_names import SIDES
from speech_gesture_ros.datasets.mapping import COINCIDENT, ResolvedMapping
from speech_gesture_ros.datasets.source_frame import SourceFrame, known_mean, unit
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.pose.rotations import orthogonal, shortest_arc

Array = npt.NDArray[np.float64]

MAX_SHOULDER_DEG = 8.0  # mean deviation of a shoulder that is not corrected
SHORTEST_HAND = 0.02  # of the forearm: joints nearer to the wrist count as the wrist
CHEST_HEIGHTS = (0.4, 0.92)  # share of the way from pelvis to neck within which a chest is accepted
UNITS_M = (1.0, 0.01, 0.001, 0.0254)
ARM_M = 0.53  # from shoulder to wrist


@dataclass(frozen=True)
class Retargeted:
    """Directions at the source's frame rate.

    Attributes:
        directions: (T, J, 3) unit vectors from parent to joint, x forward, y left, z up; zero for the root; NaN where
            the source is unknown.
        notes: Derived and corrected joints.
        metres_per_unit: Unit of the source [m], measured at its arms if the mapping does not state it.
    """

    directions: Array
    notes: tuple[str, ...]
    metres_per_unit: float


def retarget(motion: SourceMotion, mapping: ResolvedMapping, skeleton: Skeleton) -> Retargeted:
    """Return the directions of the canonical bones, frame by frame.

    Raises:
        InputError: If a bone has no length in any frame.
    """
    notes: list[str] = []
    frame = SourceFrame(motion, mapping, notes)
    points = {role: frame.point(i) for role, i in mapping.joints.items()}
    if "neck" not in points:
        points["neck"] = _neck(points, skeleton, notes)
    bones = dict(zip(("spine1", "spine2", "chest"), _spine(points, [frame.point(i) for i in mapping.spine],
                                                           skeleton, notes)))
    chest = points["chest"]
    bones["neck"] = points["neck"] - chest
    bones["head"] = points["head"] - points["neck"]
    bones["nose"] = _nose(frame, points, mapping, notes)
    for side in SIDES:
        bones[f"{side}_shoulder"] = points[f"{side}_shoulder"] - chest
        bones[f"{side}_elbow"] = points[f"{side}_elbow"] - points[f"{side}_shoulder"]
        bones[f"{side}_wrist"] = points[f"{side}_wrist"] - points[f"{side}_elbow"]
        _hand(side, bones, points, frame, mapping, skeleton, notes)
    _level_shoulders(bones, points, skeleton, notes)
    directions = np.zeros((len(motion.xyz), len(skeleton), 3))
    for name, bone in bones.items():
        directions[:, skeleton.index[name]] = unit(bone)
        if np.isnan(directions[:, skeleton.index[name]]).any(axis=-1).all():
            raise InputError(f"bone to the {name}", "unknown or without length in every frame", "known in some frames",
                             "Give other joints in a mapping file (docs/guides/data.md).")
    return Retargeted(directions, tuple(notes), _metres_perunit(points, mapping))


def _neck(points: dict[str, Array], skeleton: Skeleton, notes: list[str]) -> Array:
    """Return the neck between the shoulders and the head, at the height of the canonical skeleton."""
    notes.append("no neck: put between shoulders and head")
    rest = skeleton.rest_xyz[:, 2]
    low, neck, high = (rest[skeleton.index[name]] for name in ("left_shoulder", "neck", "head"))
    middle = (points["left_shoulder"] + points["right_shoulder"]) / 2
    return np.asarray(middle + (neck - low) / (high - low) * (points["head"] - middle))


def _spine(points: dict[str, Array], between: list[Array], skeleton: Skeleton, notes: list[str]) -> list[Array]:
    """Return the bones spine1, spine2, chest; replaces the chest's point if it is outside `CHEST_HEIGHTS`."""
    pelvis, neck = points["pelvis"], points["neck"]
    lengths = skeleton.bone_lengths[[skeleton.index[n] for n in ("spine1", "spine2", "chest", "neck")]]
    heights = np.cumsum(lengths[:3]) / lengths.sum()
    if "chest" in points:
        below = float(np.linalg.norm(known_mean(points["chest"] - pelvis)))
        share = below / max(1e-12, below + float(np.linalg.norm(known_mean(neck - points["chest"]))))
        if not CHEST_HEIGHTS[0] < share < CHEST_HEIGHTS[1]:
            notes.append(f"the joint that carries the arms is at {share:.0%} of the trunk: the chest is put at "
                         f"{heights[2]:.0%}")
            between = [*between, points["chest"]] if share < CHEST_HEIGHTS[0] else between
            del points["chest"]
    if "chest" not in points:
        points["chest"] = _along([pelvis, *between, neck], heights[2:])[0]
        between = [p for p in between if np.nanmean(p[:, 2]) < np.nanmean(points["chest"][:, 2])]
    between = _apart([pelvis, *between, points["chest"]])
    if len(between) != 2:
        notes.append(f"{len(between)} joints between pelvis and chest: the spine is divided by height")
        between = _along([pelvis, *between, points["chest"]], heights[:2] / heights[2])
    return [between[0] - pelvis, between[1] - between[0], points["chest"] - between[1]]


def _apart(line: list[Array]) -> list[Array]:
    """Return the inner points of a line without those that have the position of the one before or of the last."""
    length = _mean_distance(line[0], line[-1])
    kept = line[:1]
    for point in line[1:-1]:
        if min(_mean_distance(point, kept[-1]), _mean_distance(point, line[-1])) > COINCIDENT * length:
            kept.append(point)
    return kept[1:]


def _mean_distance(first: Array, second: Array) -> float:
    return float(np.nan_to_num(np.nanmean(np.linalg.norm(first - second, axis=-1))))


def _along(line: list[Array], shares: Array) -> list[Array]:
    """Return points at shares of the length of a line, whose mean length is used in all frames."""
    lengths = np.array([np.nanmean(np.linalg.norm(b - a, axis=-1)) for a, b in pairwise(line)])
    marks = np.concatenate([[0.0], np.cumsum(lengths)]) / max(lengths.sum(), 1e-12)
    out = []
    for share in shares:
        i = int(np.clip(np.searchsorted(marks, share) - 1, 0, len(line) - 2))
        part = (share - marks[i]) / max(marks[i + 1] - marks[i], 1e-12)
        out.append(line[i] + part * (line[i + 1] - line[i]))
    return out


def _nose(frame: SourceFrame, points: dict[str, Array], mapping: ResolvedMapping, notes: list[str]) -> Array:
    if "nose" in points:
        return points["nose"] - points["head"]
    left = points["left_shoulder"] - points["right_shoulder"]
    forward = np.cross(left, np.array([0.0, 0.0, 1.0]))
    head = mapping.joints["head"]
    if frame.motion.turns is None:
        notes.append("no nose, no orientations: the face has the heading of the shoulders")
        return orthogonal(forward, unit(points["head"] - points["neck"]))
    direction = frame.bind_forward(mapping.joints)
    if direction is None:
        notes.append("no nose: the face points forward on average")
        turned = np.swapaxes(frame.turn @ frame.motion.turns[:, head], -1, -2) @ unit(forward)[..., None]
        direction = unit(known_mean(turned[..., 0]))
    return frame.carried(head, direction)


def _hand(side: str, bones: dict[str, Array], points: dict[str, Array], frame: SourceFrame, mapping: ResolvedMapping,
          skeleton: Skeleton, notes: list[str]) -> None:
    forearm = unit(bones[f"{side}_wrist"])
    wrist = points[f"{side}_wrist"]
    least = SHORTEST_HAND * float(np.linalg.norm(known_mean(np.abs(bones[f"{side}_wrist"]))))
    knuckle, thumb = (frame.beyond(mapping.joints[role], wrist, least) if role in mapping.joints else None
                      for role in (f"{side}_hand", f"{side}_thumb"))
    if knuckle is not None and mapping.joints[f"{side}_hand"] != mapping.joints[f"{side}_wrist"]:
        hand = unit(knuckle - wrist)
    else:
        notes.append(f"no {side} knuckle: the hand points along the forearm")
        hand = forearm
    bind = frame.bind_forward(mapping.joints)
    if thumb is not None:
        towards = thumb - wrist
    elif bind is not None:
        notes.append(f"no {side} thumb: forward in the bind pose")
        towards = frame.carried(mapping.joints[f"{side}_wrist"], bind)
    else:
        notes.append(f"no {side} thumb: to the side to which the elbow bends")
        towards = -unit(bones[f"{side}_elbow"]) + 1e-3 * np.array([1.0, 0.0, 0.0])
    rest_hand, rest_thumb = (unit(skeleton.offsets[skeleton.index[f"{side}_{n}"]]) for n in ("hand", "thumb"))
    cosine = float(rest_hand @ rest_thumb)
    bones[f"{side}_hand"] = hand
    bones[f"{side}_thumb"] = cosine * hand + np.sqrt(1 - cosine**2) * unit(orthogonal(towards, hand))


def _level_shoulders(bones: dict[str, Array], points: dict[str, Array], skeleton: Skeleton, notes: list[str]) -> None:
    """Rotate each shoulder by a constant relative to the trunk, if the source's chest is elsewhere."""
    up = unit(bones["neck"])
    left = unit(orthogonal(points["left_shoulder"] - points["right_shoulder"], up))
    trunk = np.stack([np.cross(left, up), left, up], axis=-1)  # columns: the trunk's axes
    for side in SIDES:
        name = f"{side}_shoulder"
        seen = (np.swapaxes(trunk, -1, -2) @ unit(bones[name])[..., None])[..., 0]
        average, rest = unit(known_mean(seen)), unit(skeleton.offsets[skeleton.index[name]])
        angle = float(np.degrees(np.arccos(np.clip(average @ rest, -1, 1))))
        if angle > MAX_SHOULDER_DEG:
            notes.append(f"{side} shoulder rotated by {angle:.0f} degrees: the source's chest is elsewhere")
            bones[name] = (trunk @ shortest_arc(average[None], rest[None])[0] @ seen[..., None])[..., 0]


def _metres_perunit(points: dict[str, Array], mapping: ResolvedMapping) -> float:
    """Return the unit of the mapping, or the usual unit that gives the arms the length nearest to a human one."""
    if mapping.metres_per_unit is not None:
        return mapping.metres_per_unit
    arm = np.nanmedian(np.linalg.norm(points["left_elbow"] - points["left_shoulder"], axis=-1)
                       + np.linalg.norm(points["left_wrist"] - points["left_elbow"], axis=-1))
    return float(min(UNITS_M, key=lambda metres: abs(np.log(max(arm * metres, 1e-9) / ARM_M))))
