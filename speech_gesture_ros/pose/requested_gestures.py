"""Wished gestures blended into the stream: who may begin when, and how they shape each pose.

    planned by their first frame       per pose frame
    nod     head      |--|             base pose ─► arms: turned towards the gesture's, by its weight
    stop    right   |--------|                   ─► torso, shoulders, head: turned by as much as the gestures say
    point   right        |--------|              ─► pose, every bone as long as before

Where two gestures want the same arm, the later one takes it over. A gesture is tied to frames of the stream: any
chunking gives the same motion, as long as the gesture is asked for before its first frame has left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.blending import turn_towards
from speech_gesture_ros.pose.gesture_library import load_gestures
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.gesture_tracks import GestureTrack, arm_bones, make_tracks
from speech_gesture_ros.pose.rotations import orthogonal, rotate, unit

Array = npt.NDArray[np.float64]

LATE_S = 0.6  # a gesture that would come later than this after its word is left out
APART_S = 0.4  # two gestures of one part of the body begin at least so far apart
SIDE_BY_SIDE = 2  # gestures that turn one part of the body at a time
MAX_PLANNED = 100
SPINE_SHARE = {"spine1": 0.2, "spine2": 0.5, "chest": 0.8}  # the spine bends; what is above turns with all of it
HEAD_SHARE = {"head": 0.5, "nose": 1.0}
MOST_TURN = {"torso": math.radians(40.0), "head": math.radians(45.0), "shoulders": math.radians(25.0)}


@dataclass(frozen=True)
class GestureTiming:
    """Where a gesture lies on the stream, in pose frames: its beginning, its instant, its end, and how late it is."""

    start: float
    stroke: float
    stop: float
    late_s: float = 0.0


@dataclass
class _Planned:
    """A gesture on the stream, and from which frame on a later one has taken over each arm."""

    tracks: dict[str, GestureTrack]
    place: GestureTiming
    taken_over: dict[str, float] = field(default_factory=dict)

    def begins(self, part: str) -> float:
        return self.place.stroke + self.tracks[part].start_s * POSE_RATE

    def holds(self, part: str) -> float:
        """Frame from which the first key is reached."""
        return self.place.stroke + float(self.tracks[part].times[0]) * POSE_RATE

    def ends(self, part: str) -> float:
        return self.place.stroke + self.tracks[part].stop_s * POSE_RATE


class RequestedGestures:
    """Plans wishes and applies them, frame for frame.

    Args:
        skeleton: With the joint names of the canonical upper body; what it lacks is left out.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._skeleton = skeleton
        self._above_spine = np.array([i for i, name in enumerate(skeleton.names) if i and name not in SPINE_SHARE])
        self.reset()

    def reset(self) -> None:
        """Forget all wishes."""
        self._planned: list[_Planned] = []

    def plan(self, request: GestureRequest, stroke: float | None, horizon: int) -> GestureTiming:
        """Give a wish its place.

        Args:
            request: What is wished for.
            stroke: Pose frame, fractions allowed, that belongs on its instant; None for as soon as possible.
            horizon: First frame that can still be changed.

        Raises:
            InputError: If it is unknown, would come too late, or finds its part of the body taken.
        """
        gestures = load_gestures()
        if request.gesture not in gestures:
            raise InputError("gesture", request.gesture, f"one of {', '.join(gestures)}", "Check the spelling.")
        tracks = make_tracks(gestures[request.gesture], request)
        lead = -min(track.start_s for track in tracks.values()) * POSE_RATE
        tail = max(track.stop_s for track in tracks.values()) * POSE_RATE
        earliest = horizon + lead
        wanted = self._free(tracks, earliest) if stroke is None else stroke
        late_s = max(0.0, earliest - wanted) / POSE_RATE
        if late_s > LATE_S:
            raise InputError(f"lateness of {request.gesture}", f"{late_s:.2f} s", f"{LATE_S} s or less",
                             f"Ask {lead / POSE_RATE:.2f} s or more before it is to be seen.")
        at = max(wanted, earliest)
        planned = _Planned(tracks, GestureTiming(at - lead, at, at + tail, late_s))
        self._admit(planned, request.gesture)
        return planned.place

    def push(self, start_index: int, joint_xyz: Array) -> Array:
        """Apply what is planned to the next (T, J, 3) poses [m]; bones stay as long as they are."""
        stop_index = start_index + len(joint_xyz)
        active = [p for p in self._planned if p.place.start < stop_index and p.place.stop > start_index]
        self._planned = [p for p in self._planned if p.place.stop > stop_index]
        if not active or not len(joint_xyz):
            return joint_xyz
        frames = np.arange(start_index, stop_index, dtype=np.float64)
        bones = self._skeleton.bones_from_xyz(joint_xyz)
        chest = _chest_axes(self._skeleton, joint_xyz)
        for planned in active:
            self._move_arms(bones, planned, frames, chest)
        turns = {part: self._sum(active, part, frames) for part in MOST_TURN}
        self._turn(bones, turns, chest)
        return self._skeleton.xyz_from_bones(bones)

    def _free(self, tracks: dict[str, GestureTrack], earliest: float) -> float:
        """The first stroke from `earliest` on at which the parts it needs have finished what they show."""
        stroke = earliest
        for other in self._planned:
            for part in tracks.keys() & other.tracks.keys():
                shown = other.place.stroke + float(other.tracks[part].times[-1]) * POSE_RATE
                stroke = max(stroke, shown - tracks[part].start_s * POSE_RATE)
        return stroke

    def _admit(self, new: _Planned, name: str) -> None:
        if len(self._planned) >= MAX_PLANNED:
            raise InputError("gestures planned", len(self._planned), f"{MAX_PLANNED} at most", "Wait for some to end.")
        for part in new.tracks:
            sharing = [other for other in self._planned if part in other.tracks]
            is_near = any(abs(new.begins(part) - other.begins(part)) < APART_S * POSE_RATE - 1e-6 for other in sharing)
            is_full = part in MOST_TURN and _depth(new, sharing, part) >= SIDE_BY_SIDE
            if is_near or is_full:
                raise InputError(f"{part} for {name}", "taken by another gesture", "free",
                                 f"Gestures of one part of the body begin {APART_S} s apart, {SIDE_BY_SIDE} at a time.")
        for part in ("left", "right"):
            for other in (o for o in self._planned if part in o.tracks and part in new.tracks):
                first, second = sorted((new, other), key=lambda p: p.begins(part))
                first.taken_over[part] = min(first.taken_over.get(part, math.inf), second.holds(part))
        self._planned = sorted([*self._planned, new], key=lambda p: p.place.start)

    def _move_arms(self, bones: Array, planned: _Planned, frames: Array, chest: Array) -> None:
        time_s = (frames - planned.place.stroke) / POSE_RATE
        for side in ("left", "right"):
            track = planned.tracks.get(side)
            if track is None:
                continue
            weight = track.weight(time_s) * (frames < planned.taken_over.get(side, math.inf))
            for joint, bone in arm_bones(self._skeleton, side, track.at(time_s)).items():
                target = np.einsum("tij,tj->ti", chest, bone)[:, None]
                bones[:, joint] = turn_towards(bones[:, [joint]], target, weight[:, None, None])[:, 0]

    def _sum(self, active: list[_Planned], part: str, frames: Array) -> Array:
        """(T, C) turns of all gestures together [rad], at most `MOST_TURN`."""
        total = np.zeros((len(frames), 1 if part == "shoulders" else 3))
        for planned in active:
            if part in planned.tracks:
                track, time_s = planned.tracks[part], (frames - planned.place.stroke) / POSE_RATE
                total += track.at(time_s) * track.weight(time_s)[:, None]
        size = np.linalg.norm(total, axis=1, keepdims=True)
        return np.asarray(total * np.minimum(1.0, MOST_TURN[part] / np.maximum(size, 1e-12)))

    def _turn(self, bones: Array, turns: dict[str, Array], chest: Array) -> None:
        """Turn (T, J, 3) bones in place: shoulders, then the head on the torso, then the torso with all it carries."""
        index = self._skeleton.index
        torso, head = (np.einsum("tij,tj->ti", chest, turns[part]) for part in ("torso", "head"))
        for side, sign in (("left", 1.0), ("right", -1.0)):
            lift = sign * turns["shoulders"] * chest[:, :, 0]
            shoulder = index[f"{side}_shoulder"]
            bones[:, shoulder] = rotate(lift, bones[:, shoulder])
        for name, share in HEAD_SHARE.items():
            if name in index:
                bones[:, index[name]] = rotate(share * head, bones[:, index[name]])
        for name, share in SPINE_SHARE.items():
            if name in index:
                bones[:, index[name]] = rotate(share * torso, bones[:, index[name]])
        bones[:, self._above_spine] = rotate(torso[:, None], bones[:, self._above_spine])


def _depth(new: _Planned, others: list[_Planned], part: str) -> int:
    """How many of the others turn the part at once while the new one does."""
    begin, end = new.begins(part), new.ends(part)
    instants = [begin, *(o.begins(part) for o in others if begin < o.begins(part) < end)]
    return max(sum(o.begins(part) <= t < o.ends(part) for o in others) for t in instants)


def _chest_axes(skeleton: Skeleton, joint_xyz: Array) -> Array:
    """(T, 3, 3) forward, left, up of the chest as columns."""
    index = skeleton.index
    left = unit(joint_xyz[:, index["left_shoulder"]] - joint_xyz[:, index["right_shoulder"]])
    up = unit(orthogonal(joint_xyz[:, index.get("neck", index["chest"])] - joint_xyz[:, 0], left))
    return np.stack([np.cross(left, up), left, up], axis=-1)
