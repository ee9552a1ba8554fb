"""Recorded motion without speech from three public collections, on the canonical skeleton.

    reachy2_emotions      joint angles of a tele-operated Reachy 2 ─► its kinematics ─┐
    flesh_zas2025         markers of people, trc                   ───────────────────┼─► parts of the body ─► 25 Hz
    labanotation_kinect   25 Kinect joints, csv                    ───────────────────┘

Collections (`public_collections`) that are missing are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.faults import find_faults, runs
from speech_gesture_ros.datasets.joint_names import SIDES
from speech_gesture_ros.datasets.mapping import ROLES, SkeletonMapping, resolve_mapping
from speech_gesture_ros.datasets.motion_resampling import resample_directions
from speech_gesture_ros.datasets.public_collections import (
    FLESH,
    KINECT,
    REACHY,
    REACHY_ARM,
    REACHY_NECK,
    REACHY_URDF,
    flesh_files,
    kinect_files,
    reachy_files,
    read_kinect,
    read_markers,
    read_reachy,
)
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.robot.model import load_model

Array = npt.NDArray[np.float64]

ANGLE_RATE = 50.0  # [Hz] to which joint angles with time stamps are resampled
SHORTEST_S = 3.0
HEAD_SHARE = 0.55  # of the way from the neck to the top of the head, where the head joint is: at the height of the nose
PELVIS_DROP_M = 0.45  # of Reachy's pelvis below its shoulders
# Points of Reachy in its upright pose with hanging arms, relative to a link [m].
NECK_OFFSET, HEAD_OFFSET, NOSE_OFFSET = (0.0, 0.0, -0.05), (0.0, 0.0, 0.09), (0.11, 0.0, 0.09)
HAND_M, THUMB_M, THUMB_FORWARD_M = 0.09, 0.06, 0.05
_MARKERS = {  # part of the body to marker; {} is L or R; "Head" is its top
    "neck": "Neck", "head": "Head", "nose": "Nose",
    "shoulder": "{}Shoulder", "elbow": "{}Elbow", "wrist": "{}Wrist", "hand": "{}Index", "thumb": "{}Thumb",
    "hip": "{}Hip",
}
_KINECT = {  # part of the body to joint number
    "pelvis": 0, "neck": 2, "head": 3, "left_shoulder": 4, "left_elbow": 5, "left_wrist": 6, "left_hip": 12,
    "right_shoulder": 8, "right_elbow": 9, "right_wrist": 10, "right_hip": 16,
}


@dataclass(frozen=True)
class RecordedMotion:
    """One part of one recording: collection, name and (T, J, 3) at 25 Hz [m]."""

    source: str
    name: str
    joint_xyz: npt.NDArray[np.float32]


@dataclass(frozen=True)
class SourceRecording:
    """One recording with the joints of its collection, named as parts of the body.

    Attributes:
        source: Collection.
        name: Name of the recording.
        motion: Axes, units and mean frame rate of the collection.
        times_s: (T,) time stamps, which may be irregular [s].
    """

    source: str
    name: str
    motion: SourceMotion
    times_s: Array


def read_recordings(data: Path, skeleton: Skeleton) -> Iterator[RecordedMotion]:
    """Read all parts without faults of at least `SHORTEST_S`, in a fixed order.

    Args:
        data: A folder with ``motion/<collection>``, and the robot that was tele-operated under ``robots``.
        skeleton: Skeleton of the result.
    """
    for recording in read_source_recordings(data):
        for joint_xyz in _on_skeleton(recording.motion, skeleton):
            yield RecordedMotion(recording.source, recording.name, joint_xyz)


def read_source_recordings(data: Path) -> Iterator[SourceRecording]:
    """Read all recordings in a fixed order, with the axes, units and frame rates of the collections."""
    readers: tuple[tuple[str, list[Path], Callable[[Path], tuple[SourceMotion, Array] | None]], ...] = (
        (REACHY, reachy_files(data), _Reachy(data).read), (FLESH, flesh_files(data), _read_markers_motion),
        (KINECT, kinect_files(data), _read_kinect_motion))
    for source, paths, read in readers:
        for path in paths:
            found = read(path)
            if found is not None:
                yield SourceRecording(source, path.name.split(".")[0], *found)


def _on_skeleton(motion: SourceMotion, skeleton: Skeleton) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the parts without faults of a motion whose joints are named as parts of the body."""
    mapping = resolve_mapping(SkeletonMapping({role: (role,) for role in ROLES if role in motion.names}), motion)
    found = find_faults(retarget(motion, mapping, skeleton).directions, motion.frame_rate)
    for start, stop in runs(found.good & np.isfinite(found.directions).all(axis=(1, 2))):
        if stop - start >= SHORTEST_S * motion.frame_rate:
            directions = resample_directions(found.directions[start:stop], motion.frame_rate)
            yield skeleton.xyz_from_bones(directions * skeleton.bone_lengths[:, None]).astype(np.float32)


