"""A foreign figure's motion as bone directions of the canonical skeleton.

    positions ─► up becomes z ─► the way the body faces becomes x ─► direction of each bone ─► nose, hands, thumbs

Directions, not positions: people and mocap skeletons differ in their lengths, and a bone that points the same way is
the same gesture. Which way the body faces is the yaw of the hips (or of the shoulders, where there are no hips),
smoothed: turning on the spot goes, twisting while speaking stays. What a source lacks is derived:

    neck      between the shoulders and the head
    spine     points along the source's spine at the canonical heights, if it has another number of joints
    shoulder  turned by a constant where the source's chest lies so much elsewhere that shoulders would be shrugged
    nose      forward in the bind pose, carried by the head; without a bind pose that stands, forward on average
    hand      straight on from the forearm, if there is no knuckle
    thumb     in the plane of hand and thumb joint at the canonical angle; without one, forward in the bind pose carried
              by the wrist, or else to the side to which the elbow bends
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.mapping import SIDES, ResolvedMapping
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.pose.rotations import axis_rotation, orthogonal, shortest_arc

Array = npt.NDArray[np.float64]

HIPS_HZ, SHOULDERS_HZ = 0.25, 0.1  # turning slower than this is taken out
STANDING = 0.9  # cosine within which a bind pose counts as upright and level
ALIKE_DEG = 8.0  # shoulders off by less are the motion's own
SHORTEST_HAND = 0.02  # of the forearm: joints nearer to the wrist lie in it
CHEST_HEIGHTS = (0.4, 0.92)  # share of the way from pelvis to neck where a chest is believed to be


@dataclass(frozen=True)
class Retargeted:
    """Directions at the source's frame rate.

    Attributes:
        directions: (T, J, 3) unit vectors from parent to joint, x forward, y left, z up; zero for the root; NaN where
            the source knows nothing.
        notes: What had to be derived or corrected, for people.
        metres_per_unit: Of the source, measured at its arms if the mapping does not say.
    """

    directions: Array
    notes: tuple[str, ...]
    metres_per_unit: float


def retarget(motion: SourceMotion, mapping: ResolvedMapping, skeleton: Skeleton) -> Retargeted:
    """Directions of the canonical bones, frame by frame.

    Raises:
        InputError: If a bone that is needed has no length in any frame.
    """
    notes: list[str] = []
    frame = _Frame(motion, mapping, notes)
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
        directions[:, skeleton.index[name]] = _unit(bone)
        if np.isnan(directions[:, skeleton.index[name]]).any(axis=-1).all():
            raise InputError(f"bone to the {name}", "unknown or without length in every frame", "known somewhere",
                             "Name other joints in a mapping file (docs/guides/data.md).")
    return Retargeted(directions, tuple(notes), _metres_per_unit(points, mapping))


class _Frame:
    """The source's axes turned so that z is up and the body faces x."""

    def __init__(self, motion: SourceMotion, mapping: ResolvedMapping, notes: list[str]) -> None:
        self.motion = motion
        joints = mapping.joints
        trunk = _mean(motion.xyz[:, joints["head"]] - motion.xyz[:, joints["pelvis"]])
        axis = int(np.argmax(np.abs(trunk)))
        up = np.zeros(3)
        up[axis] = np.sign(trunk[axis]) or 1.0
        if mapping.up != "auto":
            up = np.zeros(3)
            up["xyz".index(mapping.up[-1])] = -1.0 if mapping.up[0] == "-" else 1.0
        if trunk @ up < 0.8 * np.linalg.norm(trunk):
            notes.append("the trunk leans far from the up axis: check `up` in the mapping")
        self.upright = shortest_arc(up[None], np.array([[0.0, 0.0, 1.0]]))[0]
        self.root = motion.xyz[:, joints["pelvis"]]
        pair, cutoff = (("left_hip", "right_hip"), HIPS_HZ)
        if not all(role in joints for role in pair):
            pair, cutoff = ("left_shoulder", "right_shoulder"), SHOULDERS_HZ
            notes.append("no hips: the shoulders tell which way the body faces")
        left = (motion.xyz[:, joints[pair[0]]] - motion.xyz[:, joints[pair[1]]]) @ self.upright.T
        yaw = np.arctan2(-left[:, 0], left[:, 1])
        self.turn = axis_rotation(2, -_smooth(yaw, motion.frame_rate, cutoff)) @ self.upright  # (T, 3, 3)
        self._check_sides(joints, notes)

    def point(self, joint: int) -> Array:
        """(T, 3) a joint relative to the pelvis."""
        return self.vector(self.motion.xyz[:, joint] - self.root)

    def vector(self, vector: Array) -> Array:
        """(T, 3) a vector of the source."""
        return np.asarray((self.turn @ vector[..., None])[..., 0])

    def carried(self, joint: int, bind_direction: Array) -> Array:
        """(T, 3) a direction of the bind pose as a joint has turned it."""
        assert self.motion.turns is not None
        return self.vector(self.motion.turns[:, joint] @ bind_direction)

    def bind_forward(self, joints: dict[str, int]) -> Array | None:
        """Forward in the bind pose, source axes; None if that pose does not stand upright and level."""
        bind = self.motion.bind_xyz
        if bind is None or self.motion.turns is None:
            return None
        up = self.upright[2]
        trunk = _unit(bind[joints["head"]] - bind[joints["pelvis"]])
        left = _unit(bind[joints["left_shoulder"]] - bind[joints["right_shoulder"]])
        if not (trunk @ up > STANDING and abs(left @ up) < np.sqrt(1 - STANDING**2)):
            return None
        return _unit(np.cross(left, up))

    def beyond(self, joint: int, start: Array, least: float) -> Array | None:
        """(T, 3) a joint, or the first one after it that is not where the start (T, 3) is; None if all are."""
        while True:
            point = self.point(joint)
            if np.linalg.norm(_mean(np.abs(point - start))) > least:
                return point
            children = np.flatnonzero(self.motion.parents == joint)
            if not len(children):
                return None
            joint = int(children[0])

    def _check_sides(self, joints: dict[str, int], notes: list[str]) -> None:
        ankles = {s: int(self.motion.parents[joints[f"{s}_toe"]]) for s in SIDES if f"{s}_toe" in joints}
        toes = [self.point(joints[f"{side}_toe"])[:, 0] - self.point(ankle)[:, 0]
                for side, ankle in ankles.items() if ankle >= 0]
        if toes and np.nanmean(toes) < 0:
            notes.append("toes point backwards: left and right may be swapped in the mapping or the file")


