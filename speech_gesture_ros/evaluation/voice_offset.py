"""Offset between voice and motion: how much later than its voice, played from ~/audio_out, the robot moves.

    message on ~/audio_out ── its first sample i ──► pose of the stream time i / rate ──► stamp of that pose ──┐
                           └─ time of publishing, at which a player begins it ─────────────────────────────────┤ minus
    poses, retargeted ──► expected joints at their stamps ── lag of the robot's joints ────────────────────────┘ plus

Poses and samples are counted from the beginning of the stream, so the result is not known modulo a message or a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.bag_recording import BagRecording
from speech_gesture_ros.retargeting import RetargetStage
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

MAX_LAG_MS = 150  # of the robot, either way
MIN_MOTION_RAD = 0.05  # of a joint whose lag is measured
ENTRY_S = 3.0  # at the beginning, in which the robot may still enter slowly


@dataclass(frozen=True)
class VoiceOffset:
    """Offset of the motion from its voice; above 0 the motion is later.

    Attributes:
        median_ms: Median over all messages [ms].
        p5_ms: 5th percentile [ms].
        p95_ms: 95th percentile [ms].
        robot_lag_ms: Part of it by which the robot's joints follow the poses, median over joints [ms].
    """

    median_ms: float
    p5_ms: float
    p95_ms: float
    robot_lag_ms: float


UNKNOWN = VoiceOffset(*[float("nan")] * 4)


def recorded_offset(recording: BagRecording, description: RobotDescription, skeleton: Skeleton) -> VoiceOffset:
    """Return the offset in a recorded run of one stream, recorded from its beginning; NaN if something is missing."""
    voice = recording.audio_out
    first = np.cumsum(voice.lengths) - voice.lengths
    return voice_offset(voice.times_ns, first / voice.sample_rate, recording.pose_times_ns,
                        expected_joints(recording.poses, description, skeleton), recording.joint_times_ns, recording.q)


def expected_joints(poses: Array, description: RobotDescription, skeleton: Skeleton) -> Array:
    """Return the (T, N) joint positions [rad] of consecutive human poses (T, J, 3) [m], from the first on."""
    return np.asarray(RetargetStage(description, skeleton).push(PoseChunk(0, poses)).values)


def voice_offset(played_ns: Times, first_s: Array, pose_ns: Times, expected: Array, joint_ns: Times, q: Array
                 ) -> VoiceOffset:
    """Return the offset.

    Args:
        played_ns: (M,) times at which messages were published again [ns].
        first_s: (M,) stream times of their first samples [s].
        pose_ns: (T,) stamps of all poses of the stream [ns].
        expected: (T, N) joint positions for them [rad].
        joint_ns: (K,) times of the robot's positions [ns].
        q: (K, N) its positions [rad].
    """
    if not len(played_ns) or len(pose_ns) <= ENTRY_S * POSE_RATE or not len(joint_ns):
        return UNKNOWN
    base = int(pose_ns[0])
    pose_s = _seconds(pose_ns, base)
    lag_s = _robot_lag_s(pose_s, expected, _seconds(joint_ns, base), q)
    known = first_s <= (len(pose_ns) - 1) / POSE_RATE
    performed_s = np.interp(first_s[known], np.arange(len(pose_ns)) / POSE_RATE, pose_s) + lag_s
    offsets_ms = 1e3 * (performed_s - _seconds(played_ns[known], base))
    p5, median, p95 = np.percentile(offsets_ms, [5, 50, 95])
    return VoiceOffset(float(median), float(p5), float(p95), 1e3 * lag_s)


def _seconds(times_ns: Times, base_ns: int) -> Array:
    return np.asarray((times_ns - base_ns) * 1e-9, dtype=np.float64)


def _robot_lag_s(pose_s: Array, expected: Array, joint_s: Array, q: Array) -> float:
    """Return the lag at which the robot's positions are closest to those expected, median over joints [s]."""
    lags_s = np.arange(-MAX_LAG_MS, MAX_LAG_MS + 1) * 1e-3
    inside = (pose_s > ENTRY_S) & (pose_s > joint_s[0] - lags_s[0]) & (pose_s < joint_s[-1] - lags_s[-1])
    found = []
    for wanted, measured in zip(expected[inside].T, q.T):
        if np.ptp(wanted, axis=0) > MIN_MOTION_RAD:
            distances = [np.linalg.norm(np.interp(pose_s[inside] + lag_s, joint_s, measured) - wanted)
                         for lag_s in lags_s]
            best = int(np.argmin(distances))
            if 0 < best < len(lags_s) - 1:  # else the joint does not follow
                found.append(lags_s[best])
    return float(np.median(found)) if found else float("nan")
