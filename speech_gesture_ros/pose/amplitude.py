"""Amplitude of the arms: the rotation of each bone away from its resting direction, scaled.

        rest ●────────────● output of the model         share 1
             ●──────●                                   share 0.5: half the angle, on the same great circle
             ●───────────────● larger                   share 1.5: half as much again, but see below

Bone lengths stay exact, and share 1 changes nothing. Beyond 1 a small rotation grows in proportion and a large one by
`MAX_EXTRA_RAD` at most, so that a nearly stretched arm is not bent the wrong way.

A new share is reached along a minimum-jerk curve over `RAMP_S`, also if it changes several times. It is tied to the
pose frame from which it was set, so that any chunking of the stream gives the same frames.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.blending import bone_length, turn_towards
from speech_gesture_ros.pose.minimum_jerk import minimum_jerk_kernel

Array = npt.NDArray[np.float64]

RAMP_S = 1.0  # from one share to the next: 0.3 m of excursion changed at 0.6 m/s at most
MAX_EXTRA_RAD = 0.25  # 14 degrees a bone
REST_ACTIVITY = 0.25  # activity below which the share falls to 0, for every model
ARM_JOINTS = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("elbow", "wrist", "hand", "thumb"))


class Amplitude:
    """Scaling of the arms of a pose stream about a resting pose, frame by frame.

    Args:
        skeleton: Skeleton of the poses; joints of the arms that it lacks are left out.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._skeleton = skeleton
        self._arm = np.array([skeleton.index[name] for name in ARM_JOINTS if name in skeleton.index])
        self._kernel = minimum_jerk_kernel(RAMP_S)
        self._target = 1.0
        self.reset()

    def set_controls(self, controls: GestureControls) -> None:
        """Set the share from amplitude and activity, from the next frame on."""
        self._target = controls.amplitude * min(1.0, controls.activity / REST_ACTIVITY)

    def reset(self) -> None:
        """Return to the state of a new object; the share that was set last applies at once."""
        self._past = np.full(round(RAMP_S * POSE_RATE) - 1, self._target)

    def push(self, resting: Array, moving: Array) -> Array:
        """Scale the next frames.

        Args:
            resting: (T, J, 3) pose of the body at rest [m].
            moving: (T, J, 3) pose to scale [m].

        Returns:
            (T, J, 3) [m]; bones as long as those of `moving`.
        """
        count = len(moving)
        window = np.concatenate([self._past, np.full(count, self._target)])
        self._past = window[count:]
        if not len(self._arm) or (window == 1.0).all():
            return moving
        share = np.array([self._kernel @ window[i : i + len(self._kernel)] for i in range(count)])
        first, bones = (self._skeleton.bones_from_xyz(pose) for pose in (resting, moving))
        bones[:, self._arm] = _scale(first[:, self._arm], bones[:, self._arm], share[:, None, None])
        return self._skeleton.xyz_from_bones(bones)


def _scale(first: Array, second: Array, share: Array) -> Array:
    """Rotate (T, K, 3) bones from `first` to `second` and beyond by (T, 1, 1) shares."""
    length_1, length_2 = bone_length(first), bone_length(second)
    cosine = np.einsum("tkc,tkc->tk", first, second)[..., None] / np.maximum(length_1 * length_2, 1e-12)
    angle = np.maximum(np.arccos(np.clip(cosine, -1.0, 1.0)), 1e-9)
    extra = MAX_EXTRA_RAD * np.tanh(np.maximum(share - 1.0, 0.0) * angle / MAX_EXTRA_RAD)
    return turn_towards(first * (length_2 / np.maximum(length_1, 1e-12)), second,
                        np.minimum(share, 1.0) + extra / angle)
