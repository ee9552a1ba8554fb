"""Motion of elbows, shoulders and forearms. Positions (T, J, 3) in metres, low-passed at 6 Hz first.

    shoulder lift     height of a shoulder over the chest, along the axis of the torso
    elbow speed       of the elbow relative to the middle of the shoulders
    forearm roll      rotation of the hand about the forearm, relative to the plane of the arm
    wrist flexion     change of the angle between forearm and hand

Motion that moves only wrists shows here: its elbows and shoulders stand still.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import Floats, low_pass
from speech_gesture_ros.evaluation.metrics.body_frame import SIDES, between_shoulders, heading, turn_to_heading

Frames = npt.NDArray[np.floating]

STRAIGHT_SINE = 0.17  # of the angle at the elbow; below it (10 deg) the arm has no plane to measure the roll against


def elbow_speeds(joint_xyz: Frames, fps: float, skeleton: Skeleton) -> Floats:
    """(T, 2) speed of left and right elbow relative to the shoulders, along the heading [m/s]."""
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    elbows = np.stack([xyz[:, skeleton.index[f"{side}_elbow"]] for side in SIDES], axis=1)
    local = turn_to_heading(elbows - between_shoulders(xyz, skeleton)[:, None], heading(xyz, fps, skeleton))
    return np.asarray(np.linalg.norm(np.gradient(low_pass(local, fps), 1.0 / fps, axis=0), axis=-1))


def shoulder_lifts(joint_xyz: Frames, fps: float, skeleton: Skeleton) -> Floats:
    """(T, 2) height of left and right shoulder over the chest, along the torso, less its mean [m]."""
    xyz = low_pass(joint_xyz, fps)
    at = {name: xyz[:, skeleton.index[name]] for name in ("spine2", "chest", "neck")}
    up = _unit(at["neck"] - at["spine2"])
    lifts = np.stack([np.sum((xyz[:, skeleton.index[f"{side}_shoulder"]] - at["chest"]) * up, axis=1)
                      for side in SIDES], axis=1)
    return np.asarray(lifts - lifts.mean(axis=0))


def forearm_roll_speeds(joint_xyz: Frames, fps: float, skeleton: Skeleton) -> Floats:
    """(K,) speed of the rotation of both hands about their forearms [deg/s], of frames in which the elbow is bent."""
    xyz = low_pass(joint_xyz, fps)
    speeds = []
    for side in SIDES:
        shoulder, elbow, wrist, hand, thumb = (xyz[:, skeleton.index[f"{side}_{part}"]]
                                               for part in ("shoulder", "elbow", "wrist", "hand", "thumb"))
        axis = _unit(wrist - elbow)
        upper = _unit(elbow - shoulder)
        across = np.cross(upper, axis)
        bent = np.linalg.norm(across, axis=1) > STRAIGHT_SINE
        normal = _unit(across)
        side_way = thumb - wrist
        palm = np.cross(_unit(hand - wrist), side_way)
        palm = palm - np.sum(palm * axis, axis=1, keepdims=True) * axis
        angle = np.unwrap(np.arctan2(np.sum(np.cross(normal, palm) * axis, axis=1), np.sum(normal * palm, axis=1)))
        both = bent[1:] & bent[:-1]
        speeds.append(np.degrees(np.abs(np.diff(angle)))[both] * fps)
    return np.concatenate(speeds)


def wrist_flexion_speeds(joint_xyz: Frames, fps: float, skeleton: Skeleton) -> Floats:
    """(T - 1, 2) speed at which the angle between forearm and hand changes [deg/s]."""
    xyz = low_pass(joint_xyz, fps)
    angles = []
    for side in SIDES:
        elbow, wrist, hand = (xyz[:, skeleton.index[f"{side}_{part}"]] for part in ("elbow", "wrist", "hand"))
        cosine = np.sum(_unit(wrist - elbow) * _unit(hand - wrist), axis=1)
        angles.append(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
    return np.asarray(np.abs(np.diff(np.stack(angles, axis=1), axis=0)) * fps)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
