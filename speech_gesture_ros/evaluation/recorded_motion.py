"""Recorded motion of a clip on the canonical skeleton: as captured, or lifted from the keypoints of a video."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.keypoints import KEYPOINT_RATE, ROOT_KEYPOINT
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.networks.speech2gesture.lifting import ArmLifter

MIN_CONFIDENCE = 0.05  # of a keypoint that counts as detected


def recorded_motion(clip: Clip, skeleton: Skeleton) -> npt.NDArray[np.float32] | None:
    """(T, J, 3) at 25 Hz [m]; None if the clip has no motion, and some keypoint is never detected.

    Keypoints that are not detected are interpolated from those before and after. The lift estimates the depth: values
    of lifted motion compare only with values of motion lifted the same way.
    """
    if clip.joint_xyz is not None:
        return clip.joint_xyz
    if clip.keypoints is None or not len(clip.keypoints):
        return None
    times = np.arange(clip.num_frames) / POSE_RATE
    own = np.arange(len(clip.keypoints)) / KEYPOINT_RATE
    detected = clip.keypoints[..., 2] > MIN_CONFIDENCE
    if not detected.any(axis=0).all():
        return None
    points = np.empty((len(times), clip.keypoints.shape[1], 2))
    for k in range(points.shape[1]):
        for axis in range(2):
            points[:, k, axis] = np.interp(times, own[detected[:, k]], clip.keypoints[detected[:, k], k, axis])
    return ArmLifter(skeleton).lift(points - points[:, [ROOT_KEYPOINT]])
