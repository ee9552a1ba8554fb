"""A recorded run on one time axis: what is audible at `~/audio_out` and visible at the same time.

sound         begins_ns ──────────────────────────► (~/audio_out, as recorded)
robot         joint_states at the same ROS time
human         ~/skeleton at the same ROS time: its stamp is the time at which the pose is performed
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.timebase import index_to_ns
from speech_gesture_ros.evaluation.bag_recording import BagRecording

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AlignedRun:
    """Motion at 25 Hz and the sound it belongs to.

    Attributes:
        audio: (S,) mono at 16 kHz.
        times_s: (T,) seconds since the audio began; starts before 0, ends after the audio.
        q: (T, N) measured robot configurations [rad].
        joint_xyz: (T, J, 3) human joints [m].
        lead_in_s: Silence at the start of the audio, during which the robot engages: not evaluated [s].
    """

    audio: npt.NDArray[np.floating]
    times_s: Array
    q: Array
    joint_xyz: Array
    lead_in_s: float = 0.0

    @property
    def speech_frames(self) -> slice:
        """Frames to evaluate: from the end of the lead-in to the last sample of the audio."""
        first = int(np.argmax(self.times_s >= self.lead_in_s - 1e-9))
        return slice(first, first + len(self.speech) * POSE_RATE // SAMPLE_RATE)

    @property
    def speech(self) -> npt.NDArray[np.floating]:
        """The audio that belongs to `speech_frames`."""
        return self.audio[round(self.lead_in_s * SAMPLE_RATE):]


def align(recording: BagRecording, skeleton: Skeleton, before_s: float = 0.4, after_s: float = 1.4,
          lead_in_s: float = 0.0) -> AlignedRun:
    """Put a recording on the time axis of the delayed audio.

    Args:
        recording: Messages of the run.
        skeleton: Gives the pose before the first.
        before_s: Time shown before the audio begins [s].
        after_s: Time shown after it ends [s].
        lead_in_s: Silence at the start of the audio that is not evaluated [s].
    """
    from speech_gesture_ros.audio.resampler import resample

    audio_out = recording.audio_out
    audio = resample(audio_out.samples, audio_out.sample_rate, SAMPLE_RATE)
    count = round((before_s + len(audio) / SAMPLE_RATE + after_s) * POSE_RATE)
    frames = np.arange(count) - round(before_s * POSE_RATE)
    wanted_ns = audio_out.begins_ns + np.array([index_to_ns(int(k), POSE_RATE) for k in frames], dtype=np.int64)
    poses, pose_ns = recording.poses, recording.pose_times_ns
    if not len(poses):
        poses, pose_ns = skeleton.rest_xyz[None], np.array([audio_out.begins_ns], dtype=np.int64)
    return AlignedRun(
        audio=audio, times_s=frames / POSE_RATE,
        q=interpolate(recording.joint_times_ns, recording.q, wanted_ns),
        joint_xyz=interpolate(pose_ns, poses.reshape(len(poses), -1), wanted_ns).reshape(count, *poses.shape[1:]),
        lead_in_s=lead_in_s,
    )


def interpolate(times_ns: npt.NDArray[np.int64], rows: Array, wanted_ns: npt.NDArray[np.int64]) -> Array:
    """Rows at other times, linear between, constant beyond the ends; (T, N) to (W, N)."""
    base = times_ns[0]
    return np.stack([np.interp(wanted_ns - base, times_ns - base, column) for column in rows.T], axis=1)