def _neck(points: dict[str, Array], skeleton: Skeleton, notes: list[str]) -> Array:
    """Between the shoulders and the head, as high as in our skeleton."""
    notes.append("no neck: put between shoulders and head")
    rest = skeleton.rest_xyz[:, 2]
    low, neck, high = (rest[skeleton.index[name]] for name in ("left_shoulder", "neck", "head"))
    middle = (points["left_shoulder"] + points["right_shoulder"]) / 2
    return np.asarray(middle + (neck - low) / (high - low) * (points["head"] - middle))


def _spine(points: dict[str, Array], between: list[Array], skeleton: Skeleton, notes: list[str]) -> list[Array]:
    """Bones spine1, spine2, chest; sets the chest's point if the source's is nowhere near."""
    pelvis, neck = points["pelvis"], points["neck"]
    lengths = skeleton.bone_lengths[[skeleton.index[n] for n in ("spine1", "spine2", "chest", "neck")]]
    heights = np.cumsum(lengths[:3]) / lengths.sum()
    if "chest" in points:
        below = float(np.linalg.norm(_mean(points["chest"] - pelvis)))
        share = below / max(1e-12, below + float(np.linalg.norm(_mean(neck - points["chest"]))))
        if not CHEST_HEIGHTS[0] < share < CHEST_HEIGHTS[1]:
            notes.append(f"the joint that carries the arms lies at {share:.0%} of the trunk: a chest is put at "
                         f"{heights[2]:.0%}")
            between = [*between, points["chest"]] if share < CHEST_HEIGHTS[0] else between
            del points["chest"]
    if "chest" not in points:
        points["chest"] = _along([pelvis, *between, neck], heights[2:])[0]
        between = [p for p in between if np.nanmean(p[:, 2]) < np.nanmean(points["chest"][:, 2])]
    if len(between) != 2:
        notes.append(f"{len(between)} joints between pelvis and chest: spine by height")
        between = _along([pelvis, *between, points["chest"]], heights[:2] / heights[2])
    return [between[0] - pelvis, between[1] - between[0], points["chest"] - between[1]]


def _along(line: list[Array], shares: Array) -> list[Array]:
    """Points at shares of a line's length, which is measured on average and the same in all frames."""
    lengths = np.array([np.nanmean(np.linalg.norm(b - a, axis=-1)) for a, b in pairwise(line)])
    marks = np.concatenate([[0.0], np.cumsum(lengths)]) / max(lengths.sum(), 1e-12)
    out = []
    for share in shares:
        i = int(np.clip(np.searchsorted(marks, share) - 1, 0, len(line) - 2))
        part = (share - marks[i]) / max(marks[i + 1] - marks[i], 1e-12)
        out.append(line[i] + part * (line[i + 1] - line[i]))
    return out


def _nose(frame: _Frame, points: dict[str, Array], mapping: ResolvedMapping, notes: list[str]) -> Array:
    if "nose" in points:
        return points["nose"] - points["head"]
    left = points["left_shoulder"] - points["right_shoulder"]
    forward = np.cross(left, np.array([0.0, 0.0, 1.0]))
    head = mapping.joints["head"]
    if frame.motion.turns is None:
        notes.append("no nose, no orientations: the face looks where the shoulders face")
        return orthogonal(forward, _unit(points["head"] - points["neck"]))
    direction = frame.bind_forward(mapping.joints)
    if direction is None:
        notes.append("no nose: the face looks forward on average")
        turned = np.swapaxes(frame.turn @ frame.motion.turns[:, head], -1, -2) @ _unit(forward)[..., None]
        direction = _unit(_mean(turned[..., 0]))
    return frame.carried(head, direction)


