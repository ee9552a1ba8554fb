"""Frame of a source motion: its axes rotated so that z is up and the body faces x, frame by frame.

The heading of the body is the yaw of the hips (or of the shoulders, if there are no hips), smoothed: turning on the
spot is removed, twisting during speech remains.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.datasets.joint_names import SIDES
from speech_gesture_ros.datasets.mapping import COINCIDENT, ResolvedMapping
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.pose.rotations import axis_rotation, shortest_arc

Array = npt.NDArray[np.float64]

HIPS_HZ, SHOULDERS_HZ = 0.25, 0.1  # slower turning is removed
UPRIGHT_COSINE = 0.9  # within which a bind pose counts as upright and level
TRUNK_COSINE = 0.8  # below which the up axis is doubtful
HIGHEST_CUTOFF = 0.45  # of the frame rate
PADDING_PERIODS = 1.5  # of the cut-off frequency


class SourceFrame:
    """Rotations from the axes of a source to z up, x forward.

    Args:
        motion: The source.
        mapping: Its parts of the body.
        notes: Gets a line for each anomaly.
    """

    def __init__(self, motion: SourceMotion, mapping: ResolvedMapping, notes: list[str]) -> None:
        self.motion = motion
        joints = mapping.joints
        trunk = known_mean(motion.xyz[:, joints["head"]] - motion.xyz[:, joints["pelvis"]])
        up = _up_axis(trunk, mapping.up)
        if trunk @ up < TRUNK_COSINE * np.linalg.norm(trunk):
            notes.append("the trunk leans far from the up axis: check `up` in the mapping")
        self.upright = shortest_arc(up[None], np.array([[0.0, 0.0, 1.0]]))[0]
        self.root = motion.xyz[:, joints["pelvis"]]
        pair, cutoff = (("left_hip", "right_hip"), HIPS_HZ)
        if not all(role in joints for role in pair) or not _are_apart(motion, joints):
            pair, cutoff = ("left_shoulder", "right_shoulder"), SHOULDERS_HZ
            notes.append("no hips: the heading is that of the shoulders")
        left = (motion.xyz[:, joints[pair[0]]] - motion.xyz[:, joints[pair[1]]]) @ self.upright.T
        yaw = np.arctan2(-left[:, 0], left[:, 1])
        self.turn = axis_rotation(2, -_smooth(yaw, motion.frame_rate, cutoff)) @ self.upright  # (T, 3, 3)
        self._check_sides(joints, notes)

    def point(self, joint: int) -> Array:
        """Return (T, 3) a joint relative to the pelvis."""
        return self.vector(self.motion.xyz[:, joint] - self.root)

    def vector(self, vector: Array) -> Array:
        """Return (T, 3) a vector of the source."""
        return np.asarray((self.turn @ vector[..., None])[..., 0])

    def carried(self, joint: int, bind_direction: Array) -> Array:
        """Return (T, 3) a direction of the bind pose, rotated with a joint."""
        assert self.motion.turns is not None
        return self.vector(self.motion.turns[:, joint] @ bind_direction)

    def bind_forward(self, joints: dict[str, int]) -> Array | None:
        """Return forward in the bind pose, in source axes; None if that pose is not upright and level."""
        bind = self.motion.bind_xyz
        if bind is None or self.motion.turns is None:
            return None
        up = self.upright[2]
        trunk = unit(bind[joints["head"]] - bind[joints["pelvis"]])
        left = unit(bind[joints["left_shoulder"]] - bind[joints["right_shoulder"]])
        if not (trunk @ up > UPRIGHT_COSINE and abs(left @ up) < np.sqrt(1 - UPRIGHT_COSINE**2)):
            return None
        return unit(np.cross(left, up))

    def beyond(self, joint: int, start: Array, least: float) -> Array | None:
        """Return (T, 3) a joint, or its first descendant away from the start (T, 3); None if there is none."""
        while True:
            point = self.point(joint)
            if np.linalg.norm(known_mean(np.abs(point - start))) > least:
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
            notes.append("toes point backwards: left and right may be exchanged in the mapping or the file")


def _are_apart(motion: SourceMotion, joints: dict[str, int]) -> bool:
    """Return whether the hips have a direction: joints of length zero are both at the pelvis."""
    trunk = motion.distance(joints["pelvis"], joints["head"])
    return motion.distance(joints["left_hip"], joints["right_hip"]) > COINCIDENT * trunk


def unit(vector: Array) -> Array:
    """Return unit vectors; NaN for those without length."""
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.asarray(np.where(length > 1e-12, vector / np.where(length > 1e-12, length, 1.0), np.nan))


def known_mean(vectors: Array) -> Array:
    """Return (3,) the mean of the known vectors; zero if none is known."""
    known = np.isfinite(vectors).all(axis=-1)
    return np.asarray(vectors[known].mean(axis=0)) if known.any() else np.zeros(vectors.shape[-1])


def _up_axis(trunk: Array, name: str) -> Array:
    """Return the unit vector of an axis such as "-y"; for "auto" the axis along the trunk."""
    up = np.zeros(3)
    if name == "auto":
        axis = int(np.argmax(np.abs(trunk)))
        up[axis] = np.sign(trunk[axis]) or 1.0
    else:
        up["xyz".index(name[-1])] = -1.0 if name[0] == "-" else 1.0
    return up


def _smooth(yaw: Array, rate: float, cutoff_hz: float) -> Array:
    """Return (T,) yaw behind a low-pass without delay; gaps are interpolated."""
    known = np.isfinite(yaw)
    if not known.any():
        return np.zeros_like(yaw)
    steps = np.arange(len(yaw))
    whole = np.interp(steps, steps[known], np.unwrap(yaw[known]))
    if cutoff_hz >= HIGHEST_CUTOFF * rate or len(whole) < 4:
        return np.full_like(whole, whole.mean())
    sections = signal.butter(2, cutoff_hz, fs=rate, output="sos")
    padding = min(len(whole) - 1, round(PADDING_PERIODS * rate / cutoff_hz))
    return np.asarray(signal.sosfiltfilt(sections, whole, padlen=padding))
