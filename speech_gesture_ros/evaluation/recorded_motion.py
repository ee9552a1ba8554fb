"""Recorded motion of a clip on the canonical skeleton: as it was captured, or lifted from keypoints of a video."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.keypoints import KEYPOINT_RATE, ROOT_KEYPOINT
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.networks.speech2gesture.lifting import ArmLifter

SEEN = 0.05  # confidence from which on a keypoint counts


def recorded_motion(clip: Clip, skeleton: Skeleton) -> npt.NDArray[np.float32] | None:
    """(T, J, 3) at 25 Hz [m]; None if the clip has neither motion nor keypoints that were ever seen.

    Keypoints that were not seen are interpolated from those before and after. Depth is a guess of the lift: figures
    of lifted motion compare with figures of motion lifted the same way only.
    """
    if clip.joint_xyz is not None:
        return clip.joint_xyz
    if clip.keypoints is None or not len(clip.keypoints):
        return None
    times = np.arange(clip.num_frames) / POSE_RATE
    own = np.arange(len(clip.keypoints)) / KEYPOINT_RATE
    seen = clip.keypoints[..., 2] > SEEN
    if not seen.any(axis=0).all():
        return None
    points = np.empty((len(times), clip.keypoints.shape[1], 2))
    for k in range(points.shape[1]):
        for axis in range(2):
            points[:, k, axis] = np.interp(times, own[seen[:, k]], clip.keypoints[seen[:, k], k, axis])
    return ArmLifter(skeleton).lift(points - points[:, [ROOT_KEYPOINT]])
