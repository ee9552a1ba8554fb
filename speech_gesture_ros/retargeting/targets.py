"""Directions of the human's body parts: targets that a robot of other proportions can reach as well.

    name              frame          from joint positions
    torso_left, _up   skeleton       right to left shoulder; spine to neck
    head_forward, _up chest          head to nose; neck to head, square to it
    *_upper_arm       chest          shoulder to elbow
    *_forearm         chest          elbow to wrist
    *_hand            chest          wrist to hand
    *_thumb           chest          wrist to thumb, square to the hand: gives the side of the palm

The chest frame has x forward, y left, z up, and moves with the torso: a robot without a waist still gestures
correctly as seen from the chest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import Skeleton

Array = npt.NDArray[np.float64]
TORSO = ("torso_left", "torso_up")
HEAD = ("head_forward", "head_up")
ARM = ("upper_arm", "forearm", "hand", "thumb")
DIRECTIONS = (*TORSO, *HEAD, *(f"{side}_{part}" for side in ("left", "right") for part in ARM))

_BONES = {
    "torso_left": ("right_shoulder", "left_shoulder"), "torso_up": ("spine1", "neck"),
    "head_forward": ("head", "nose"), "head_up": ("neck", "head"),
    **{f"{side}_{part}": (f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for part, a, b in
       (("upper_arm", "shoulder", "elbow"), ("forearm", "elbow", "wrist"), ("hand", "wrist", "hand"),
        ("thumb", "wrist", "thumb"))},
}
# Of these two the second is made square to the first.
_SQUARE = (("torso_up", "torso_left"), ("head_forward", "head_up"), ("left_hand", "left_thumb"),
           ("right_hand", "right_thumb"))


class HumanDirections:
    """Computes directions from skeleton joint positions."""

    def __init__(self, skeleton: Skeleton) -> None:
        missing = {joint for bone in _BONES.values() for joint in bone} - set(skeleton.names)
        if missing:
            raise ConfigError(f"joints of skeleton {skeleton.name!r}", sorted(missing), "present", "Add them.")
        self._from = np.array([skeleton.index[_BONES[d][0]] for d in DIRECTIONS])
        self._to = np.array([skeleton.index[_BONES[d][1]] for d in DIRECTIONS])
        self._first = np.array([DIRECTIONS.index(a) for a, _ in _SQUARE])
        self._second = np.array([DIRECTIONS.index(b) for _, b in _SQUARE])

    def read(self, joint_xyz: npt.NDArray[np.floating]) -> Array | None:
        """Compute the directions of one frame.

        Args:
            joint_xyz: (J, 3) skeleton joint positions [m].

        Returns:
            (12, 3) unit directions in the order of `DIRECTIONS`; None if a position is not finite, a bone has no
            length, or a thumb points along the hand.
        """
        xyz = np.asarray(joint_xyz, dtype=np.float64)
        if not (np.abs(xyz) < 1e6).all():  # false for NaN, too
            return None
        bones = xyz.take(self._to, axis=0) - xyz.take(self._from, axis=0)
        lengths = np.sqrt(np.einsum("dc,dc->d", bones, bones))
        if lengths.min() < 1e-6:
            return None
        bones /= lengths[:, None]
        along, across = bones.take(self._first, axis=0), bones.take(self._second, axis=0)
        across -= along * np.einsum("dc,dc->d", along, across)[:, None]
        lengths = np.sqrt(np.einsum("dc,dc->d", across, across))
        if lengths.min() < 1e-3:
            return None
        bones[self._second] = across / lengths[:, None]
        left, up = bones[:2].tolist()
        chest = np.array([_cross(left, up), left, up])  # rows: forward, left, up
        bones[2:] = bones[2:] @ chest.T
        return np.asarray(bones)


def _cross(a: list[float], b: list[float]) -> list[float]:
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
