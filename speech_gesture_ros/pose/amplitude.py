"""How large the arms gesture: each bone's turn away from where it rests, made smaller or larger.

        rest ●────────────● as the model made it        share 1
             ●──────●                                   share 0.5: half the angle, on the same great circle
             ●───────────────● larger                   share 1.5: half as much again, but see below

Bone lengths stay exact, and share 1 changes nothing at all. Beyond 1 a small turn grows in proportion and a large one
by `MOST_EXTRA_RAD` at most: a nearly stretched arm is not bent over the elbow.

A new share is reached along a minimum-jerk curve over `RAMP_S`, however often it is changed. It is tied to the pose
frame from which it was asked for, so that any chunking of the stream gives the same frames.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.blending import bone_length, minimum_jerk_kernel, turn_towards

Array = npt.NDArray[np.float64]

RAMP_S = 1.0  # from one share to the next: 0.3 m of excursion changed at 0.6 m/s at most
MOST_EXTRA_RAD = 0.25  # 14 degrees a bone
STILL = 0.25  # activity below which the hands sink to rest, whatever the model makes of it
ARM = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("elbow", "wrist", "hand", "thumb"))


class Amplitude:
    """Scales the arms of a pose stream about a resting pose, frame for frame.

    Args:
        skeleton: Whose bones they are; joints of the arms that it lacks are left out.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._skeleton = skeleton
        self._arm = np.array([skeleton.index[name] for name in ARM if name in skeleton.index])
        self._kernel = minimum_jerk_kernel(RAMP_S)
        self._wanted = 1.0
        self.reset()

    def set_controls(self, controls: GestureControls) -> None:
        """Take the share that the controls mean, from the next frame on."""
        self._wanted = controls.amplitude * min(1.0, controls.activity / STILL)

    def reset(self) -> None:
        """Begin anew with the share that was set last, without a ramp."""
        self._past = np.full(round(RAMP_S * POSE_RATE) - 1, self._wanted)

    def push(self, resting: Array, moving: Array) -> Array:
        """Scale the next frames.

        Args:
            resting: (T, J, 3) pose of the body at rest [m].
            moving: (T, J, 3) pose to scale [m].

        Returns:
            (T, J, 3) [m]; bones as long as those of `moving`.
        """
        count = len(moving)
        window = np.concatenate([self._past, np.full(count, self._wanted)])
        self._past = window[count:]
        if not len(self._arm) or (window == 1.0).all():
            return moving
        share = np.array([self._kernel @ window[i : i + len(self._kernel)] for i in range(count)])
        first, bones = (self._skeleton.bones_from_xyz(pose) for pose in (resting, moving))
        bones[:, self._arm] = _scale(first[:, self._arm], bones[:, self._arm], share[:, None, None])
        return self._skeleton.xyz_from_bones(bones)


def _scale(first: Array, second: Array, share: Array) -> Array:
    """(T, K, 3) bones, turned from `first` to `second` and beyond by (T, 1, 1) shares."""
    length_1, length_2 = bone_length(first), bone_length(second)
    cosine = np.einsum("tkc,tkc->tk", first, second)[..., None] / np.maximum(length_1 * length_2, 1e-12)
    angle = np.maximum(np.arccos(np.clip(cosine, -1.0, 1.0)), 1e-9)
    extra = MOST_EXTRA_RAD * np.tanh(np.maximum(share - 1.0, 0.0) * angle / MOST_EXTRA_RAD)
    return turn_towards(first * (length_2 / np.maximum(length_1, 1e-12)), second,
                        np.minimum(share, 1.0) + extra / angle)