def _hand(side: str, bones: dict[str, Array], points: dict[str, Array], frame: _Frame, mapping: ResolvedMapping,
          skeleton: Skeleton, notes: list[str]) -> None:
    forearm = _unit(bones[f"{side}_wrist"])
    wrist = points[f"{side}_wrist"]
    least = SHORTEST_HAND * float(np.linalg.norm(_mean(np.abs(bones[f"{side}_wrist"]))))
    knuckle, thumb = (frame.beyond(mapping.joints[role], wrist, least) if role in mapping.joints else None
                      for role in (f"{side}_hand", f"{side}_thumb"))
    if knuckle is not None and mapping.joints[f"{side}_hand"] != mapping.joints[f"{side}_wrist"]:
        hand = _unit(knuckle - wrist)
    else:
        notes.append(f"no {side} knuckle: the hand goes straight on from the forearm")
        hand = forearm
    bind = frame.bind_forward(mapping.joints)
    if thumb is not None:
        towards = thumb - wrist
    elif bind is not None:
        notes.append(f"no {side} thumb: forward in the bind pose")
        towards = frame.carried(mapping.joints[f"{side}_wrist"], bind)
    else:
        notes.append(f"no {side} thumb: to the side to which the elbow bends")
        towards = -_unit(bones[f"{side}_elbow"]) + 1e-3 * np.array([1.0, 0.0, 0.0])
    rest_hand, rest_thumb = (_unit(skeleton.offsets[skeleton.index[f"{side}_{n}"]]) for n in ("hand", "thumb"))
    cosine = float(rest_hand @ rest_thumb)
    bones[f"{side}_hand"] = hand
    bones[f"{side}_thumb"] = cosine * hand + np.sqrt(1 - cosine**2) * _unit(orthogonal(towards, hand))


def _level_shoulders(bones: dict[str, Array], points: dict[str, Array], skeleton: Skeleton, notes: list[str]) -> None:
    """Where the source's chest lies elsewhere, turn each shoulder by a constant seen from the trunk."""
    up = _unit(bones["neck"])
    left = _unit(orthogonal(points["left_shoulder"] - points["right_shoulder"], up))
    trunk = np.stack([np.cross(left, up), left, up], axis=-1)  # columns: the trunk's axes
    for side in SIDES:
        name = f"{side}_shoulder"
        seen = (np.swapaxes(trunk, -1, -2) @ _unit(bones[name])[..., None])[..., 0]
        average, rest = _unit(_mean(seen)), _unit(skeleton.offsets[skeleton.index[name]])
        angle = float(np.degrees(np.arccos(np.clip(average @ rest, -1, 1))))
        if angle > ALIKE_DEG:
            notes.append(f"{side} shoulder turned by {angle:.0f} degrees: the source's chest lies elsewhere")
            bones[name] = (trunk @ shortest_arc(average[None], rest[None])[0] @ seen[..., None])[..., 0]


def _metres_per_unit(points: dict[str, Array], mapping: ResolvedMapping) -> float:
    """Told, or the usual unit in which an arm from shoulder to wrist is nearest to half a metre."""
    if mapping.metres_per_unit is not None:
        return mapping.metres_per_unit
    arm = np.nanmedian(np.linalg.norm(points["left_elbow"] - points["left_shoulder"], axis=-1)
                       + np.linalg.norm(points["left_wrist"] - points["left_elbow"], axis=-1))
    return float(min((1.0, 0.01, 0.001, 0.0254), key=lambda unit: abs(np.log(max(arm * unit, 1e-9) / 0.53))))


def _smooth(yaw: Array, rate: float, cutoff_hz: float) -> Array:
    """(T,) yaw without what is faster than the cut-off, gaps bridged, no delay."""
    known = np.isfinite(yaw)
    if not known.any():
        return np.zeros_like(yaw)
    steps = np.arange(len(yaw))
    whole = np.interp(steps, steps[known], np.unwrap(yaw[known]))
    if cutoff_hz >= 0.45 * rate or len(whole) < 4:
        return np.full_like(whole, whole.mean())
    sections = signal.butter(2, cutoff_hz, fs=rate, output="sos")
    padding = min(len(whole) - 1, round(1.5 * rate / cutoff_hz))
    return np.asarray(signal.sosfiltfilt(sections, whole, padlen=padding))


def _unit(vector: Array) -> Array:
    """Unit vectors; NaN for what has no length."""
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.asarray(np.where(length > 1e-12, vector / np.where(length > 1e-12, length, 1.0), np.nan))


def _mean(vectors: Array) -> Array:
    """(3,) mean of the known ones; zero if none is known."""
    known = np.isfinite(vectors).all(axis=-1)
    return np.asarray(vectors[known].mean(axis=0)) if known.any() else np.zeros(vectors.shape[-1])