def _motion_of_points(points: dict[str, Array], frame_rate: float) -> SourceMotion:
    """Return parts of the body (T, 3) as a motion without parents; a missing pelvis is put between the hips."""
    if "pelvis" not in points:
        points = {**points, "pelvis": 0.5 * (points["left_hip"] + points["right_hip"])}
    return SourceMotion(tuple(points), -np.ones(len(points), dtype=np.int64),
                        np.stack(list(points.values()), axis=1), frame_rate)


class _Reachy:
    """Reads joint angles of a Reachy 2 and computes the positions of its parts."""

    def __init__(self, data: Path) -> None:
        self._urdf = data / REACHY_URDF

    def read(self, path: Path) -> tuple[SourceMotion, Array] | None:
        """Return the parts of the body of one recording and its times; None if it is empty."""
        times, angles = read_reachy(path)
        if len(times) < 2:
            return None
        grid = np.arange(times[0], times[-1], 1.0 / ANGLE_RATE)
        angles = np.stack([np.interp(grid, times, column) for column in angles.T], axis=1)
        return _motion_of_points(self._points(angles), ANGLE_RATE), grid

    def _points(self, angles: Array) -> dict[str, Array]:
        model = load_model(self._urdf)
        kinematics = model.kinematics([*REACHY_NECK, *(f"{side}_{part}" for side in "lr" for part in REACHY_ARM)])
        child = {joint.name: joint.child for joint in model.urdf.joints}
        links = {f"{side}_{part}": child[f"{side[0]}_{joint}"] for side in SIDES for part, joint in
                 (("shoulder", "shoulder_pitch"), ("elbow", "elbow_pitch"), ("wrist", "wrist_roll"))}
        upright = dict(zip(links, kinematics.origins(*links.values())))  # at zero: arms hang, thumbs and face forward
        ends = {"neck": (child["neck_roll"], np.array(NECK_OFFSET)), "head": (child["neck_yaw"], np.array(HEAD_OFFSET)),
                "nose": (child["neck_yaw"], np.array(NOSE_OFFSET))}
        for side in SIDES:
            along = upright[f"{side}_wrist"] - upright[f"{side}_elbow"]
            along /= np.linalg.norm(along)
            for part, offset in (("hand", HAND_M * along), ("thumb", THUMB_M * along + [THUMB_FORWARD_M, 0.0, 0.0])):
                ends[f"{side}_{part}"] = (child[f"{side[0]}_wrist_yaw"], offset)
        turned = [np.linalg.inv(kinematics.rotation(link)) @ offset for link, offset in ends.values()]
        names = [*links, *ends]
        places = kinematics.model.points([*links.values(), *(link for link, _ in ends.values())],
                                         np.concatenate([np.zeros((6, 3)), turned]))
        found = np.empty((len(angles), len(names), 3))
        for row, q in zip(found, angles):
            kinematics.update(q)
            row[:] = kinematics.positions(places)
        points = {name: found[:, i] for i, name in enumerate(names)}
        shoulders = 0.5 * (points["left_shoulder"] + points["right_shoulder"])
        return {**points, "pelvis": shoulders - [0.0, 0.0, PELVIS_DROP_M]}


def _read_markers_motion(path: Path) -> tuple[SourceMotion, Array]:
    times, at, rate = read_markers(path)
    points: dict[str, Array] = {}
    for role, marker in _MARKERS.items():
        if "{}" in marker:
            points |= {f"{side}_{role}": at[marker.format(side[0].upper())] for side in SIDES}
        else:
            points[role] = at[marker]
    points["head"] = points["neck"] + HEAD_SHARE * (points["head"] - points["neck"])
    return _motion_of_points(points, rate), times


def _read_kinect_motion(path: Path) -> tuple[SourceMotion, Array]:
    times, joints = read_kinect(path)
    rate = (len(times) - 1) / float(times[-1])
    return _motion_of_points({role: joints[:, i] for role, i in _KINECT.items()}, rate), times
