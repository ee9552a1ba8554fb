"""Requested gestures: planned on the time axis of the stream and blended into its poses.

    planned by their first frame       per pose frame
    nod     head      |--|             base pose ─► arms: rotated towards the gesture's, by its weight
    stop    right   |--------|                   ─► torso, shoulders, head: rotated by the sum of the gestures
    point   right        |--------|              ─► pose with unchanged bone lengths

If two gestures use the same arm, the later one takes it over. A gesture is tied to frames of the stream: any chunking
gives the same motion if the gesture is requested before its first frame is returned.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.blending import turn_towards
from speech_gesture_ros.pose.gesture_library import SHAPES, load_gestures
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.gesture_tracks import GestureTrack, arm_bones, make_tracks
from speech_gesture_ros.pose.rotations import orthogonal, rotate, unit

Array = npt.NDArray[np.float64]

MAX_LATE_S = 0.6  # a gesture that would be later than this after its word is rejected
MIN_INTERVAL_S = 0.4  # between the beginnings of two gestures of one part of the body
MAX_CONCURRENT = 2  # gestures that rotate one part of the body at a time
MAX_PLANNED = 100
SIDES = ("left", "right")
SHAPED = 0.3  # weight of a gesture from which it shapes the hand
NO_SHAPE = -1
SPINE_SHARES = {"spine1": 0.2, "spine2": 0.5, "chest": 0.8}  # of the torso's rotation; joints above have all of it
HEAD_SHARES = {"head": 0.5, "nose": 1.0}
MAX_TURN_RAD = {"torso": math.radians(40.0), "head": math.radians(45.0), "shoulders": math.radians(25.0)}


@dataclass(frozen=True)
class GestureTiming:
    """Times of a gesture on the stream.

    Attributes:
        start: Beginning [pose frames].
        stroke: Stroke instant [pose frames].
        stop: End [pose frames].
        late_s: Lateness of the stroke instant [s].
    """

    start: float
    stroke: float
    stop: float
    late_s: float = 0.0


@dataclass
class _Planned:
    """Gesture on the stream, and the frames from which a later one has taken over its arms."""

    tracks: dict[str, GestureTrack]
    timing: GestureTiming
    shape: HandShape | None = None
    taken_over: dict[str, float] = field(default_factory=dict)

    def begins(self, part: str) -> float:
        return self.timing.stroke + self.tracks[part].start_s * POSE_RATE

    def reaches(self, part: str) -> float:
        """Frame at which the first key is reached."""
        return self.timing.stroke + float(self.tracks[part].times[0]) * POSE_RATE

    def ends(self, part: str) -> float:
        return self.timing.stroke + self.tracks[part].stop_s * POSE_RATE


class RequestedGestures:
    """Planner of gesture requests, which also applies them to the poses, frame by frame.

    Args:
        skeleton: Skeleton with joint names of the canonical upper body; parts that it lacks are left out.

    Attributes:
        shapes: (T, 2) `HandShape` of left and right hand at the T poses pushed last; `NO_SHAPE` without a gesture.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._skeleton = skeleton
        self._above_spine = np.array([i for i, name in enumerate(skeleton.names) if i and name not in SPINE_SHARES])
        self.reset()

    def reset(self) -> None:
        """Drop all planned gestures."""
        self._planned: list[_Planned] = []
        self.shapes = np.zeros((0, 2), np.int8)

    def plan(self, request: GestureRequest, stroke: float | None, horizon: int) -> GestureTiming:
        """Plan a gesture.

        Args:
            request: The gesture and its parameters.
            stroke: Pose frame of the stroke instant, fractions allowed; None for as soon as possible.
            horizon: First frame that can still be changed.

        Raises:
            InputError: If the gesture is unknown, would be too late, or a part of the body is in use.
        """
        gestures = load_gestures()
        if request.gesture not in gestures:
            raise InputError("gesture", request.gesture, f"one of {', '.join(gestures)}", "Check the spelling.")
        tracks = make_tracks(gestures[request.gesture], request)
        lead = -min(track.start_s for track in tracks.values()) * POSE_RATE
        tail = max(track.stop_s for track in tracks.values()) * POSE_RATE
        earliest = horizon + lead
        target = self._first_free(tracks, earliest) if stroke is None else stroke
        late_s = max(0.0, earliest - target) / POSE_RATE
        if late_s > MAX_LATE_S:
            raise InputError(f"lateness of {request.gesture}", f"{late_s:.2f} s", f"{MAX_LATE_S} s or less",
                             f"Request it {lead / POSE_RATE:.2f} s or more before its stroke.")
        at = max(target, earliest)
        named = gestures[request.gesture].fingers
        planned = _Planned(tracks, GestureTiming(at - lead, at, at + tail, late_s), SHAPES[named] if named else None)
        self._admit(planned, request.gesture)
        return planned.timing

    def push(self, start_index: int, joint_xyz: Array) -> Array:
        """Apply the planned gestures to the next (T, J, 3) poses [m]; bone lengths do not change."""
        stop_index = start_index + len(joint_xyz)
        self.shapes = np.full((len(joint_xyz), 2), NO_SHAPE, np.int8)
        active = [p for p in self._planned if p.timing.start < stop_index and p.timing.stop > start_index]
        self._planned = [p for p in self._planned if p.timing.stop > stop_index]
        if not active or not len(joint_xyz):
            return joint_xyz
        frames = np.arange(start_index, stop_index, dtype=np.float64)
        bones = self._skeleton.bones_from_xyz(joint_xyz)
        chest = _chest_axes(self._skeleton, joint_xyz)
        for planned in active:
            self._move_arms(bones, planned, frames, chest)
        turns = {part: self._sum(active, part, frames) for part in MAX_TURN_RAD}
        self._turn(bones, turns, chest)
        return self._skeleton.xyz_from_bones(bones)

    def _first_free(self, tracks: dict[str, GestureTrack], earliest: float) -> float:
        """First stroke frame from `earliest` on at which earlier gestures of the same parts have been shown."""
        stroke = earliest
        for other in self._planned:
            for part in tracks.keys() & other.tracks.keys():
                shown = other.timing.stroke + float(other.tracks[part].times[-1]) * POSE_RATE
                stroke = max(stroke, shown - tracks[part].start_s * POSE_RATE)
        return stroke

    def _admit(self, new: _Planned, name: str) -> None:
        if len(self._planned) >= MAX_PLANNED:
            raise InputError("gestures planned", len(self._planned), f"{MAX_PLANNED} at most", "Wait for some to end.")
        for part in new.tracks:
            sharing = [other for other in self._planned if part in other.tracks]
            is_near = any(abs(new.begins(part) - other.begins(part)) < MIN_INTERVAL_S * POSE_RATE - 1e-6
                          for other in sharing)
            is_full = part in MAX_TURN_RAD and _concurrent(new, sharing, part) >= MAX_CONCURRENT
            if is_near or is_full:
                raise InputError(f"{part} for {name}", "in use by another gesture", "free",
                                 f"Gestures of one part of the body begin {MIN_INTERVAL_S} s apart, "
                                 f"{MAX_CONCURRENT} at a time.")
        for part in ("left", "right"):
            for other in (o for o in self._planned if part in o.tracks and part in new.tracks):
                first, second = sorted((new, other), key=lambda p: p.begins(part))
                first.taken_over[part] = min(first.taken_over.get(part, math.inf), second.reaches(part))
        self._planned = sorted([*self._planned, new], key=lambda p: p.timing.start)

    def _move_arms(self, bones: Array, planned: _Planned, frames: Array, chest: Array) -> None:
        time_s = (frames - planned.timing.stroke) / POSE_RATE
        for side in SIDES:
            track = planned.tracks.get(side)
            if track is None:
                continue
            weight = track.weight(time_s) * (frames < planned.taken_over.get(side, math.inf))
            if planned.shape is not None:
                self.shapes[weight > SHAPED, SIDES.index(side)] = planned.shape
            for joint, bone in arm_bones(self._skeleton, side, track.at(time_s)).items():
                target = np.einsum("tij,tj->ti", chest, bone)[:, None]
                bones[:, joint] = turn_towards(bones[:, [joint]], target, weight[:, None, None])[:, 0]

    def _sum(self, active: list[_Planned], part: str, frames: Array) -> Array:
        """(T, C) sum of the rotations of all gestures [rad], at most `MAX_TURN_RAD`."""
        total = np.zeros((len(frames), 1 if part == "shoulders" else 3))
        for planned in active:
            if part in planned.tracks:
                track, time_s = planned.tracks[part], (frames - planned.timing.stroke) / POSE_RATE
                total += track.at(time_s) * track.weight(time_s)[:, None]
        size = np.linalg.norm(total, axis=1, keepdims=True)
        return np.asarray(total * np.minimum(1.0, MAX_TURN_RAD[part] / np.maximum(size, 1e-12)))

    def _turn(self, bones: Array, turns: dict[str, Array], chest: Array) -> None:
        """Rotate (T, J, 3) bones in place: shoulders, then the head on the torso, then the torso with all above it."""
        index = self._skeleton.index
        torso, head = (np.einsum("tij,tj->ti", chest, turns[part]) for part in ("torso", "head"))
        for side, sign in (("left", 1.0), ("right", -1.0)):
            lift = sign * turns["shoulders"] * chest[:, :, 0]
            shoulder = index[f"{side}_shoulder"]
            bones[:, shoulder] = rotate(lift, bones[:, shoulder])
        for name, share in HEAD_SHARES.items():
            if name in index:
                bones[:, index[name]] = rotate(share * head, bones[:, index[name]])
        for name, share in SPINE_SHARES.items():
            if name in index:
                bones[:, index[name]] = rotate(share * torso, bones[:, index[name]])
        bones[:, self._above_spine] = rotate(torso[:, None], bones[:, self._above_spine])


def _concurrent(new: _Planned, others: list[_Planned], part: str) -> int:
    """Largest number of the others that rotate the part at once during the new one."""
    begin, end = new.begins(part), new.ends(part)
    instants = [begin, *(o.begins(part) for o in others if begin < o.begins(part) < end)]
    return max(sum(o.begins(part) <= t < o.ends(part) for o in others) for t in instants)


def _chest_axes(skeleton: Skeleton, joint_xyz: Array) -> Array:
    """(T, 3, 3) forward, left, up of the chest as columns."""
    index = skeleton.index
    left = unit(joint_xyz[:, index["left_shoulder"]] - joint_xyz[:, index["right_shoulder"]])
    up = unit(orthogonal(joint_xyz[:, index.get("neck", index["chest"])] - joint_xyz[:, 0], left))
    return np.stack([np.cross(left, up), left, up], axis=-1)
