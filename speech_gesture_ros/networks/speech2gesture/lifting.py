"""Image keypoints to the canonical skeleton: the depth of a bone follows from its length and its length in the image.

    in the image, of length l            d = sqrt(L^2 - l^2)
        o-------o                  ─►    towards the viewer or away: +d or -d
           l < L

Torso and head stand upright at rest; the image has too little information about them. Of the four possible depths of an
arm the one is chosen that is closest to the frame before and to usual poses of people: hands in front of the body. A
bone that is longer in the image than its length lies in the image plane. Depth changes by `MAX_DEPTH_SPEED` at most: if
a bone is near the plane, a millimetre in the image is centimetres in depth.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.keypoints import HAND_POINT, KEYPOINT_INDEX, THUMB_POINT
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton

Floats = npt.NDArray[np.float64]

MAX_DEPTH_SPEED = 1.5  # [m/s] of a bone's far end relative to its near one
USUAL_DEPTHS_M = (0.08, 0.20)  # upper arm and forearm of people who gesture, towards the viewer
USUAL_WEIGHT = 0.05  # cost of a deviation from the usual depths, relative to one from the frame before
BEHIND_WEIGHT = 2.0  # cost of a wrist behind its shoulder
SIDES = ("left", "right")
_SIGNS = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=np.float64)


@dataclass
class _State:
    depths: dict[str, Floats] = field(default_factory=dict)  # per side: upper arm, forearm, hand, thumb [m]


class ArmLifter:
    """(T, 49, 2) keypoints at 25 Hz to (T, J, 3) poses [m], frame by frame; the same for any chunking.

    Args:
        skeleton: The canonical upper body.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._skeleton = skeleton
        self._chains = {side: _Chain(skeleton, side) for side in SIDES}
        self.reset()

    def reset(self) -> None:
        """Clear the state: the next frame is the first."""
        self._state = _State()

    def lift(self, keypoints: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Lift consecutive finite frames [m], relative to the base, on a body with the skeleton's shoulder width."""
        xy = np.asarray(keypoints, dtype=np.float64)
        bones = np.broadcast_to(self._skeleton.offsets, (len(xy), len(self._skeleton), 3)).copy()
        for side, chain in self._chains.items():
            flat = chain.image_bones(xy)
            before = self._state.depths.get(side)
            for i, plane in enumerate(flat):
                before = chain.choose_depths(plane, before)
                bones[i, chain.joints] = chain.place(plane, before)
            if before is not None:
                self._state.depths[side] = before
        return self._skeleton.xyz_from_bones(bones).astype(np.float32)


class _Chain:
    """Upper arm, forearm, hand and thumb of one side."""

    def __init__(self, skeleton: Skeleton, side: str) -> None:
        self.joints = [skeleton.index[f"{side}_{part}"] for part in ("elbow", "wrist", "hand", "thumb")]
        self.lengths = skeleton.bone_lengths[self.joints]
        rest = skeleton.offsets[self.joints]
        self.spread = float(rest[2] @ rest[3])  # of hand and thumb: the same in every pose
        ends = (f"{side}_elbow", f"{side}_wrist", f"{side}_hand_{HAND_POINT}", f"{side}_hand_{THUMB_POINT}")
        starts = (f"{side}_shoulder", f"{side}_elbow", f"{side}_hand_root", f"{side}_hand_root")
        self._ends, self._starts = [KEYPOINT_INDEX[name] for name in ends], [KEYPOINT_INDEX[name] for name in starts]

    def image_bones(self, keypoints: Floats) -> Floats:
        """(T, 49, 2) to (T, 4, 2): left and up of each bone, no longer than the bone."""
        flat = (keypoints[:, self._ends] - keypoints[:, self._starts]) * (1.0, -1.0)
        return np.asarray(flat * np.minimum(1.0, self.lengths / np.maximum(_length(flat), 1e-9))[..., None])

    def choose_depths(self, plane: Floats, before: Floats | None) -> Floats:
        """(4, 2) bones in the image to (4,) depths towards the viewer [m]."""
        possible = np.sqrt(np.maximum(self.lengths**2 - _length(plane) ** 2, 0.0))
        arms = _SIGNS * possible[:2]
        cost = USUAL_WEIGHT * np.sum((arms - USUAL_DEPTHS_M) ** 2, axis=1)
        cost += BEHIND_WEIGHT * np.minimum(0.0, arms.sum(axis=1)) ** 2
        if before is not None:
            cost += np.sum((arms - before[:2]) ** 2, axis=1)
        depths = np.array([*arms[np.argmin(cost)], 0.0, 0.0])
        depths[2] = self._hand_depth(depths[1], possible[2], before)
        depths[3] = self._thumb_depth(plane, depths[2], possible[3])
        if before is not None:
            step = MAX_DEPTH_SPEED / POSE_RATE
            depths = before + np.clip(depths - before, -step, step)
        return depths

    def _hand_depth(self, forearm: float, possible: float, before: Floats | None) -> float:
        """Depth of the hand on the side of its forearm and of the hand in the frame before."""
        target = forearm / self.lengths[1] * self.lengths[2]
        if before is not None:
            target = 0.5 * (target + before[2])
        return possible if target >= 0 else -possible

    def _thumb_depth(self, plane: Floats, hand: float, possible: float) -> float:
        """Depth of the thumb that best keeps its angle to the hand."""
        missing = self.spread - float(plane[2] @ plane[3])
        return possible if abs(hand * possible - missing) <= abs(hand * possible + missing) else -possible

    def place(self, plane: Floats, depths: Floats) -> Floats:
        """(4, 3) bones of the skeleton's lengths: chosen depth, and the direction in the image."""
        depth = np.clip(depths, -self.lengths, self.lengths)
        length = _length(plane)
        left = np.sqrt(np.maximum(self.lengths**2 - depth**2, 0.0))
        direction = np.where(length[:, None] > 1e-9, plane / np.maximum(length, 1e-9)[:, None], (0.0, -1.0))
        return np.column_stack([depth, direction * left[:, None]])


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.linalg.norm(vectors, axis=-1))
